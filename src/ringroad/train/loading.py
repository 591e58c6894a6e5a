"""Batches as torch tensors, and frames by number as a plain PyTorch `Dataset`.

What is loaded comes as arguments, such as `datasets.loader`'s `Loader` and `Frames`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch.utils.data import Dataset

UNKNOWN = -1


class ArrayBatch(Protocol):
    """A batch of arrays, such as `datasets.loader.batch.Batch`."""

    @property
    def frames(self) -> np.ndarray:
        """(n, h, w, 3) uint8."""
        ...

    @property
    def states(self) -> np.ndarray:
        """(m,) of all boxes, frame after frame."""
        ...

    @property
    def weights(self) -> np.ndarray:
        """(n,) float32."""
        ...

    @property
    def rows(self) -> np.ndarray:
        """(n,) int64."""
        ...

    def padded(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes (n, most, 4), categories (n, most) with -1 where there is none, counts (n,)."""
        ...


class ArrayMarks(Protocol):
    """What annotators said of one frame, such as `datasets.loader.marks.Marks`."""

    @property
    def boxes(self) -> np.ndarray:
        """(m, 4) x, y, w, h in pixels."""
        ...

    @property
    def categories(self) -> np.ndarray:
        """(m,)."""
        ...

    @property
    def states(self) -> np.ndarray | None:
        """(m,), None where nobody told."""
        ...


class ArrayFrames(Protocol):
    """Frames by number, such as `datasets.loader.frames.Frames`."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of all frames."""
        ...

    def __len__(self) -> int:
        """How many frames."""
        ...

    def read_into(self, number: int, out: np.ndarray) -> ArrayMarks:
        """Decode a frame into (h, w, 3) uint8, and return its marks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TorchBatch:
    """A batch as tensors. On the CPU, `frames` is the loader's memory, without a copy.

    Attributes:
        frames: (n, h, w, 3) uint8 RGB; make it float where it is used, on the device.
        boxes: (n, most, 4) float32 x, y, w, h in pixels.
        categories: (n, most) int64, -1 where there is no box.
        states: (n, most) int64, -1 where unknown.
        counts: (n,) int64 boxes of each frame.
        weights: (n,) float32.
        rows: (n,) int64 rows of the pack.
    """

    frames: torch.Tensor
    boxes: torch.Tensor
    categories: torch.Tensor
    states: torch.Tensor
    counts: torch.Tensor
    weights: torch.Tensor
    rows: torch.Tensor


def to_torch(batch: ArrayBatch, device: torch.device | str = "cpu") -> TorchBatch:
    """A batch on a device. From page-locked memory (`pinned`) the copy runs beside the work."""
    boxes, categories, counts = batch.padded()
    states = np.full(categories.shape, UNKNOWN, np.int64)
    states[categories != UNKNOWN] = batch.states

    def sent(values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(values).to(device, non_blocking=True)

    return TorchBatch(
        frames=sent(batch.frames),
        boxes=sent(boxes),
        categories=sent(categories.astype(np.int64)),
        states=sent(states),
        counts=sent(counts),
        weights=sent(batch.weights),
        rows=sent(batch.rows),
    )


def torch_batches(
    batches: Iterable[ArrayBatch], device: torch.device | str = "cpu"
) -> Iterator[TorchBatch]:
    """Batches as tensors, such as one epoch of a `Loader`.

    A copy to a device that runs beside the work is waited for before the memory it is made from
    may be used again.
    """
    for batch in batches:
        sent = to_torch(batch, device)
        if sent.frames.is_cuda:
            copied = torch.cuda.Event()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            copied.record()
            yield sent
            copied.synchronize()
        else:
            yield sent
        del batch, sent


def pinned(shape: tuple[int, ...]) -> np.ndarray:
    """Page-locked memory for a loader's batches, as its `allocate`. Needs CUDA."""
    found: np.ndarray = torch.empty(shape, dtype=torch.uint8, pin_memory=True).numpy()
    return found


class TorchFrames(Dataset[dict[str, torch.Tensor]]):
    """Frames by number, for PyTorch's own `DataLoader`; it pickles to its workers.

    `__getitems__` makes a whole batch at once: give the `DataLoader` `collate_fn=together`.
    Worker processes cost more than decoding (docs/loader.md): prefer the loader itself, or
    `num_workers=0`.
    """

    def __init__(self, frames: ArrayFrames) -> None:
        self.frames = frames

    def __len__(self) -> int:
        """How many frames."""
        return len(self.frames)

    def __getitem__(self, number: int) -> dict[str, torch.Tensor]:
        """`frame` (h, w, 3) uint8, `boxes` (m, 4), `categories` and `states` (m,), `number`."""
        return self.__getitems__([number])[0]

    def __getitems__(self, numbers: Sequence[int]) -> list[dict[str, torch.Tensor]]:
        """The same for some frames, decoded into one piece of memory."""
        width, height = self.frames.size
        pixels = torch.empty((len(numbers), height, width, 3), dtype=torch.uint8)
        found = []
        for frame, number in zip(pixels, numbers, strict=True):
            marks = self.frames.read_into(number, frame.numpy())
            states = np.full(len(marks.boxes), UNKNOWN) if marks.states is None else marks.states
            found.append(
                {
                    "frame": frame,
                    "boxes": torch.from_numpy(np.array(marks.boxes)),
                    "categories": torch.from_numpy(marks.categories.astype(np.int64)),
                    "states": torch.from_numpy(states.astype(np.int64)),
                    "number": torch.tensor(number),
                }
            )
        return found


def together(samples: Sequence[dict[str, torch.Tensor]]) -> dict[str, object]:
    """Samples as one batch: frames (n, h, w, 3) and numbers (n,) stacked, marks as lists.

    Frames that `__getitems__` decoded side by side are not copied.
    """
    listed = {name: [sample[name] for sample in samples] for name in samples[0]}
    first, size = samples[0]["frame"], samples[0]["frame"].numel()
    beside = all(
        frame.data_ptr() == first.data_ptr() + at * size
        and frame.untyped_storage().data_ptr() == first.untyped_storage().data_ptr()
        for at, frame in enumerate(listed["frame"])
    )
    if beside:
        frames = first.as_strided((len(samples), *first.shape), (size, *first.stride()))
    else:
        frames = torch.stack(listed["frame"])
    return {**listed, "frame": frames, "number": torch.stack(listed["number"])}
