"""What a network says about each annotation, and about what was not annotated: plain columns.

Everything is measured against the predictions of the same frame and the other annotations on it;
whether something is an error, `errors` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ringroad.domain.ids import FrameId
from ringroad.label.matching import shares_within
from ringroad.label.observed import EXPLAINED, Predicted
from ringroad.label.rows import Mark, boxes_of
from ringroad.models.nms import iou_matrix

SAME_IOU = 0.5
NEAR_IOU = 0.15

MARK_COLUMNS = (
    "score of its own category", "score of another category", "own less other",
    "score times overlap", "best overlap", "wider by", "higher by", "moved right", "moved down",
    "score near it", "log side", "log shape", "middle x", "middle y", "overlap with another",
    "category", "at an edge", "detections on it",
)  # fmt: skip
SEEN_COLUMNS = (
    "score", "score of another category", "log side", "log shape", "middle x", "middle y",
    "overlap with an annotation", "share within annotations", "category", "at an edge",
    "better detections on it", "annotations of its category", "its rank",
)  # fmt: skip

Opinion = Callable[[FrameId, np.ndarray], np.ndarray]
"""Frame, (n, 4) boxes -> (n, k + 6): chances of the k categories and of nothing, how well each box
fits, and where it should lie: shift in widths and heights, logs of the ratios of sides. Whoever is
asked has not seen the labels of that frame."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameEvidence:
    """One frame.

    Attributes:
        marks: (annotations, len(MARK_COLUMNS)), and more with an opinion.
        best: (annotations,) the detection that fits each best, -1 where none is near.
        other: (annotations,) the category that the network prefers, -1 where it does not.
        seen: (candidates, len(SEEN_COLUMNS)), and as many more.
        candidates: (candidates,) detections that no annotation stands for.
    """

    marks: np.ndarray
    best: np.ndarray
    other: np.ndarray
    seen: np.ndarray
    candidates: np.ndarray


def evidence_of(
    marks: Sequence[Mark],
    predicted: Sequence[Predicted],
    *,
    categories: Sequence[str],
    size: tuple[int, int],
) -> FrameEvidence:
    """Columns of one frame; `size` is its width and height in pixels."""
    place = {category: at for at, category in enumerate(categories)}
    index = np.array(
        [at for at, item in enumerate(predicted) if item.mark.category in place], np.int64
    )
    known = [predicted[at] for at in index.tolist()]
    boxes, seen = boxes_of(marks), boxes_of([item.mark for item in known])
    scores = np.array([item.score for item in known])
    kinds = np.array([place[item.mark.category] for item in known], np.int64)
    own = np.array([place.get(mark.category, -1) for mark in marks], np.int64)
    overlap = iou_matrix(boxes, seen)
    sight = _Sight(boxes, own, overlap, seen, scores, kinds, size)
    columns, best, other = _of_marks(sight)
    rows, candidates = _of_seen(sight)
    return FrameEvidence(
        marks=columns,
        best=np.where(best >= 0, index[best] if len(index) else -1, -1),
        other=other,
        seen=rows,
        candidates=index[candidates] if len(index) else candidates,
    )


def with_opinion(
    evidence: FrameEvidence,
    frame: FrameId,
    marks: Sequence[Mark],
    predicted: Sequence[Predicted],
    *,
    categories: Sequence[str],
    opinion: Opinion,
) -> FrameEvidence:
    """The same, with what somebody says who was asked about these very places."""
    shown = [predicted[at].mark for at in evidence.candidates.tolist()]
    columns = _said(frame, [*marks, *shown], categories, opinion)
    return replace(
        evidence,
        marks=np.concatenate([evidence.marks, columns[: len(marks)]], axis=1),
        seen=np.concatenate([evidence.seen, columns[len(marks) :]], axis=1),
    )


def _said(
    frame: FrameId, marks: Sequence[Mark], categories: Sequence[str], opinion: Opinion
) -> np.ndarray:
    """(n, 8): chance of a mark's own category, of the likeliest other, of nothing; fit; moves."""
    count = len(categories)
    said = opinion(frame, boxes_of(marks)).reshape(len(marks), count + 6)
    place = {category: at for at, category in enumerate(categories)}
    own = np.array([place.get(mark.category, count) for mark in marks], np.int64)
    rows = np.arange(len(marks))
    chances = np.concatenate([said[:, :count], np.zeros((len(marks), 1))], axis=1)
    mine = chances[rows, own]
    chances[rows, own] = 0.0
    found: np.ndarray = np.column_stack([mine, _most(chances), said[:, count:]])
    return found


class _Sight(NamedTuple):
    """Annotations and detections of one frame, side by side."""

    boxes: np.ndarray
    own: np.ndarray
    """Categories of the annotations."""
    overlap: np.ndarray
    seen: np.ndarray
    scores: np.ndarray
    kinds: np.ndarray
    """Categories of the detections."""
    size: tuple[int, int]


