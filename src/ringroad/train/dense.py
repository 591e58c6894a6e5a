"""Fits a dense head to features, and asks it about frames: once, and many times with dropout.

Features are (n, rows, columns, channels), float16 or float32: a head looks at one cell at a time,
so that all of a batch is one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor
from torch.nn import functional

from ringroad.domain.errors import InputError
from ringroad.models.config import NetworkConfig
from ringroad.models.dense_head import DenseHead
from ringroad.models.losses import losses
from ringroad.models.targets import Targets, targets

_FRAMES_AT_ONCE = 16
_LEVELS = 256
"""Dropout is drawn by bytes: its share is rounded to so many parts."""
_EMPTY, _NEAR, _INSIDE = 0, 1, 2
_NEAR_HEAT = 0.01
"""Cells whose target is higher belong to an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadConfig:
    """How a head is fitted. The number of steps is fixed: more labels are not more training."""

    hidden: int = 64
    drop: float = 0.4
    steps: int = 400
    batch: int = 8
    empty: float = 0.25
    """Share of the cells far from any object that a step looks at; each counts for those it stands
    for, so that the loss is the same on the mean, and a step costs a third."""
    learning_rate: float = 4e-3
    weight_decay: float = 0.05
    passes: int = 8
    """With dropout on, for BALD and such."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        if min(self.hidden, self.steps, self.batch, self.passes) < 1:
            raise ValueError("hidden, steps, batch and passes are 1 or more")
        if not 0 <= self.drop < 1 or not 0 < self.learning_rate < 1:
            raise ValueError("drop lies in [0, 1), learning_rate in (0, 1)")
        if not 0 < self.empty <= 1:
            raise ValueError("empty is a share above 0, at most 1")


def fit_head(
    network: NetworkConfig,
    config: HeadConfig,
    features: np.ndarray,
    boxes: Sequence[np.ndarray],
    categories: Sequence[np.ndarray],
    *,
    seed: int,
) -> DenseHead:
    """Fit a head on one thread; equal arguments give equal weights.

    Args:
        network: its size, stride and categories; the grid of the features is its output's.
        config: how.
        features: (n, rows, columns, channels).
        boxes: n arrays (m, 4) x, y, w, h in pixels of the network's input.
        categories: n arrays (m,) int64.
        seed: of the first weights, the order of frames and dropout.

    Raises:
        InputError: there is no frame.
    """
    if not len(features):
        raise InputError("no frame is labelled", remedy="label one to begin with")
    torch.set_num_threads(1)
    none = [np.full(len(part), -1) for part in categories]
    lesson = _lesson(targets(network, list(boxes), list(categories), none))
    rng = np.random.Generator(np.random.PCG64(seed))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = DenseHead(
            features.shape[-1], len(network.categories), hidden=config.hidden, drop=config.drop
        )
    optimiser = torch.optim.AdamW(
        head.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    for step in range(config.steps):
        places = rng.choice(len(features), min(config.batch, len(features)), replace=False)
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * _share(step, config.steps)
        chosen, weight = _looked_at(lesson.kinds[places].ravel(), config.empty, rng)
        cells = features[places].reshape(-1, features.shape[-1])[chosen]
        _step(head, optimiser, _cells(cells), lesson.at(places, chosen), weight, rng)
    return head.eval()


def ask(head: DenseHead, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heat logits (n, categories, rows, columns) and sides (n, 4, rows, columns), float32."""
    heats, sides = [], []
    for shape, hidden in _hidden(head, features):
        heats.append(_to_maps(_linear(hidden, head.heat), shape))
        sides.append(_to_maps(functional.softplus(_linear(hidden, head.sides)), shape))
    return np.concatenate(heats), np.concatenate(sides)


def probabilities(head: DenseHead, features: np.ndarray) -> np.ndarray:
    """(n, rows, columns, categories) float32: how likely each cell is a centre."""
    found = [
        torch.sigmoid(_linear(hidden, head.heat)).view(*shape, -1).numpy()
        for shape, hidden in _hidden(head, features)
    ]
    return np.concatenate(found)


def ask_with_dropout(
    head: DenseHead, features: np.ndarray, *, passes: int, seed: int
) -> np.ndarray:
    """(passes, n, rows, columns, categories) probabilities, float32."""
    rng = np.random.Generator(np.random.PCG64(seed))
    found: list[list[np.ndarray]] = [[] for _ in range(passes)]
    for shape, hidden in _hidden(head, features):
        for parts in found:
            heat = _linear(_dropped(hidden, head.drop.p, rng), head.heat)
            parts.append(torch.sigmoid(heat).view(*shape, -1).numpy())
    return np.stack([np.concatenate(parts) for parts in found])


def head_to_bytes(head: DenseHead) -> bytes:
    """A head as safetensors; equal heads are equal bytes."""
    return save({name: value.contiguous() for name, value in sorted(head.state_dict().items())})


