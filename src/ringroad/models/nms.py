"""Overlap, pairing and non-maximum suppression of boxes in NumPy; makes no boxes itself."""

from __future__ import annotations

import numpy as np


def iou_matrix(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of every pair.

    Args:
        first: (n, 4) boxes, top-left x, y, w, h.
        second: (m, 4) boxes.

    Returns:
        (n, m) float64 in [0, 1]; 0 where both boxes are empty.
    """
    a = np.asarray(first, np.float64).reshape(-1, 1, 4)
    b = np.asarray(second, np.float64).reshape(1, -1, 4)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=2)
    union = np.prod(a[..., 2:], axis=2) + np.prod(b[..., 2:], axis=2) - shared
    ratio: np.ndarray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return ratio


def pairs(overlap: np.ndarray, *, at_least: float) -> tuple[np.ndarray, np.ndarray]:
    """Pair rows with columns, greatest overlap first, each used once.

    Args:
        overlap: (n, m); equal overlaps are taken in the order of rows, then columns.
        at_least: lowest overlap of a pair; more than 0.

    Returns:
        Rows and columns of the pairs.
    """
    rows, columns = np.nonzero(overlap >= at_least)
    order = np.argsort(-overlap[rows, columns], kind="stable")
    taken_rows, taken_columns = set(), set()
    kept = []
    for index in order:
        row, column = int(rows[index]), int(columns[index])
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            kept.append(index)
    return rows[kept], columns[kept]


def nms(boxes: np.ndarray, scores: np.ndarray, groups: np.ndarray, *, iou: float) -> np.ndarray:
    """Keep the best box of each heap of boxes in one group.

    Greedy: the highest score stays and removes all boxes of its group that overlap it by more
    than `iou`, then the next. Equal scores keep the order handed in.

    Args:
        boxes: (n, 4) top-left x, y, w, h.
        scores: (n,).
        groups: (n,) integers; boxes of different groups never remove one another.
        iou: overlap above which the weaker box goes.

    Returns:
        Indices that stay, best score first.
    """
    order = np.argsort(-scores, kind="stable")
    over = iou_matrix(boxes[order], boxes[order]) > iou
    over &= groups[order][:, None] == groups[order][None, :]
    alive = np.ones(len(order), bool)
    for index in range(len(order)):
        if alive[index]:
            alive[index + 1 :] &= ~over[index, index + 1 :]
    kept: np.ndarray = order[alive]
    return kept
