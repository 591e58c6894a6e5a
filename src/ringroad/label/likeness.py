"""How alike two marks are, by their shape: 1 for the same, 0 for nothing in common.

boxes, rotated boxes    intersection over union, exact
polygons                intersection over union on a grid of 256 cells along the longer side
masks                   intersection over union of pixels
cuboids                 intersection over union in 3-D: footprint seen from above, times height
polylines, points       1 - d / (2 m): d the mean distance of one to the other, both ways, m the
                        distance up to which they are one thing, so that 0.5 is the border

Marks of different shapes, or in different coordinate systems, have nothing in common.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ringroad.domain.annotation import BOX, CUBOID, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.masks import counts_of
from ringroad.label.outlines import (
    covered,
    footprint,
    line_distance,
    overlap_of_convex,
    rectangle,
)
from ringroad.label.rows import Mark, boxes_of
from ringroad.models.nms import iou_matrix

MAX_DISTANCE = 12.0
"""Pixels, or metres where the space is in metres: lines that lie further apart are two."""
BORDER = 0.5
"""Likeness of lines and points that lie `max_distance` apart."""
GRID = 256
LINES = frozenset({POLYLINE, POINT})


def likeness_matrix(
    first: Sequence[Mark], second: Sequence[Mark], *, max_distance: float = MAX_DISTANCE
) -> np.ndarray:
    """(n, m) float64."""
    if all(mark.shape == BOX for mark in (*first, *second)):
        return iou_matrix(boxes_of(first), boxes_of(second))
    found = np.zeros((len(first), len(second)))
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            found[i, j] = likeness(a, b, max_distance=max_distance)
    return found


def likeness(a: Mark, b: Mark, *, max_distance: float = MAX_DISTANCE) -> float:
    """Of two marks."""
    if a.shape != b.shape or a.space != b.space:
        return 0.0
    if a.shape in LINES:
        return max(0.0, 1.0 - line_distance(a.points, b.points) / (2.0 * max_distance))
    return _OVERLAPS[a.shape](a, b)


def least_of(shape: str, min_iou: float) -> float:
    """The likeness from which on two marks of a shape are one thing."""
    return BORDER if shape in LINES else min_iou


def _boxes(a: Mark, b: Mark) -> float:
    return float(iou_matrix(boxes_of([a]), boxes_of([b]))[0, 0])


def _rotated(a: Mark, b: Mark) -> float:
    first, second = rectangle(*a.points), rectangle(*b.points)
    shared = overlap_of_convex(first, second)
    return _over(shared, a.points[2] * a.points[3] + b.points[2] * b.points[3])


def _polygons(a: Mark, b: Mark) -> float:
    corners = np.array([*a.points, *b.points]).reshape(-1, 2)
    low, high = corners.min(axis=0), corners.max(axis=0)
    cell = max(float((high - low).max()) / GRID, 1e-9)
    first = covered(a.points, a.parts, low=low, high=high, cell=cell)
    second = covered(b.points, b.parts, low=low, high=high, cell=cell)
    return _over(float((first & second).sum()), float(first.sum() + second.sum()))


def _masks(a: Mark, b: Mark) -> float:
    """Over the pixels of the frame, column by column: its height need not be known."""
    ends = np.cumsum(counts_of(a.mask)), np.cumsum(counts_of(b.mask))
    cuts = np.union1d(*ends)
    lengths = np.diff(cuts, prepend=0)
    inside = [np.searchsorted(end, cuts, side="left") % 2 == 1 for end in ends]
    within = [part & (cuts <= end[-1]) for part, end in zip(inside, ends, strict=True)]
    shared = float(lengths[within[0] & within[1]].sum())
    return _over(shared, float(lengths[within[0]].sum() + lengths[within[1]].sum()))


def _cuboids(a: Mark, b: Mark) -> float:
    flat = overlap_of_convex(footprint(a.points), footprint(b.points))
    low = max(a.points[2] - a.points[5] / 2, b.points[2] - b.points[5] / 2)
    high = min(a.points[2] + a.points[5] / 2, b.points[2] + b.points[5] / 2)
    return _over(flat * max(0.0, high - low), math.prod(a.points[3:6]) + math.prod(b.points[3:6]))


def _over(shared: float, both: float) -> float:
    """Intersection over union, from the intersection and the sum of both sizes."""
    union = both - shared
    return min(1.0, shared / union) if union > 0 else 0.0


_OVERLAPS: dict[str, Callable[[Mark, Mark], float]] = {
    BOX: _boxes,
    ROTATED_BOX: _rotated,
    POLYGON: _polygons,
    MASK: _masks,
    CUBOID: _cuboids,
}
