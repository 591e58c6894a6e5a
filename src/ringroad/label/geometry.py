"""Bounding boxes of shapes, rotated boxes to corners and back, turns to quaternions and back."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Bounds = tuple[float, float, float, float]
"""x, y, w, h."""


def bounds_of(points: Sequence[float]) -> Bounds:
    """Of x, y, x, y ..."""
    across, down = points[0::2], points[1::2]
    left, top = min(across), min(down)
    return left, top, max(across) - left, max(down) - top


def corners_of(middle: Sequence[float]) -> list[float]:
    """x, y of the four corners of a rotated box (x, y of the middle, w, h, angle), clockwise."""
    x, y, w, h, angle = middle
    cos, sin = math.cos(angle), math.sin(angle)
    found: list[float] = []
    for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        across, along = right * w / 2, down * h / 2
        found += [x + across * cos - along * sin, y + across * sin + along * cos]
    return found


def rotated_from(corners: Sequence[float]) -> list[float] | None:
    """The rotated box of four corners in order; None where they are no rectangle to 1 %."""
    at = np.asarray(corners, np.float64).reshape(4, 2)
    sides = np.roll(at, -1, axis=0) - at
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    w, h = float(lengths[0] + lengths[2]) / 2, float(lengths[1] + lengths[3]) / 2
    near = 0.01 * max(w, h)
    skew = float(np.abs(sides[0] @ sides[1]))
    if min(w, h) <= 0 or np.abs(lengths[:2] - lengths[2:]).max() > near or skew > near * min(w, h):
        return None
    x, y = at.mean(axis=0)
    return [float(x), float(y), w, h, math.atan2(float(sides[0][1]), float(sides[0][0]))]


def quaternion_of(turn: np.ndarray) -> list[float]:
    """w, x, y, z of a (3, 3) rotation matrix, w not negative."""
    diagonal = np.diag(turn)
    squares = np.array([turn.trace(), *diagonal])
    place = int(squares.argmax())
    if place == 0:
        found = np.array(
            [
                1 + turn.trace(),
                turn[2, 1] - turn[1, 2],
                turn[0, 2] - turn[2, 0],
                turn[1, 0] - turn[0, 1],
            ]
        )
    else:
        i = place - 1
        j, k = (i + 1) % 3, (i + 2) % 3
        found = np.zeros(4)
        found[0] = turn[k, j] - turn[j, k]
        found[1 + i] = 1 + 2 * turn[i, i] - turn.trace()
        found[1 + j] = turn[j, i] + turn[i, j]
        found[1 + k] = turn[k, i] + turn[i, k]
    found = found / np.linalg.norm(found)
    listed: list[float] = (found if found[0] >= 0 else -found).tolist()
    return listed


def matrix_of(quaternion: Sequence[float]) -> np.ndarray:
    """(3, 3) rotation of w, x, y, z, of any length but zero."""
    w, x, y, z = np.asarray(quaternion, np.float64) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def product(a: Sequence[float], b: Sequence[float]) -> list[float]:
    """The turn b, then the turn a, as quaternions w, x, y, z."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return [
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    ]


def reverse(turn: Sequence[float]) -> list[float]:
    """The turn back, of a quaternion of length one."""
    w, x, y, z = turn
    return [w, -x, -y, -z]
