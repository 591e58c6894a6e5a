"""Fits the reference network, bit for bit the same after any interruption. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from ringroad.domain.errors import InputError
from ringroad.models import checkpoint as weights
from ringroad.models.config import NetworkConfig
from ringroad.models.losses import losses
from ringroad.models.network import Network
from ringroad.models.targets import targets
from ringroad.protocols.tracker import Tracker
from ringroad.train.augment import AugmentConfig, augment
from ringroad.train.data import TrainingData
from ringroad.train.resume import Progress, load_progress, save_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a network is fitted."""

    epochs: int = 20
    batch: int = 8
    learning_rate: float = 3e-3
    """At its peak: it rises over the first tenth and falls as a half cosine to a hundredth."""
    weight_decay: float = 1e-2
    clip: float = 5.0
    """Largest norm of the gradient."""
    average: float = 0.99
    """Share of the old weights in the moving average that is kept as the model."""
    threads: int = 1
    augment: AugmentConfig = field(default_factory=AugmentConfig)

    def __post_init__(self) -> None:
        """Check the ranges."""
        if min(self.epochs, self.batch, self.threads) < 1:
            raise ValueError("epochs, batch and threads are 1 or more")
        if self.weight_decay < 0:
            raise ValueError("weight_decay is 0 or more")
        if not 0 < self.learning_rate < 1 or not 0 <= self.average < 1:
            raise ValueError("learning_rate lies in (0, 1), average in [0, 1)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitResult:
    """A model and how its loss went down."""

    model: bytes
    """safetensors, see `models.checkpoint`."""
    curve: tuple[dict[str, float], ...]
    """One entry per epoch: `loss`, `heat`, `sides`, `state`."""


def fit(
    network: NetworkConfig,
    config: TrainConfig,
    data: TrainingData,
    *,
    seed: int,
    tracker: Tracker,
    start_from: bytes | None = None,
    checkpoint: Path | None = None,
) -> FitResult:
    """Fit a network.

    The order of frames and their augmentation are drawn per epoch from the seed, so that an
    epoch does not depend on how the one before it ended.

    Args:
        network: what to build.
        config: how to fit it.
        data: what to fit it to.
        seed: of the first weights, the order of frames, and augmentation.
        tracker: hears of every epoch.
        start_from: a model of equal configuration to go on from.
        checkpoint: folder for the state after each epoch; found again, training goes on there.

    Raises:
        InputError: no frames, or frames of another size than the network takes; or the loss is
            no number any more.
    """
    if not len(data.frames) or data.frames.shape[1:3] != (network.height, network.width):
        raise InputError(
            f"{len(data.frames)} frames of {data.frames.shape[2]}x{data.frames.shape[1]} pixels "
            f"for a network of {network.width}x{network.height}",
            remedy="label at least one frame, and decode to the network's size",
        )
    before = torch.get_num_threads()
    torch.set_num_threads(config.threads)
    try:
        return _fit(network, config, data, seed, tracker, start_from, checkpoint)
    finally:
        torch.set_num_threads(before)


def _fit(
    network: NetworkConfig,
    config: TrainConfig,
    data: TrainingData,
    seed: int,
    tracker: Tracker,
    start_from: bytes | None,
    checkpoint: Path | None,
) -> FitResult:
    state = _first(network, config, seed, start_from)
    if checkpoint is not None:
        load_progress(checkpoint, state)
    steps = -(-len(data.frames) // config.batch)
    for epoch in range(state.epoch, config.epochs):
        entry = _epoch(state, config, data, seed=seed, epoch=epoch, steps=steps)
        if not np.isfinite(entry["loss"]):
            raise InputError(
                f"the training diverged: in epoch {epoch + 1} the loss is no number",
                remedy="a lower learning rate, or less weight decay",
            )
        state.curve.append(entry)
        state.epoch = epoch + 1
        tracker.metrics(entry, step=state.epoch)
        tracker.progress("train epochs", state.epoch, config.epochs)
        if checkpoint is not None:
            save_progress(checkpoint, state)
    return FitResult(model=weights.to_bytes(state.average), curve=tuple(state.curve))


def _first(
    network: NetworkConfig, config: TrainConfig, seed: int, start_from: bytes | None
) -> Progress:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Network(network)
    if start_from is not None:
        model.load_state_dict(weights.from_bytes(start_from).state_dict())
    model.train()
    average = Network(network)
    average.load_state_dict(model.state_dict())
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    return Progress(model=model, average=average, optimiser=optimiser)


def _epoch(
    state: Progress,
    config: TrainConfig,
    data: TrainingData,
    *,
    seed: int,
    epoch: int,
    steps: int,
) -> dict[str, float]:
    sums = np.zeros(4)
    for number, batch in enumerate(_batches(config, data, seed=seed, epoch=epoch)):
        rate = _rate(config, epoch * steps + number, config.epochs * steps)
        for group in state.optimiser.param_groups:
            group["lr"] = rate
        sums += _learn(state, config, data, batch)
    names = ("loss", "heat", "sides", "state")
    return {name: round(float(value), 6) for name, value in zip(names, sums / steps, strict=True)}


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    places: np.ndarray
    frames: np.ndarray
    boxes: list[np.ndarray]
    categories: list[np.ndarray]
    states: list[np.ndarray]


def _batches(config: TrainConfig, data: TrainingData, *, seed: int, epoch: int) -> Iterator[_Batch]:
    """One epoch: every frame once, augmented."""
    rng = np.random.Generator(np.random.PCG64([seed, epoch]))
    order = rng.permutation(len(data.frames))
    for start in range(0, len(order), config.batch):
        places = order[start : start + config.batch]
        shown = [augment(data.frames[i], data.boxes[i], config.augment, rng) for i in places]
        yield _Batch(
            places,
            np.stack([frame for frame, _, _ in shown]),
            [boxes[kept] for _, boxes, kept in shown],
            [data.categories[i][s[2]] for i, s in zip(places, shown, strict=True)],
            [data.states[i][s[2]] for i, s in zip(places, shown, strict=True)],
        )


def _learn(state: Progress, config: TrainConfig, data: TrainingData, batch: _Batch) -> np.ndarray:
    """One step down the gradient; (4,) losses."""
    network = state.model.config
    wanted = targets(network, batch.boxes, batch.categories, batch.states)
    found = losses(
        state.model(torch.from_numpy(batch.frames)),
        torch.from_numpy(wanted.heat),
        torch.from_numpy(wanted.sides),
        torch.from_numpy(wanted.inside),
        torch.from_numpy(wanted.state),
        annotated=torch.from_numpy(data.annotated[batch.places]),
        states_annotated=torch.from_numpy(data.states_annotated[batch.places]),
        weight=torch.from_numpy(data.weights[batch.places]),
    )
    state.optimiser.zero_grad(set_to_none=True)
    found.total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), config.clip)
    state.optimiser.step()
    _follow(state.average, state.model, config.average)
    parts = (found.total, found.heat, found.sides, found.state)
    return np.array([part.item() for part in parts])


@torch.no_grad()
def _follow(average: Network, model: Network, share: float) -> None:
    """Move the average a little towards the model; counters and such are taken over."""
    for old, new in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if old.dtype.is_floating_point:
            old.mul_(share).add_(new, alpha=1 - share)
        else:
            old.copy_(new)


def _rate(config: TrainConfig, step: int, steps: int) -> float:
    """Learning rate at one step of all."""
    rise = max(1, steps // 10)
    if step < rise:
        return config.learning_rate * (step + 1) / rise
    through = (step - rise) / max(1, steps - rise)
    return config.learning_rate * float(0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * through)))
