"""Boxes and polylines under affine maps of the picture, and what of them a frame still shows.

Coordinates are continuous pixels: pixel i covers [i, i + 1). A map is (2, 3): it takes (x, y, 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np


def joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The map that applies `first`, then `second`."""
    found: np.ndarray = second[:, :2] @ first
    found[:, 2] += second[:, 2]
    return found


def inverted(matrix: np.ndarray) -> np.ndarray:
    """The map back. Raises LinAlgError where it flattens the plane."""
    turned = np.linalg.inv(matrix[:, :2])
    return np.concatenate([turned, -turned @ matrix[:, 2:]], axis=1)


def moved_points(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(n, 2) points under a map."""
    found: np.ndarray = points @ matrix[:, :2].T + matrix[:, 2]
    return found


def moved_boxes(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(m, 4) x, y, w, h of the smallest upright boxes around the boxes under a map.

    Exact for shifts, scales and flips. Under shear it holds the four corners, so it grows.
    """
    middle = moved_points(boxes[:, :2] + boxes[:, 2:] / 2, matrix)
    reach = boxes[:, 2:] @ np.abs(matrix[:, :2]).T
    return np.concatenate([middle - reach / 2, reach], axis=1)


def clipped_boxes(boxes: np.ndarray, width: float, height: float) -> tuple[np.ndarray, np.ndarray]:
    """What of each box lies inside of a frame, and the share of its area that this is.

    A box without area is seen whole or not at all, by where its middle lies.
    """
    edge = np.array([width, height], np.float64)
    low = np.clip(boxes[:, :2], 0, edge)
    high = np.clip(boxes[:, :2] + boxes[:, 2:], 0, edge)
    inside = np.concatenate([low, high - low], axis=1)
    whole = boxes[:, 2] * boxes[:, 3]
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    held = ((middle >= 0) & (middle <= edge)).all(axis=1)
    share = np.where(whole > 0, inside[:, 2] * inside[:, 3] / np.where(whole > 0, whole, 1), held)
    return inside, share


def clipped_lines(
    lines: Sequence[np.ndarray], width: float, height: float
) -> list[tuple[int, np.ndarray]]:
    """What of each polyline lies inside of a frame: its number and the points, piece by piece.

    A line that leaves and comes back gives several pieces (Liang and Barsky's clipping of each
    segment, "A New Concept and Method for Line Clipping", ACM Transactions on Graphics 3(1),
    1984). Where it runs along the edge it counts as inside.
    """
    found = []
    for number, line in enumerate(lines):
        inside = (line >= 0).all() and (line[:, 0] <= width).all() and (line[:, 1] <= height).all()
        pieces = [line] if inside else _pieces(line, width, height)
        found += [(number, piece) for piece in pieces]
    return found


def _pieces(line: np.ndarray, width: float, height: float) -> list[np.ndarray]:
    pieces: list[list[np.ndarray]] = []
    going_on = False
    for a, b in pairwise(line):
        span = _inside(a, b, width, height)
        if span is None:
            going_on = False
            continue
        enter, leave = span
        if not going_on or enter > 0:
            pieces.append([a + enter * (b - a)])
        pieces[-1].append(a + leave * (b - a) if leave < 1 else b)
        going_on = leave == 1
    return [np.array(piece) for piece in pieces]


def _inside(
    a: np.ndarray, b: np.ndarray, width: float, height: float
) -> tuple[float, float] | None:
    """From which share of a segment to which it lies inside; None where it does not."""
    enter, leave = 0.0, 1.0
    for start, step, edge in zip(a.tolist(), (b - a).tolist(), (width, height), strict=True):
        if step == 0:
            if not 0 <= start <= edge:
                return None
            continue
        first, second = -start / step, (edge - start) / step
        enter = max(enter, min(first, second))
        leave = min(leave, max(first, second))
    return (enter, leave) if enter < leave else None
