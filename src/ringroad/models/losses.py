"""Losses of the reference network, masked by what was annotated."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ringroad.models.targets import IGNORE

SIDES_WEIGHT = 1.5
STATE_WEIGHT = 0.3
FOCAL_POWER = 2.0
NEAR_POWER = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Losses:
    """Parts of the loss of a batch; `total` is their weighted sum."""

    heat: Tensor
    sides: Tensor
    state: Tensor
    total: Tensor


def losses(
    answers: tuple[Tensor, Tensor, Tensor, Tensor],
    heat: Tensor,
    sides: Tensor,
    inside: Tensor,
    state: Tensor,
    *,
    annotated: Tensor,
    states_annotated: Tensor,
    weight: Tensor,
) -> Losses:
    """The loss of a batch.

    Args:
        answers: what the network returned.
        heat: (n, c, rows, columns) target, see `targets`.
        sides: (n, 4, rows, columns) target.
        inside: (n, rows, columns) bool.
        state: (n, rows, columns) int64.
        annotated: (n, c) 1 where somebody looked for the category on that frame, else 0: what
            was not looked for is unknown, and teaches nothing.
        states_annotated: (n,) 1 where light states were told.
        weight: (n,) weight of each frame.
    """
    count = inside.sum().clamp(min=1)
    mask = annotated[:, :, None, None] * weight[:, None, None, None]
    of_heat = (_focal(answers[0], heat) * mask).sum() / count
    cells = inside.nonzero(as_tuple=True)
    per_cell = weight[cells[0]]
    found, wanted = (part.permute(0, 2, 3, 1)[cells] for part in (answers[1], sides))
    of_sides = (_giou(found, wanted) * per_cell).sum() / count
    told = state[cells] * states_annotated[cells[0]].long() + IGNORE * (
        1 - states_annotated[cells[0]].long()
    )
    known = told != IGNORE
    logits = answers[2].permute(0, 2, 3, 1)[cells][known]
    of_state = torch.nn.functional.cross_entropy(logits, told[known], reduction="sum")
    of_state = of_state / known.sum().clamp(min=1)
    total = of_heat + SIDES_WEIGHT * of_sides + STATE_WEIGHT * of_state
    return Losses(heat=of_heat, sides=of_sides, state=of_state, total=total)


def _focal(logits: Tensor, target: Tensor) -> Tensor:
    """Focal loss with less penalty near centres (Law and Deng, "CornerNet", 2018, equation 1)."""
    p = logits.sigmoid()
    log_p, log_q = torch.nn.functional.logsigmoid(logits), torch.nn.functional.logsigmoid(-logits)
    centre = (target >= 1.0 - 1e-4).to(logits.dtype)
    positive = -((1 - p) ** FOCAL_POWER) * log_p * centre
    negative = -(p**FOCAL_POWER) * log_q * (1 - target) ** NEAR_POWER * (1 - centre)
    return positive + negative


def _giou(found: Tensor, wanted: Tensor) -> Tensor:
    """1 - generalised IoU of boxes given by (m, 4) distances to their sides from one point.

    Rezatofighi et al., "Generalized intersection over union", CVPR 2019.
    """
    low = torch.minimum(found, wanted)
    high = torch.maximum(found, wanted)
    shared = (low[:, 0] + low[:, 2]) * (low[:, 1] + low[:, 3])
    areas = [(box[:, 0] + box[:, 2]) * (box[:, 1] + box[:, 3]) for box in (found, wanted)]
    union = areas[0] + areas[1] - shared
    around = (high[:, 0] + high[:, 2]) * (high[:, 1] + high[:, 3])
    iou = shared / union.clamp(min=1e-6)
    return 1 - iou + (around - union) / around.clamp(min=1e-6)