def _of_marks(sight: _Sight) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    boxes, own, overlap, seen, scores, kinds, size = sight
    rows = np.zeros((len(boxes), len(MARK_COLUMNS)))
    best, other = np.full(len(boxes), -1), np.full(len(boxes), -1)
    same = kinds[None, :] == own[:, None]
    own_score = _most(np.where(same & (overlap >= SAME_IOU), scores, 0.0))
    others = np.where(~same & (overlap >= SAME_IOU), scores, 0.0)
    other_score = _most(others)
    fits = np.where(same, 1.0, 0.5) * scores * overlap
    rows[:, 0], rows[:, 1], rows[:, 2] = own_score, other_score, own_score - other_score
    rows[:, 9] = _most(np.where(overlap >= NEAR_IOU, scores, 0.0))
    if overlap.shape[1]:
        rows[:, 3] = _most(np.where(same, scores * overlap, 0.0))
        near = np.where(overlap >= NEAR_IOU, fits, -1.0)
        best = np.where(near.max(axis=1) > 0, near.argmax(axis=1), -1)
        other = np.where(other_score > own_score, kinds[others.argmax(axis=1)], -1)
        at = np.flatnonzero(best >= 0)
        found, mine = seen[best[at]], boxes[at]
        rows[at, 4] = overlap[at, best[at]]
        with np.errstate(divide="ignore", invalid="ignore"):
            rows[at, 5] = np.abs(np.log(found[:, 2] / mine[:, 2]))
            rows[at, 6] = np.abs(np.log(found[:, 3] / mine[:, 3]))
        apart = (found[:, :2] + found[:, 2:] / 2) - (mine[:, :2] + mine[:, 2:] / 2)
        rows[at, 7] = np.abs(apart[:, 0]) / np.maximum(mine[:, 2], 1.0)
        rows[at, 8] = np.abs(apart[:, 1]) / np.maximum(mine[:, 3], 1.0)
        rows[:, 17] = (overlap >= NEAR_IOU).sum(axis=1)
    among = iou_matrix(boxes, boxes)
    np.fill_diagonal(among, 0.0)
    rows[:, 10:14] = _shape(boxes, size)
    rows[:, 14], rows[:, 15], rows[:, 16] = _most(among), own, _at_edge(boxes, size)
    return np.nan_to_num(rows, posinf=9.0, neginf=-9.0), best, other


def _of_seen(sight: _Sight) -> tuple[np.ndarray, np.ndarray]:
    """Detections that no annotation stands for, the best of those on one place."""
    boxes, own, overlap, seen, scores, kinds, size = sight
    within = shares_within(seen, boxes)
    free = (_most(overlap.T) < SAME_IOU) & (_most(within) < EXPLAINED)
    among = iou_matrix(seen, seen)
    better = (among >= SAME_IOU) & (scores[None, :] > scores[:, None])
    candidates = np.flatnonzero(free & ~(better & free[None, :]).any(axis=1))
    rows = np.zeros((len(seen), len(SEEN_COLUMNS)))
    unlike = kinds[None, :] != kinds[:, None]
    rows[:, 0] = scores
    rows[:, 1] = _most(np.where((among >= SAME_IOU) & unlike, scores[None, :], 0.0))
    rows[:, 2:6] = _shape(seen, size)
    rows[:, 6], rows[:, 7] = _most(overlap.T), _most(within)
    rows[:, 8], rows[:, 9] = kinds, _at_edge(seen, size)
    rows[:, 10] = better.sum(axis=1)
    rows[:, 11] = (own[None, :] == kinds[:, None]).sum(axis=1)
    rows[:, 12] = (scores[None, :] > scores[:, None]).sum(axis=1)
    return np.nan_to_num(rows[candidates], posinf=9.0, neginf=-9.0), candidates


def _shape(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(n, 4): log side, log shape, middle x and y as shares of the frame."""
    w, h = np.maximum(boxes[:, 2], 1e-3), np.maximum(boxes[:, 3], 1e-3)
    return np.stack(
        [
            np.log(w * h) / 2.0,
            np.log(w / h),
            (boxes[:, 0] + w / 2) / size[0],
            (boxes[:, 1] + h / 2) / size[1],
        ],
        axis=1,
    )


def _at_edge(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    right, bottom = boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]
    edge: np.ndarray = (
        (boxes[:, 0] <= 2) | (boxes[:, 1] <= 2) | (right >= size[0] - 2) | (bottom >= size[1] - 2)
    ).astype(np.float64)
    return edge


def _most(table: np.ndarray) -> np.ndarray:
    """(n,) the largest of each row, 0 where there is none."""
    most: np.ndarray = table.max(axis=1, initial=0.0)
    return most
