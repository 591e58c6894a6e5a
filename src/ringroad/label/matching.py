"""Pairs marks of two looks at one frame. What a pair or a leftover means, consensus says."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from ringroad.label.rows import Mark
from ringroad.models.nms import iou_matrix


def iou(first: Mark, second: Mark) -> float:
    """Intersection over union of two bounding boxes, without an array for one pair."""
    across = min(first.x + first.w, second.x + second.w) - max(first.x, second.x)
    down = min(first.y + first.h, second.y + second.h) - max(first.y, second.y)
    shared = max(0.0, across) * max(0.0, down)
    return shared / max(first.w * first.h + second.w * second.h - shared, 1e-9)


def shares_within(inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """(n, 4), (m, 4) boxes -> (n, m) which share of each inner one lies within each outer one."""
    a, b = inner[:, None, :], outer[None, :, :]
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=-1)
    share: np.ndarray = shared / np.maximum(a[..., 2:].prod(axis=-1), 1e-9)
    return share


def pair(
    first: np.ndarray, second: np.ndarray, *, min_iou: float, bonus: np.ndarray | None = None
) -> list[tuple[int, int, float]]:
    """Pairs with the largest total overlap (Hungarian method), each box in at most one.

    Args:
        first: (n, 4) boxes.
        second: (m, 4) boxes.
        min_iou: pairs that overlap less are not made.
        bonus: (n, m) added to the overlap while pairs compete, such as 0.5 for equal categories.

    Returns:
        Index in first, index in second, their intersection over union; by first index.
    """
    return pair_by(iou_matrix(first, second), least=min_iou, bonus=bonus)


def pair_by(
    alike: np.ndarray, *, least: float | np.ndarray, bonus: np.ndarray | None = None
) -> list[tuple[int, int, float]]:
    """`pair` for marks of any shape: (n, m) likeness, pairs that are less alike are not made."""
    allowed = alike >= least
    gain = np.where(allowed, alike + (0.0 if bonus is None else bonus), 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return [
        (int(i), int(j), float(alike[i, j]))
        for i, j in zip(rows, columns, strict=True)
        if allowed[i, j]
    ]
