"""Arrow rows of truth, predictions and manifest to the flat columns that metrics take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import InputError
from ringroad.metrics.boxes import FlatBoxes
from ringroad.metrics.matching import Matches, match

ALL = "all"
"""Every category, or every frame."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """The frames that were looked at, in order of their ids, and the truth on them.

    Attributes:
        frames: (f,) frame ids; a frame's number is its place here.
        conditions: (f,) text.
        units: (f,) int64, from 0 to `count` - 1.
        count: how many units there are.
        categories: a category's number is its place here.
        truths: boxes that are there.
    """

    frames: pa.Array
    conditions: np.ndarray
    units: np.ndarray
    count: int
    categories: tuple[str, ...]
    truths: FlatBoxes

    def part(self, condition: str) -> Scene:
        """Frames of one condition, or all of them; units without such a frame fall out."""
        if condition == ALL:
            return self
        kept = np.nonzero(self.conditions == condition)[0]
        names, units = np.unique(self.units[kept], return_inverse=True)
        number = np.full(len(self.frames), -1)
        number[kept] = np.arange(len(kept))
        return Scene(
            frames=self.frames.take(pa.array(kept)),
            conditions=self.conditions[kept],
            units=units,
            count=len(names),
            categories=self.categories,
            truths=_renumbered(self.truths, number),
        )

    def detections(self, predictions: pa.Table) -> FlatBoxes:
        """Rows of `schemas.PREDICTIONS` on these frames and of these categories."""
        return flat(predictions, self.frames, self.categories, scores="score")

    def matches(self, detections: FlatBoxes) -> dict[str, Matches]:
        """What each category's detections stand on; categories without truths are left out."""
        return {
            name: match(self.truths, detections, self.units, category=number, count=self.count)
            for number, name in enumerate(self.categories)
            if bool((self.truths.categories == number).any())
        }


def scene(truth: pa.Table, manifest: pa.Table, *, categories: Sequence[str]) -> Scene:
    """Join truth and manifest.

    A frame with no row in `truth` was never looked at and is left out: nothing can be said about
    what a network saw on it. A row of category "" says "looked at, and empty".

    Args:
        truth: rows of `schemas.ANNOTATIONS`; boxes of other categories are left aside.
        manifest: rows of `schemas.MANIFEST`, of the frames to evaluate.
        categories: those that count.

    Raises:
        InputError: the manifest names a frame twice.
    """
    looked = pc.is_in(manifest["frame_id"], value_set=pc.unique(truth["frame_id"]))
    rows = manifest.filter(looked).sort_by("frame_id")
    frames = rows["frame_id"].combine_chunks()
    if len(pc.unique(frames)) != len(frames):
        raise InputError(
            "the manifest names a frame twice",
            subject="manifest",
            remedy="hand in the rows of one dataset version",
        )
    names, units = np.unique(rows["unit"].to_numpy(zero_copy_only=False), return_inverse=True)
    return Scene(
        frames=frames,
        conditions=rows["condition"].to_numpy(zero_copy_only=False),
        units=units,
        count=len(names),
        categories=tuple(categories),
        truths=flat(truth, frames, categories),
    )


def flat(
    rows: pa.Table, frames: pa.Array, categories: Sequence[str], *, scores: str = ""
) -> FlatBoxes:
    """Boxes on the given frames and of the given categories, in the order of the rows.

    Args:
        rows: rows with `frame_id`, `category`, `x`, `y`, `w`, `h`.
        frames: a frame's number is its place here.
        categories: a category's number is its place here.
        scores: the column of scores; "" gives each box a score of 1.
    """
    names = pa.array(list(categories), pa.string())
    frame = pc.fill_null(pc.index_in(rows["frame_id"], value_set=frames), -1)
    category = pc.fill_null(pc.index_in(rows["category"], value_set=names), -1)
    frame, category = (np.asarray(column, np.int64) for column in (frame, category))
    count = len(rows)
    whole = FlatBoxes(
        frames=frame,
        categories=category,
        boxes=np.column_stack([np.asarray(rows[name], np.float64) for name in "xywh"]),
        scores=np.asarray(rows[scores], np.float64) if scores else np.ones(count),
    )
    return whole.take((frame >= 0) & (category >= 0))


def _renumbered(boxes: FlatBoxes, number: np.ndarray) -> FlatBoxes:
    frames = number[boxes.frames]
    moved = FlatBoxes(
        frames=frames, categories=boxes.categories, boxes=boxes.boxes, scores=boxes.scores
    )
    return moved.take(frames >= 0)
