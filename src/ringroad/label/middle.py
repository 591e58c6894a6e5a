"""One shape out of several that were drawn of the same thing.

boxes             mean edges
rotated boxes     mean middle and size, mean direction; a box turned by half is the same box
polylines         turned to run the same way, then the mean at equal shares of their length
points            mean
cuboids           mean middle and size, mean rotation
polygons, masks   the drawn one that is most like the others: nobody drew a mean of outlines

Marks may weigh differently; of polygons the heavier wins where two are alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ringroad.domain.annotation import BOX, CUBOID, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.label.likeness import likeness_matrix
from ringroad.label.outlines import along, rectangle
from ringroad.label.rows import Mark, boxes_of

FEWEST_VERTICES = 8
"""A mean polyline has as many vertices as the most detailed one, and no fewer than these."""


def middle(marks: Sequence[Mark], weights: Sequence[float] | None = None) -> Mark:
    """The mean shape; everything else is the first mark's."""
    if len(marks) == 1:
        return marks[0]
    shares = np.ones(len(marks)) if weights is None else np.asarray(weights, np.float64)
    if shares.sum() <= 0:
        shares = np.ones(len(marks))
    return _MIDDLES[marks[0].shape](marks, shares / shares.sum())


def _boxes(marks: Sequence[Mark], shares: np.ndarray) -> Mark:
    if (shares == shares[0]).all():
        x, y, w, h = boxes_of(marks).mean(axis=0).tolist()  # as it always was, to the last bit
    else:
        x, y, w, h = (shares @ boxes_of(marks)).tolist()
    return replace(marks[0], x=x, y=y, w=w, h=h)


def _rotated(marks: Sequence[Mark], shares: np.ndarray) -> Mark:
    points = np.array([mark.points for mark in marks])
    first = points[0, 4]
    for row in points:  # a box of w, h at an angle is one of h, w at a quarter turn more
        turns = round((first - row[4]) / (math.pi / 2))
        row[4] += turns * math.pi / 2
        if turns % 2:
            row[[2, 3]] = row[[3, 2]]
    mean = tuple((shares @ points).tolist())
    return _bounded(replace(marks[0], points=mean), rectangle(*mean))


def _polylines(marks: Sequence[Mark], shares: np.ndarray) -> Mark:
    count = max(FEWEST_VERTICES, *(len(mark.points) // 2 for mark in marks))
    lines = [along(mark.points, count) for mark in marks]
    for at, line in enumerate(lines):
        back = line[::-1]
        if np.abs(back - lines[0]).sum() < np.abs(line - lines[0]).sum():
            lines[at] = back
    mean = np.einsum("k,kij->ij", shares, np.stack(lines))
    return _bounded(replace(marks[0], points=tuple(mean.ravel().tolist())), mean)


def _points(marks: Sequence[Mark], shares: np.ndarray) -> Mark:
    mean = shares @ np.array([mark.points for mark in marks])
    return _bounded(replace(marks[0], points=tuple(mean.tolist())), mean.reshape(1, 2))


def _cuboids(marks: Sequence[Mark], shares: np.ndarray) -> Mark:
    points = np.array([mark.points for mark in marks])
    x, y, w, h = (shares @ boxes_of(marks)).tolist()
    turn = points[:, 6:] * np.where(points[:, 6:] @ points[0, 6:] < 0, -1.0, 1.0)[:, None]
    mean = shares @ turn
    length = float(np.linalg.norm(mean))
    rotation = mean / length if length > 0 else points[0, 6:]
    parts = [*(shares @ points[:, :6]).tolist(), *rotation.tolist()]
    return replace(marks[0], points=tuple(parts), x=x, y=y, w=w, h=h)


def _most_alike(marks: Sequence[Mark], shares: np.ndarray) -> Mark:
    alike = likeness_matrix(marks, marks) @ shares
    return marks[int(np.argmax(alike + 1e-9 * shares))]


def _bounded(mark: Mark, corners: np.ndarray) -> Mark:
    """With the bounding box of its corners, where they are pixels."""
    if mark.space:
        return mark
    (x, y), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return replace(mark, x=x, y=y, w=right - x, h=bottom - y)


_MIDDLES: dict[str, Callable[[Sequence[Mark], np.ndarray], Mark]] = {
    BOX: _boxes,
    ROTATED_BOX: _rotated,
    POLYLINE: _polylines,
    POINT: _points,
    CUBOID: _cuboids,
    POLYGON: _most_alike,
    MASK: _most_alike,
}
