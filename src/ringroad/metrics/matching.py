"""Gives each detection the truth it stands on, as COCO does; computes no metric from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.metrics.boxes import FlatBoxes

MOST = 100
"""Detections per frame and category that COCO looks at."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matches:
    """Detections of one category, best score first; equal scores by frame, then as handed in.

    Attributes:
        scores: (n,) float64.
        hits: (n,) bool, true where the detection stands on a truth.
        units: (n,) int64, the unit that the detection's frame belongs to.
        truths: (u,) int64, truths per unit.
    """

    scores: np.ndarray
    hits: np.ndarray
    units: np.ndarray
    truths: np.ndarray


def match(
    truths: FlatBoxes,
    detections: FlatBoxes,
    units: np.ndarray,
    *,
    category: int,
    count: int,
    iou: float = 0.5,
) -> Matches:
    """Match one category, frame by frame.

    Args:
        truths: boxes that are there.
        detections: boxes that a network saw.
        units: (frames,) the unit of each frame, 0 to `count` - 1.
        category: others are left aside.
        count: how many units there are.
        iou: least overlap of a detection and its truth.
    """
    real = truths.take(truths.categories == category)
    seen = _ranked(detections.take(detections.categories == category))
    hits = np.zeros(len(seen), bool)
    for found, there in _by_frame(seen.frames, real.frames):
        hits[found] = greedy(seen.boxes[found], real.boxes[there], iou=iou) >= 0
    order = np.argsort(-seen.scores, kind="stable")
    return Matches(
        scores=seen.scores[order],
        hits=hits[order],
        units=units[seen.frames[order]],
        truths=np.bincount(units[real.frames], minlength=count),
    )


def greedy(detections: np.ndarray, truths: np.ndarray, *, iou: float) -> np.ndarray:
    """Give each detection in turn the free truth it overlaps most; of equal ones the last.

    The rule of COCO's evaluation code, without crowds.

    Args:
        detections: (n, 4) of one frame and category, best score first.
        truths: (m, 4) of the same frame and category.
        iou: least overlap.

    Returns:
        (n,) int64, the truth's index, -1 where there is none.
    """
    overlap = _overlap(detections, truths)
    given = np.full(len(detections), -1)
    for row in np.nonzero((overlap >= iou).any(axis=1))[0]:
        column = overlap.shape[1] - 1 - int(np.argmax(overlap[row, ::-1]))
        if overlap[row, column] >= iou:
            given[row] = column
            overlap[:, column] = -1.0
    return given


def _overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(n, m) float64 intersection over union; 0 where both are empty."""
    a, b = first[:, None, :], second[None, :, :]
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=2)
    union = np.prod(a[..., 2:], axis=2) + np.prod(b[..., 2:], axis=2) - shared
    ratio: np.ndarray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return ratio


def _ranked(boxes: FlatBoxes) -> FlatBoxes:
    """Frame by frame, best score first, no more than COCO looks at."""
    ranked = boxes.take(np.lexsort((-boxes.scores, boxes.frames)))
    first = np.searchsorted(ranked.frames, ranked.frames, side="left")
    return ranked.take(np.arange(len(ranked)) - first < MOST)


def _by_frame(seen: np.ndarray, real: np.ndarray) -> list[tuple[slice, np.ndarray]]:
    """Where the boxes of each frame lie that has both; `seen` is sorted, `real` is not."""
    order = np.argsort(real, kind="stable")
    ranked = real[order]
    frames = np.intersect1d(seen, real)
    start, stop = np.searchsorted(seen, frames), np.searchsorted(seen, frames, "right")
    low, high = np.searchsorted(ranked, frames), np.searchsorted(ranked, frames, "right")
    return [(slice(a, b), order[c:d]) for a, b, c, d in zip(start, stop, low, high, strict=True)]
