"""Plane geometry of marks: outlines, what they cover, lines by arc length. Knows no likeness."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ringroad.label.geometry import corners_of

SAMPLES = 64
"""Points along a line that distances are meant over."""


def rectangle(x: float, y: float, w: float, h: float, angle: float) -> np.ndarray:
    """(4, 2) corners of a rotated box, one after the other around it."""
    return np.array(corners_of((x, y, w, h, angle))).reshape(4, 2)


def footprint(points: Sequence[float]) -> np.ndarray:
    """(4, 2) corners of a cuboid seen from above; tilt is left out."""
    x, y, _, length, width, _, *rotation = points
    return rectangle(x, y, length, width, yaw_of(rotation))


def yaw_of(rotation: Sequence[float]) -> float:
    """Angle around the upward axis of a quaternion w, x, y, z."""
    w, x, y, z = rotation
    return math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


def overlap_of_convex(first: np.ndarray, second: np.ndarray) -> float:
    """Area that two convex outlines share.

    Each edge of the second cuts off what lies outside it (I. Sutherland and G. Hodgman,
    "Reentrant polygon clipping", CACM 17(1), 1974).
    """
    kept = _turned(first)
    clip = _turned(second)
    for start, end in zip(clip, np.roll(clip, -1, axis=0), strict=True):
        if len(kept) < 3:
            return 0.0
        kept = _cut(kept, start, end)
    return abs(_area(kept)) if len(kept) >= 3 else 0.0


def covered(
    points: Sequence[float],
    parts: Sequence[int],
    *,
    low: np.ndarray,
    high: np.ndarray,
    cell: float,
) -> np.ndarray:
    """(rows, columns) bool: cells whose middle a polygon covers, by the even-odd rule."""
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    columns, rows = np.maximum(np.ceil((high - low) / cell).astype(int), 1).tolist()
    across = low[0] + (np.arange(columns) + 0.5) * cell
    down = low[1] + (np.arange(rows) + 0.5) * cell
    inside = np.zeros((rows, columns), bool)
    for part in np.split(corners, np.cumsum(parts)[:-1] if len(parts) else []):
        inside ^= _inside(part, across, down)
    return inside


def along(points: Sequence[float], count: int) -> np.ndarray:
    """(count, 2) points at equal steps of arc length from the first vertex to the last."""
    line = np.asarray(points, np.float64).reshape(-1, 2)
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    if steps[-1] == 0.0:
        return np.repeat(line[:1], count, axis=0)
    at = np.linspace(0.0, steps[-1], count)
    return np.stack([np.interp(at, steps, line[:, 0]), np.interp(at, steps, line[:, 1])], axis=1)


def line_distance(first: Sequence[float], second: Sequence[float]) -> float:
    """Mean distance of points of one line to the other line, both ways; points are short lines."""
    a = np.asarray(first, np.float64).reshape(-1, 2)
    b = np.asarray(second, np.float64).reshape(-1, 2)
    there = _to_line(along(first, SAMPLES), b).mean()
    back = _to_line(along(second, SAMPLES), a).mean()
    return float((there + back) / 2.0)


def _to_line(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """(n,) distance of each point to the nearest piece of a line."""
    if len(line) == 1:
        alone: np.ndarray = np.linalg.norm(points - line[0], axis=1)
        return alone
    start, step = line[:-1], np.diff(line, axis=0)
    squares = np.maximum((step**2).sum(axis=1), np.finfo(float).tiny)
    apart = points[:, None] - start
    at = np.clip((apart * step).sum(axis=2) / squares, 0.0, 1.0)
    nearest: np.ndarray = np.linalg.norm(apart - at[..., None] * step, axis=2).min(axis=1)
    return nearest


def _inside(corners: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Whether an odd number of edges lies left of each cell's middle."""
    start, end = corners, np.roll(corners, -1, axis=0)
    y = down[:, None]
    crosses = (start[:, 1] <= y) != (end[:, 1] <= y)
    rise = end[:, 1] - start[:, 1]
    share = np.divide(y - start[:, 1], rise, out=np.zeros((len(down), len(corners))),
                      where=crosses)  # fmt: skip
    x = start[:, 0] + share * (end[:, 0] - start[:, 0])
    columns = np.searchsorted(across, x, side="left")
    rows = np.broadcast_to(np.arange(len(down))[:, None], columns.shape)
    width = len(across) + 1
    at = (rows * width + columns)[crosses]
    edges = np.bincount(at, minlength=len(down) * width).reshape(len(down), width)
    odd: np.ndarray = np.cumsum(edges, axis=1)[:, : len(across)] % 2 == 1
    return odd


def _area(corners: np.ndarray) -> float:
    x, y = corners[:, 0], corners[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2.0)


def _turned(corners: np.ndarray) -> np.ndarray:
    """The same outline with its area counted positive."""
    return corners if _area(corners) >= 0 else corners[::-1]


def _cut(corners: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """What of an outline lies left of a line, as seen along it."""
    edge = end - start
    apart = corners - start
    side = edge[0] * apart[:, 1] - edge[1] * apart[:, 0]
    kept: list[np.ndarray] = []
    for at in range(len(corners)):
        after = (at + 1) % len(corners)
        if side[at] >= 0:
            kept.append(corners[at])
        if (side[at] >= 0) != (side[after] >= 0):
            share = side[at] / (side[at] - side[after])
            kept.append(corners[at] + share * (corners[after] - corners[at]))
    return np.array(kept).reshape(-1, 2)
