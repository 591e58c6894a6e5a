"""Fits a dense head to features, and asks it about frames: once, and many times with dropout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ringroad.domain.errors import InputError
from ringroad.models.config import NetworkConfig
from ringroad.models.dense_head import DenseHead
from ringroad.models.losses import losses
from ringroad.models.targets import targets

_FRAMES_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadConfig:
    """How a head is fitted. The number of steps is fixed: more labels are not more training."""

    hidden: int = 64
    drop: float = 0.4
    steps: int = 400
    batch: int = 8
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
        features: (n, channels, rows, columns) float16 or float32.
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
    wanted = targets(network, list(boxes), list(categories), none)
    rng = np.random.Generator(np.random.PCG64(seed))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = DenseHead(
            features.shape[1], len(network.categories), hidden=config.hidden, drop=config.drop
        )
        optimiser = torch.optim.AdamW(
            head.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        for step in range(config.steps):
            places = rng.choice(len(features), min(config.batch, len(features)), replace=False)
            for group in optimiser.param_groups:
                group["lr"] = config.learning_rate * _share(step, config.steps)
            _step(head, optimiser, features, wanted, places)
    return head.eval()


def ask(head: DenseHead, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, c, rows, columns) -> heat logits (n, categories, ...), sides (n, 4, ...), float32."""
    torch.set_num_threads(1)
    heats, sides = [], []
    with torch.no_grad():
        for start in range(0, len(features), _FRAMES_AT_ONCE):
            heat, side = head(_tensor(features[start : start + _FRAMES_AT_ONCE]))
            heats.append(heat.numpy())
            sides.append(side.numpy())
    return np.concatenate(heats), np.concatenate(sides)


def ask_with_dropout(
    head: DenseHead, features: np.ndarray, *, passes: int, seed: int
) -> np.ndarray:
    """(n, c, rows, columns) -> (passes, n, categories, rows, columns) probabilities, float32."""
    torch.set_num_threads(1)
    found = []
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        hidden = torch.relu(head.mix(_tensor(features)))
        for _ in range(passes):
            dropped = torch.nn.functional.dropout(hidden, head.drop.p, training=True)
            found.append(torch.sigmoid(head.heat(dropped)).numpy())
    return np.stack(found)


def _step(
    head: DenseHead,
    optimiser: torch.optim.Optimizer,
    features: np.ndarray,
    wanted: object,
    places: np.ndarray,
) -> None:
    """One step down the gradient of the reference network's losses, light states left out."""
    heat, sides = head(_tensor(features[places]))
    count, categories = heat.shape[:2]
    found = losses(
        (heat, sides, torch.zeros(count, 1, *heat.shape[2:]), torch.zeros(count, 1)),
        *(
            torch.from_numpy(getattr(wanted, name)[places])
            for name in ("heat", "sides", "inside", "state")
        ),
        annotated=torch.ones(count, categories),
        states_annotated=torch.zeros(count),
        weight=torch.ones(count),
    )
    optimiser.zero_grad(set_to_none=True)
    found.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    torch.nn.utils.clip_grad_norm_(head.parameters(), 5.0)
    optimiser.step()


def _tensor(features: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))


def _share(step: int, steps: int) -> float:
    """Of the peak learning rate: up over the first tenth, down as a half cosine."""
    rise = max(1, steps // 10)
    if step < rise:
        return (step + 1) / rise
    return float(0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * (step - rise) / max(1, steps - rise))))
