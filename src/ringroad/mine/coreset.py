"""Greedy k-center: each choice is the point farthest from all that is covered so far."""

from __future__ import annotations

import numpy as np

from ringroad.mine.thinning import Spacing

_ROWS_AT_ONCE = 16_384
_BLOCK = 256


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
        points: (n, d) float32 candidates; they may be memory-mapped and are read in blocks. What
            is held beside them is a few numbers a point.
        covered: (m, d) float32, what is labelled already; m may be 0, then the first choice is
            drawn by the seed.
        count: how many to choose at most.
        seed: of that draw.
        spacing: which candidates are free; choices are taken from it.
    """
    reach = np.full(len(points), np.inf, dtype=np.float32)
    for start in range(0, len(covered), _ROWS_AT_ONCE):
        _shrink(reach, points, covered[start : start + _ROWS_AT_ONCE])
    chosen: list[int] = []
    if len(covered) == 0 and count > 0 and spacing.free.any():
        chosen.append(_first(spacing, seed))
        spacing.take(chosen[0])
        _shrink(reach, points, np.asarray(points[chosen], np.float32))
    while len(chosen) < count and spacing.free.any():
        picks = _settle_block(points, reach, spacing, count - len(chosen))
        _shrink(reach, points, np.asarray(points[picks], np.float32))
        chosen.extend(picks)
    return chosen


def _settle_block(points: np.ndarray, reach: np.ndarray, spacing: Spacing, count: int) -> list[int]:
    """Choose among the farthest free points for as long as no other can be farther."""
    free = np.where(spacing.free, reach, -np.inf)
    block, bound = _farthest(free)
    left = free[block]
    here = np.asarray(points[block], np.float32)
    apart = _squared(here, here)
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


def _farthest(free: np.ndarray) -> tuple[np.ndarray, float]:
    """Places of the farthest points, rising, and the distance that no other one exceeds.

    Points that tie at the edge of the block stay outside of it, whatever their number.
    """
    if len(free) <= _BLOCK:
        return np.arange(len(free)), -np.inf
    edge = np.partition(free, len(free) - _BLOCK - 1)[len(free) - _BLOCK - 1]
    block = np.flatnonzero(free > edge)
    if not len(block):  # more points than a block holds are equally far
        block = np.flatnonzero(free == edge)[:_BLOCK]
    return block, float(edge)


def _first(spacing: Spacing, seed: int) -> int:
    free = np.flatnonzero(spacing.free)
    return int(free[np.random.Generator(np.random.PCG64(seed)).integers(len(free))])


def _shrink(reach: np.ndarray, points: np.ndarray, centres: np.ndarray) -> None:
    """Bring squared distances to the nearest centre up to date, in place."""
    if not len(centres):
        return
    lengths = np.einsum("md,md->m", centres, centres)
    for start in range(0, len(points), _ROWS_AT_ONCE):
        block = np.asarray(points[start : start + _ROWS_AT_ONCE], np.float32)
        products = block @ centres.T
        products *= -2
        products += lengths
        near = products.min(axis=1) + np.einsum("nd,nd->n", block, block)
        rows = slice(start, start + len(block))
        reach[rows] = np.minimum(reach[rows], np.maximum(near, 0))


def _squared(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, d), (m, d) float32 -> (n, m) squared L2 by one matrix product, at least 0."""
    lengths = (points * points).sum(axis=1)[:, None] + (others * others).sum(axis=1)[None, :]
    squared: np.ndarray = np.maximum(lengths - 2 * (points @ others.T), 0)
    return squared
