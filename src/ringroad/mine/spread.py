"""Choices that spread over a pool: by distance drawn, by what they stand for, by density.

Points are (n, d) float32 and may be memory-mapped: they are read in blocks.
"""

from __future__ import annotations

import numpy as np

from ringroad.mine.thinning import Spacing

_ROWS_AT_ONCE = 16_384
BLOCK = 32
"""Out of large pools `plus_plus` draws so many at a time before it brings distances up to date."""
LARGE = 50_000


def plus_plus(
    points: np.ndarray,
    covered: np.ndarray,
    *,
    count: int,
    seed: int,
    spacing: Spacing,
    weights: np.ndarray | None = None,
) -> list[int]:
    """Draw points with a chance that grows with their squared distance to what is covered.

    The seeding of k-means++ (D. Arthur, S. Vassilvitskii, SODA 2007), with the labelled points as
    first centres. With weights the chance grows with weight times distance: after BADGE (J. Ash
    et al., ICLR 2020), which draws so in the space of gradients; here the embedding stands for
    their direction and the uncertainty for their length.

    Args:
        points: (n, d) candidates.
        covered: (m, d), what is labelled already; m may be 0.
        count: how many at most.
        seed: of the draws.
        spacing: which candidates are free; choices are taken from it.
        weights: (n,) of at least 0; None for equal ones.
    """
    draw = np.random.Generator(np.random.PCG64(seed))
    factor = np.ones(len(points)) if weights is None else np.maximum(weights, 0.0)
    reach = np.full(len(points), np.inf)
    if len(covered):
        reach = nearest(points, covered, reach)
    block = BLOCK if len(points) > LARGE else 1
    chosen: list[int] = []
    while len(chosen) < count and spacing.free.any():
        picks = _drawn(reach, factor, spacing, draw, min(block, count - len(chosen)))
        chosen += picks
        reach = nearest(points, np.asarray(points[picks]), reach)
    return chosen


def _drawn(
    reach: np.ndarray,
    factor: np.ndarray,
    spacing: Spacing,
    draw: np.random.Generator,
    count: int,
) -> list[int]:
    """Some places; the very first by weight alone, one at a time, as nothing is covered yet."""
    open_ended = np.isinf(reach).all()
    mass = factor if open_ended else reach * factor
    picks: list[int] = []
    for _ in range(1 if open_ended else count):
        left = np.where(spacing.free, mass, 0.0)
        if left.sum() <= 0:
            left = spacing.free.astype(np.float64)
        if left.sum() <= 0:
            break
        steps = np.cumsum(left)
        place = int(np.searchsorted(steps, draw.random() * steps[-1], side="right"))
        place = min(place, len(left) - 1)
        spacing.take(place)
        picks.append(place)
    return picks


def facility_greedy(
    points: np.ndarray,
    covered: np.ndarray,
    *,
    count: int,
    seed: int,
    spacing: Spacing,
    reference: int,
) -> list[int]:
    """Choose points that together stand nearest to a sample of the pool.

    Greedy maximisation of facility location, which is submodular, so that greedy reaches 63 % of
    the best (G. Nemhauser et al., 1978); each step looks at a random part of the candidates
    (B. Mirzasoleiman et al., "Lazier than lazy greedy", AAAI 2015). What a point gains is by how
    much it shortens the squared distances of the sample to what is chosen.

    Args:
        points: (n, d) candidates.
        covered: (m, d), what is labelled already.
        count: how many at most.
        seed: of the sample and of the parts.
        spacing: which candidates are free; choices are taken from it.
        reference: size of the sample.
    """
    if not len(points):
        return []
    draw = np.random.Generator(np.random.PCG64(seed))
    sample = np.sort(draw.permutation(len(points))[:reference])
    wanted = np.asarray(points[sample], dtype=np.float32)
    middle = wanted.mean(axis=0)
    far = float(squared(wanted, middle[None]).max()) if len(wanted) else 0.0
    left = np.full(len(wanted), 4 * far + 1e-6, dtype=np.float32)
    if len(covered):
        left = np.minimum(left, nearest(wanted, covered, left))
    part = max(32, int(np.ceil(len(points) / max(1, count) * np.log(20))))
    chosen: list[int] = []
    while len(chosen) < count and spacing.free.any():
        free = np.flatnonzero(spacing.free)
        looked = np.sort(draw.choice(free, size=min(part, len(free)), replace=False))
        apart = squared(np.asarray(points[looked], dtype=np.float32), wanted)
        gain = np.maximum(left[None, :] - apart, 0).sum(axis=1)
        best = int(np.argmax(gain))
        place = int(looked[best])
        spacing.take(place)
        chosen.append(place)
        left = np.minimum(left, apart[best])
    return chosen


def typicality(points: np.ndarray, *, neighbours: int) -> np.ndarray:
    """(n,) inverse of the mean distance to so many nearest others: high in dense parts.

    G. Hacohen et al., "Active learning on a budget: opposite strategies suit high and low
    budgets", ICML 2022. All pairs are compared, block by block.
    """
    count = len(points)
    near = min(neighbours, count - 1)
    found = np.zeros(count)
    if near < 1:
        return found
    for start in range(0, count, 1024):
        block = np.asarray(points[start : start + 1024], dtype=np.float32)
        apart = np.concatenate(
            [
                squared(block, np.asarray(points[at : at + _ROWS_AT_ONCE], dtype=np.float32))
                for at in range(0, count, _ROWS_AT_ONCE)
            ],
            axis=1,
        )
        apart[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        closest = np.partition(apart, near - 1, axis=1)[:, :near]
        found[start : start + len(block)] = 1.0 / (np.sqrt(closest).mean(axis=1) + 1e-6)
    return found


def nearest(points: np.ndarray, centres: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """(n,) squared distance to the nearest centre, at most what `reach` says."""
    found = reach.copy()
    for start in range(0, len(points), _ROWS_AT_ONCE):
        block = np.asarray(points[start : start + _ROWS_AT_ONCE], dtype=np.float32)
        for at in range(0, len(centres), _ROWS_AT_ONCE):
            apart = squared(block, centres[at : at + _ROWS_AT_ONCE]).min(axis=1)
            rows = slice(start, start + len(block))
            found[rows] = np.minimum(found[rows], apart)
    return found


def squared(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, d), (m, d) float32 -> (n, m) squared L2 by one matrix product, at least 0."""
    lengths = (points * points).sum(axis=1)[:, None] + (others * others).sum(axis=1)[None, :]
    apart: np.ndarray = np.maximum(lengths - 2 * (points @ others.T), 0)
    return apart