def head_from_bytes(data: bytes, config: HeadConfig) -> DenseHead:
    """What `head_to_bytes` wrote."""
    state = load(data)
    head = DenseHead(
        state["mix.weight"].shape[1],
        state["heat.weight"].shape[0],
        hidden=config.hidden,
        drop=config.drop,
    )
    head.load_state_dict(state)
    return head.eval()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lesson:
    """Targets by cell: heat (n, cells, categories), sides (n, cells, 4), kinds (n, cells)."""

    heat: np.ndarray
    sides: np.ndarray
    kinds: np.ndarray

    def at(self, places: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Heat of the chosen cells of some frames, and sides of those that learn a box."""
        heat = self.heat[places].reshape(-1, self.heat.shape[-1])[chosen]
        boxed = chosen[self.kinds[places].ravel()[chosen] == _INSIDE]
        return heat, self.sides[places].reshape(-1, 4)[boxed]


def _lesson(wanted: Targets) -> _Lesson:
    count = len(wanted.heat)
    heat = np.moveaxis(wanted.heat, 1, -1).reshape(count, -1, wanted.heat.shape[1])
    kinds = np.where(heat.max(axis=-1) > _NEAR_HEAT, _NEAR, _EMPTY)
    kinds[wanted.inside.reshape(count, -1)] = _INSIDE
    return _Lesson(
        heat=heat, sides=np.moveaxis(wanted.sides, 1, -1).reshape(count, -1, 4), kinds=kinds
    )


def _looked_at(
    kinds: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cells of a step, those that learn a box first, and what each of them counts."""
    empty = np.flatnonzero(kinds == _EMPTY)
    if share < 1:
        empty = empty[rng.random(len(empty), np.float32) < share]
    busy = [np.flatnonzero(kinds == kind) for kind in (_INSIDE, _NEAR)]
    weight = np.ones(sum(len(part) for part in busy) + len(empty), np.float32)
    weight[len(weight) - len(empty) :] = 1.0 / share
    return np.concatenate([*busy, empty]), weight


def _step(
    head: DenseHead,
    optimiser: torch.optim.Optimizer,
    cells: Tensor,
    wanted: tuple[np.ndarray, np.ndarray],
    weight: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """One step down the gradient of the reference network's losses, light states left out.

    Each cell stands as a frame of its own, so that it has a weight of its own. Sides are asked
    only of the cells that learn a box, which stand first: the loss looks at no others.
    """
    hidden = _dropped(torch.relu(_linear(cells, head.mix)), head.drop.p, rng)
    heat = _linear(hidden, head.heat)
    count, boxed = len(heat), len(wanted[1])
    sides = functional.softplus(_linear(hidden[:boxed], head.sides))
    found = losses(
        (
            heat[:, :, None, None],
            sides[:, :, None, None],
            torch.zeros(boxed, 1, 1, 1),
            torch.zeros(1, 1),
        ),
        torch.from_numpy(wanted[0])[:, :, None, None],
        torch.from_numpy(wanted[1])[:, :, None, None],
        torch.ones(boxed, 1, 1, dtype=torch.bool),
        torch.full((boxed, 1, 1), -1),
        annotated=torch.ones_like(heat),
        states_annotated=torch.zeros(count),
        weight=torch.from_numpy(weight),
    )
    optimiser.zero_grad(set_to_none=True)
    found.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    torch.nn.utils.clip_grad_norm_(head.parameters(), 5.0)
    optimiser.step()


def _hidden(head: DenseHead, features: np.ndarray) -> Iterator[tuple[tuple[int, int, int], Tensor]]:
    """Some frames at a time: their (n, rows, columns), and what all heads see of them."""
    torch.set_num_threads(1)
    for start in range(0, len(features), _FRAMES_AT_ONCE):
        some = features[start : start + _FRAMES_AT_ONCE]
        count, rows, columns = some.shape[:3]
        with torch.inference_mode():
            yield (count, rows, columns), torch.relu(_linear(_cells(some), head.mix))


def _linear(cells: Tensor, layer: torch.nn.Conv2d) -> Tensor:
    """A 1 x 1 convolution on (cells, channels)."""
    return functional.linear(cells, layer.weight.flatten(1), layer.bias)


def _dropped(hidden: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """With about that share of the values put to 0, and the others raised to make up for it."""
    edge = round(share * _LEVELS)
    if edge == 0:
        return hidden
    drawn = np.frombuffer(rng.bytes(hidden.numel()), np.uint8).reshape(hidden.shape)
    kept = (drawn >= edge).astype(np.float32)
    kept *= _LEVELS / (_LEVELS - edge)
    return hidden * torch.from_numpy(kept)


def _cells(features: np.ndarray) -> Tensor:
    """(n, rows, columns, channels) -> (n * rows * columns, channels) float32."""
    whole = np.ascontiguousarray(features).reshape(-1, features.shape[-1])
    return torch.from_numpy(whole).to(torch.float32)


def _to_maps(cells: Tensor, shape: tuple[int, int, int]) -> np.ndarray:
    """(n * rows * columns, values) -> (n, values, rows, columns)."""
    found: np.ndarray = cells.view(*shape, -1).permute(0, 3, 1, 2).contiguous().numpy()
    return found


def _share(step: int, steps: int) -> float:
    """Of the peak learning rate: up over the first tenth, down as a half cosine."""
    rise = max(1, steps // 10)
    if step < rise:
        return (step + 1) / rise
    return float(0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * (step - rise) / max(1, steps - rise))))
