"""COCO average precision per category, as `hotcoco` computes it; intervals are in `intervals`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import hotcoco
import numpy as np

from ringroad.metrics.boxes import FlatBoxes


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Average precision of one category, 0 to 1."""

    ap: float
    """Mean over overlaps of 0.50 to 0.95 in steps of 0.05."""
    ap50: float
    ap75: float


def average_precision(
    truths: FlatBoxes,
    detections: FlatBoxes,
    *,
    frames: int,
    categories: Sequence[int],
) -> dict[int, Precision | None]:
    """COCO AP over all areas, at most 100 detections per frame and category.

    T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context", 2014, and its evaluation code.

    Args:
        truths: boxes that are there.
        detections: boxes that a network saw; those of other categories are ignored.
        frames: frame numbers are below this.
        categories: those to evaluate: the annotated ones.

    Returns:
        For each category its AP; None where there is no truth to measure it by.
    """
    present = [c for c in categories if bool((truths.categories == c).any())]
    found: dict[int, Precision | None] = dict.fromkeys(categories)
    if not present:
        return found
    truths = truths.take(np.isin(truths.categories, present))
    detections = detections.take(np.isin(detections.categories, present))
    table = _precision_table(truths, detections, frames, present)
    for column, category in enumerate(present):
        at = table[:, :, column].mean(axis=1)
        found[category] = Precision(ap=float(at.mean()), ap50=float(at[0]), ap75=float(at[5]))
    return found


def _precision_table(
    truths: FlatBoxes, detections: FlatBoxes, frames: int, categories: Sequence[int]
) -> np.ndarray:
    """(10 overlaps, 101 recalls, categories) interpolated precision; ids count from 1."""
    real = hotcoco.COCO.from_arrays(
        [{"id": index + 1} for index in range(frames)],
        [{"id": category + 1, "name": str(category)} for category in categories],
        truths.frames + 1,
        truths.categories + 1,
        truths.boxes,
    )
    if not len(detections):
        return np.zeros((10, 101, len(categories)))
    rows = np.column_stack(
        [detections.frames + 1, detections.boxes, detections.scores, detections.categories + 1]
    )
    run = hotcoco.COCOeval(real, real.load_res(rows), "bbox")
    run.params.cat_ids = [category + 1 for category in categories]
    run.evaluate()
    run.accumulate()
    results = run.eval or {}
    table: np.ndarray = np.asarray(results["precision"])[:, :, :, 0, 2]  # all areas, 100 boxes
    return table
