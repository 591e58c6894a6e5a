"""Greedy k-center: each choice is the point farthest from all that is covered so far."""

from __future__ import annotations

import numpy as np

from ringroad.mine.thinning import Spacing

_ROWS_AT_ONCE = 16_384
_BLOCK = 64


def k_center_greedy(
    points: np.ndarray, covered: np.ndarray, *, count: int, seed: int, spacing: Spacing
) -> list[int]:
    """Indices in the order of choice; the 2-approximation of T. Gonzalez, 1985.

    O. Sener and S. Savarese ("Active learning for convolutional neural networks: a core-set
    approach", ICLR 2018) use it to choose what to label. The farthest points are settled among
    themselves a block at a time, which asks for matrix products instead of one pass over all
    points per choice and gives the same choices: distances only ever shrink, so a point of the
    block that still lies beyond all points outside it is the farthest of all.

    Args:
        points: (n, d) float32 candidates.
        covered: (m, d) float32, what is labelled already; m may be 0, then the first choice is
            drawn by the seed.
        count: how many to choose at most.
        seed: of that draw.
        spacing: which candidates are free; choices are taken from it.
    """
    lengths = (points * points).sum(axis=1)
    reach = _reach(points, covered)
    chosen: list[int] = []
    if len(covered) == 0 and count > 0 and spacing.free.any():
        chosen.append(_first(spacing, seed))
        spacing.take(chosen[0])
        reach = _nearest(points, lengths, chosen)
    while len(chosen) < count and spacing.free.any():
        picks = _settle_block(points, reach, spacing, count - len(chosen))
        reach = np.minimum(reach, _nearest(points, lengths, picks))
        chosen.extend(picks)
    return chosen


def _settle_block(points: np.ndarray, reach: np.ndarray, spacing: Spacing, count: int) -> list[int]:
    """Choose among the farthest free points for as long as no other can be farther."""
    free = np.where(spacing.free, reach, -np.inf)
    order = np.argsort(-free, kind="stable")[: _BLOCK + 1]
    bound = free[order[_BLOCK]] if len(order) > _BLOCK else -np.inf
    block = np.sort(order[:_BLOCK])
    left = free[block]
    apart = _squared(points[block], points[block])
    picks: list[int] = []
    while len(picks) < count:
        place = int(np.argmax(left))
        if np.isneginf(left[place]) or (picks and left[place] <= bound):
            break
        picks.append(int(block[place]))
        spacing.take(picks[-1])
        left = np.minimum(left, apart[place])
        left[~spacing.free[block]] = -np.inf
    return picks


def _first(spacing: Spacing, seed: int) -> int:
    free = np.flatnonzero(spacing.free)
    return int(free[np.random.Generator(np.random.PCG64(seed)).integers(len(free))])


def _reach(points: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """(n,) squared distance of each point to the nearest covered one; infinite where none is."""
    reach = np.full(len(points), np.inf, dtype=np.float32)
    for start in range(0, len(covered), _ROWS_AT_ONCE):
        part = covered[start : start + _ROWS_AT_ONCE]
        for row in range(0, len(points), _ROWS_AT_ONCE):
            rows = slice(row, row + _ROWS_AT_ONCE)
            reach[rows] = np.minimum(reach[rows], _squared(points[rows], part).min(axis=1))
    return reach


def _nearest(points: np.ndarray, lengths: np.ndarray, picks: list[int]) -> np.ndarray:
    """(n,) squared distance of each point to the nearest pick; `lengths` are squared norms."""
    products = points @ points[picks].T
    products *= -2
    products += lengths[picks]
    nearest: np.ndarray = np.maximum(products.min(axis=1) + lengths, 0)
    return nearest


def _squared(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, d), (m, d) float32 -> (n, m) squared L2 by one matrix product, at least 0."""
    lengths = (points * points).sum(axis=1)[:, None] + (others * others).sum(axis=1)[None, :]
    squared: np.ndarray = np.maximum(lengths - 2 * (points @ others.T), 0)
    return squared
