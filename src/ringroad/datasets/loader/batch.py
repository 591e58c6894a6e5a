"""Batches: pictures of one size, and their marks laid end to end or padded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xxhash

from ringroad.datasets.loader.marks import UNKNOWN, Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A frame that could not be had."""

    frame: str
    shard: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """n frames of one step. The memory goes back to the loader when nobody refers to it.

    Attributes:
        epoch: from 0 on.
        position: frames of the epoch's order taken before this step, by all ranks.
        rows: (n,) int64 rows of the pack.
        frames: (n, h, w, 3) uint8 RGB.
        weights: (n,) float32.
        boxes: (m, 4) float32 x, y, w, h in pixels of `frames`, frame after frame.
        box_starts: (n + 1,) int64: boxes of frame k are `boxes[box_starts[k] : box_starts[k + 1]]`.
        categories: (m,) int32.
        states: (m,) int32, -1 where unknown.
        points: (p, 2) float32 of polylines, line after line.
        point_starts: (q + 1,) int64, of each polyline.
        line_starts: (n + 1,) int64, of each frame, into the polylines.
        line_categories: (q,) int32.
        skipped: what could not be had and is left out.
    """

    epoch: int
    position: int
    rows: np.ndarray
    frames: np.ndarray
    weights: np.ndarray
    boxes: np.ndarray
    box_starts: np.ndarray
    categories: np.ndarray
    states: np.ndarray
    points: np.ndarray
    point_starts: np.ndarray
    line_starts: np.ndarray
    line_categories: np.ndarray
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        """How many frames."""
        return len(self.rows)

    def boxes_of(self, place: int) -> np.ndarray:
        """(k, 4) boxes of one frame of the batch."""
        found: np.ndarray = self.boxes[self.box_starts[place] : self.box_starts[place + 1]]
        return found

    def lines_of(self, place: int) -> list[np.ndarray]:
        """Polylines of one frame of the batch, each (p, 2)."""
        numbers = range(self.line_starts[place], self.line_starts[place + 1])
        return [self.points[self.point_starts[k] : self.point_starts[k + 1]] for k in numbers]

    def padded(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes (n, most, 4), categories (n, most) with -1 where there is none, counts (n,)."""
        counts = np.diff(self.box_starts)
        most = int(counts.max(initial=0))
        there = np.arange(most) < counts[:, None]
        boxes = np.zeros((len(self), most, 4), np.float32)
        boxes[there] = self.boxes
        categories = np.full((len(self), most), UNKNOWN, np.int32)
        categories[there] = self.categories
        return boxes, categories, counts

    def digest(self) -> str:
        """XXH3 of the pictures and all marks: equal batches, equal digests."""
        found = xxhash.xxh3_128(np.ascontiguousarray(self.frames).data)
        for part in (
            self.rows, self.boxes, self.box_starts, self.categories, self.states,
            self.points, self.point_starts, self.line_starts, self.line_categories,
        ):  # fmt: skip
            found.update(np.ascontiguousarray(part).tobytes())
        return found.hexdigest()


def starts_of(counts: Sequence[int]) -> np.ndarray:
    """(n + 1,) where each of n lists laid end to end begins, and where the last one ends."""
    found = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(np.asarray(counts, np.int64), out=found[1:])
    return found


def laid_out(marks: Sequence[Marks]) -> dict[str, np.ndarray]:
    """The marks of some frames as the arrays of a `Batch`."""
    lines = [line for part in marks for line in part.lines]
    categories = [category for part in marks for category in part.line_categories]
    states = [
        np.full(len(part.boxes), UNKNOWN, np.int32) if part.states is None else part.states
        for part in marks
    ]
    none = np.zeros(0, np.int32)
    return {
        "boxes": np.concatenate([np.zeros((0, 4), np.float32), *(part.boxes for part in marks)]),
        "box_starts": starts_of([len(part.boxes) for part in marks]),
        "categories": np.concatenate([none, *(part.categories for part in marks)]),
        "states": np.concatenate([none, *states]),
        "points": np.concatenate([np.zeros((0, 2), np.float32), *lines]),
        "point_starts": starts_of([len(line) for line in lines]),
        "line_starts": starts_of([len(part.lines) for part in marks]),
        "line_categories": np.array(categories, np.int32),
    }
