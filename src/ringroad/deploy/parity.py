"""How far a plan's outputs stand from the network it was made from: tensors, then detections.

Both are needed: an int8 network of cosine 0.98 can agree on nine boxes in ten, and one of
0.9999 can lose the only pedestrian. Judges no KPI: that is the gate's work, on the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import InputError, PlanRefused
from ringroad.domain.ids import Digest
from ringroad.domain.plan import ParityLimits
from ringroad.models.nms import iou_matrix, pairs
from ringroad.protocols.predictor import Detections


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputParity:
    """One output over all frames compared. NaN where an output is not finite."""

    output: str
    cosine: float
    """Of the flattened arrays; 1 where both are all zero."""
    max_abs: float
    max_relative: float
    """`max_abs` over the largest absolute value of the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Boxes that two predictors share on the same frames."""

    matched: int
    reference: int
    actual: int

    @property
    def f1(self) -> float:
        """2 x matched / all boxes; 1 where neither found any."""
        boxes = self.reference + self.actual
        return 2 * self.matched / boxes if boxes else 1.0


def compare_outputs(
    reference: Mapping[str, np.ndarray], actual: Mapping[str, np.ndarray]
) -> tuple[OutputParity, ...]:
    """Compare outputs by name, in the order of the reference.

    Raises:
        InputError: an output is missing or has another shape.
    """
    rows = []
    for name, expected in reference.items():
        found = actual.get(name)
        if found is None or found.shape != expected.shape:
            shape = "missing" if found is None else f"of shape {found.shape}"
            raise InputError(
                f"output {name!r} is {shape}, the reference has {expected.shape}",
                remedy="compare a plan with the network it was built from",
            )
        rows.append(_parity(name, expected, found))
    return tuple(rows)


def _parity(name: str, expected: np.ndarray, found: np.ndarray) -> OutputParity:
    a, b = expected.astype(np.float64).ravel(), found.astype(np.float64).ravel()
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return OutputParity(output=name, cosine=np.nan, max_abs=np.nan, max_relative=np.nan)
    largest = float(np.max(np.abs(a), initial=0.0))
    apart = float(np.max(np.abs(a - b), initial=0.0))
    # Scaled before it is squared: an output of 5e34 must not overflow into a NaN of its own.
    scale = max(largest, float(np.max(np.abs(b), initial=0.0))) or 1.0
    norms = float(np.linalg.norm(a / scale) * np.linalg.norm(b / scale))
    cosine = float(np.dot(a / scale, b / scale)) / norms if norms else float(apart == 0)
    return OutputParity(
        output=name,
        cosine=min(cosine, 1.0),
        max_abs=apart,
        max_relative=apart / largest if largest else (0.0 if apart == 0 else float("inf")),
    )


def require_parity(rows: Sequence[OutputParity], limits: ParityLimits, *, plan: Digest) -> None:
    """Let pass only what keeps both limits; NaN keeps none.

    Raises:
        PlanRefused: names the first output that does not, and by how much.
    """
    for row in rows:
        if not (row.cosine >= limits.cosine and row.max_relative <= limits.relative):
            raise PlanRefused(
                f"output {row.output!r} has cosine {row.cosine:.6f} (at least {limits.cosine}) "
                f"and relative difference {row.max_relative:.2e} (at most {limits.relative:.0e})",
                subject=f"plan {plan[:12]}",
                remedy="build it again; if it stays so, the engine computes another network",
            )


def agreement(
    reference: Sequence[Detections], actual: Sequence[Detections], *, iou: float = 0.75
) -> Agreement:
    """Count boxes of equal category that overlap by at least `iou`, frame by frame.

    Each box is used once, pairs of greatest overlap first.
    """
    matched = sum(_matches(a, b, iou) for a, b in zip(reference, actual, strict=True))
    return Agreement(
        matched=matched,
        reference=sum(len(frame.boxes) for frame in reference),
        actual=sum(len(frame.boxes) for frame in actual),
    )


def _matches(first: Detections, second: Detections, iou: float) -> int:
    same = np.array(first.categories)[:, None] == np.array(second.categories)[None, :]
    overlap = np.where(same, iou_matrix(first.boxes, second.boxes), 0.0)
    rows, _ = pairs(overlap, at_least=iou)
    return len(rows)
