"""Batches of a packed dataset version: in a known order, ahead of time, from any step on.

    with Loader(open_pack(folder), LoaderConfig(batch=32, split="train")) as loader:
        for epoch in range(20):
            for batch in loader:
                learn(batch.frames, batch.boxes, batch.box_starts)
                save(loader.state())

One pass of the `for` is one epoch, or what is left of it. `state()` is small JSON; a loader that is
given it goes on with the very same batches, with any number of threads.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import numpy as np

from ringroad.datasets.loader.augment import Augment
from ringroad.datasets.loader.batch import Batch, Skipped, laid_out
from ringroad.datasets.loader.config import SKIP, LoaderConfig
from ringroad.datasets.loader.fill import JpegFill, PackFill
from ringroad.datasets.loader.fill_video import VideoFill
from ringroad.datasets.loader.order import Order, Step
from ringroad.datasets.loader.pack import FULL, JPEG, Pack
from ringroad.datasets.loader.ring import Filling, Ring
from ringroad.datasets.loader.shards import FolderShards, Shards
from ringroad.domain.errors import (
    InputError,
    IntegrityError,
    RingroadError,
    UsageError,
)

STATE_FORMAT = 1


class Loader:
    """Batches of a pack, filled ahead by threads. For one consumer at a time.

    It pickles as what it was made of and how far it is, so a spawned process goes on from there.

    Args:
        pack: what to load.
        config: how.
        shards: where records are read; the pack's folder by default.
        resume: what `state()` told, to go on from there.
        allocate: makes memory of a shape for batches, such as page-locked memory.

    Raises:
        InputError: the pack has no such frames, or the state is of another pack or order.
        InvalidConfig: the frames do not fill one batch.
    """

    def __init__(
        self,
        pack: Pack,
        config: LoaderConfig,
        *,
        shards: Shards | None = None,
        resume: Mapping[str, Any] | None = None,
        allocate: Callable[[tuple[int, ...]], np.ndarray] | None = None,
    ) -> None:
        self.pack = pack
        self.config = config
        self.shards = shards or FolderShards(pack)
        self.skipped: dict[str, Skipped] = {}
        """Frames that could not be had so far, by id."""
        self._allocate = allocate or _plain
        rows = pack.rows(config.split)
        self._order = Order(rows, _groups(pack, rows), config.order())
        if not self._order.steps():
            next(self._order.from_position(0, 0))  # tells what is wrong
        self._weights = pack.frames.column("weight").to_numpy()
        self._epoch, self._position, self._digest = 0, 0, ""
        if resume is not None:
            self._go_to(resume)
        self._ring: Ring | None = None
        self._finish: weakref.finalize[[], Loader] | None = None
        self._process = os.getpid()
        self._closed = False

    def __len__(self) -> int:
        """How many steps an epoch has that is gone through from its start."""
        return self._order.steps()

    def __iter__(self) -> Iterator[Batch]:
        """Batches up to the end of the epoch.

        Raises:
            DigestMismatch, UnreadableSource, SourceMissing: a frame cannot be had; frame and
                shard are named, and the loader is closed.
        """
        while True:
            filling = self._taken()
            step = filling.step
            lost = self._lost(filling)
            if len(lost) < len(step.rows):
                batch = self._batch(filling, lost)
                self._advance(step)
                yield batch
                del batch  # the consumer's alone, so that its memory can go back
            else:
                self._give_back(filling)
                self._advance(step)
            if step.last:
                return

    def state(self) -> dict[str, Any]:
        """How far it is: after the batch that was handed out last. Small, and plain JSON."""
        return {
            "format": STATE_FORMAT,
            "pack": self.pack.digest,
            "epoch": self._epoch,
            "position": self._position,
            "seed": self.config.seed,
            "order": self._digest or self._order.digest(self._epoch),
            "view": self.config.view(),
        }

    def close(self) -> None:
        """End the threads. Batches that were handed out stay whole."""
        self._closed = True
        if self._finish is not None:
            self._finish()
            self._finish = self._ring = None
        self.shards.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.pack, self.config, self.shards, self.state(), self._allocate)

    def _taken(self) -> Filling:
        try:
            return self._started().take()
        except BaseException:  # an interrupt too: no thread stays behind
            self.close()
            raise

    def _started(self) -> Ring:
        if self._closed or self._process != os.getpid():
            raise UsageError(
                "the loader is closed" if self._closed else "the loader is another process's",
                remedy="make a new one, with resume= where it should go on",
            )
        if self._ring is None:
            width, height = self.pack.size(self.config.scale)
            shape = (self.config.batch, height, width, 3)
            allocate = self._allocate
            self._ring = Ring(
                self._order.from_position(self._epoch, self._position),
                self._filler(),
                threads=self.config.threads or cores(),
                slots=self.config.slots,
                allocate=lambda: allocate(shape),
            )
            self._finish = weakref.finalize(self, self._ring.close)
        return self._ring

    def _filler(self) -> PackFill:
        config = self.config
        return filler_of(
            self.pack, self.shards, scale=config.scale, augment=config.augment,
            seed=config.seed, window=config.window,
        )  # fmt: skip

    def _lost(self, filling: Filling) -> tuple[Skipped, ...]:
        """Frames to leave out. Raises the first error where none may be."""
        if not filling.errors:
            return ()
        found = []
        for place in sorted(filling.errors):
            error = filling.errors[place]
            skippable = isinstance(error, (InputError, IntegrityError))
            if self.config.on_error != SKIP or not skippable:
                self.close()
                raise error
            assert isinstance(error, RingroadError)  # noqa: S101 (both kinds are)
            row = int(filling.step.rows[place])
            found.append(
                Skipped(frame=self.pack.frame_id(row), shard=error.place, reason=error.what)
            )
        self.skipped |= {item.frame: item for item in found}
        return tuple(found)

    def _batch(self, filling: Filling, lost: tuple[Skipped, ...]) -> Batch:
        step, slot = filling.step, filling.slot
        kept = [place for place in range(len(step.rows)) if place not in filling.errors]
        for at, place in enumerate(kept if lost else ()):
            if at != place:
                slot[at] = slot[place]
        rows = step.rows[kept]
        assert self._ring is not None  # noqa: S101 (it was taken from)
        return Batch(
            epoch=step.epoch,
            position=step.position,
            rows=rows,
            frames=self._ring.hand_out(slot)[: len(kept)],
            weights=self._weights[rows],
            skipped=lost,
            **laid_out([filling.marks[place] for place in kept]),
        )

    def _give_back(self, filling: Filling) -> None:
        if self._ring is not None:
            self._ring.give_back(filling.slot)

    def _advance(self, step: Step) -> None:
        """From here on `state` counts a step as handed out."""
        self._epoch, self._position, self._digest = step.epoch, step.after, step.digest
        if step.last:
            self._epoch, self._position, self._digest = step.epoch + 1, 0, ""

    def _go_to(self, state: Mapping[str, Any]) -> None:
        """Take up a state. Raises InputError where it is not of this pack, seed and view."""
        mine = {
            "format": STATE_FORMAT,
            "pack": self.pack.digest,
            "seed": self.config.seed,
            "view": self.config.view(),
        }
        what = {
            "format": "is of another version of the loader",
            "pack": "is of another pack",
            "seed": "is of another seed",
            "view": "is of another split, window, scale or augmentation",
        }
        for name, value in mine.items():
            if state.get(name) != value:
                raise _unfit(f"{what[name]}: {state.get(name)}, here {value}", self.pack)
        epoch, position = state.get("epoch"), state.get("position")
        if not isinstance(epoch, int) or not isinstance(position, int) or min(epoch, position) < 0:
            raise _unfit(f"names no place: epoch {epoch}, position {position}", self.pack)
        if self._order.digest(epoch) != state.get("order"):
            raise _unfit("is of another order of frames", self.pack)
        if position >= self._order.frames():
            epoch, position = epoch + 1, 0
        self._epoch, self._position = epoch, position
        self._digest = ""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def filler_of(
    pack: Pack,
    shards: Shards,
    *,
    scale: int = FULL,
    augment: Augment | None = None,
    seed: int = 0,
    window: int = 0,
) -> PackFill:
    """What makes the frames of a pack, by how they are stored."""
    if pack.header.encoding == JPEG:
        return JpegFill(pack, shards, scale=scale, augment=augment, seed=seed)
    # The next window begins while the last frames of this one are due.
    return VideoFill(pack, shards, scale=scale, augment=augment, seed=seed, pool=2 * window)


def _groups(pack: Pack, rows: np.ndarray) -> np.ndarray:
    """What is mixed as a whole where the order has a window: shards, or groups of pictures."""
    groups = pack.full.shard if pack.header.encoding == JPEG else pack.start
    found: np.ndarray = groups[rows]
    return found


def _plain(shape: tuple[int, ...]) -> np.ndarray:
    return np.empty(shape, np.uint8)


def _again(
    pack: Pack,
    config: LoaderConfig,
    shards: Shards,
    state: dict[str, Any],
    allocate: Callable[[tuple[int, ...]], np.ndarray],
) -> Loader:
    return Loader(pack, config, shards=shards, resume=state, allocate=allocate)


def _unfit(what: str, pack: Pack) -> InputError:
    return InputError(
        f"the state {what}",
        subject=str(pack.folder),
        remedy="start without it, or load what it was taken from",
    )
