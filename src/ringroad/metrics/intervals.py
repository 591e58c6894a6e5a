"""Intervals of AP50 by resampling whole units, matches kept from one pass over the boxes.

Cluster bootstrap: units are drawn with replacement and all of a unit's frames go with it, since
frames of one recording resemble each other (A. C. Davison and D. V. Hinkley, "Bootstrap Methods
and their Application", 1997, sections 3.8 and 5.3: the percentile method). Matching never crosses
a frame, so a replicate only re-weights matches: a unit drawn twice counts twice.

Percentiles of few units are too narrow: resampling n units understates their spread by
sqrt((n - 1) / n), and takes the normal's tails where Student's are due. `tail_of` widens them as
the expanded percentile interval does (T. C. Hesterberg, "What Teachers Should Know About the
Bootstrap", The American Statistician 69(4), 2015, section 5.3). docs/decisions/0005 has what that
gains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, stdtrit

from ringroad.metrics.matching import Matches

RECALLS = np.linspace(0.0, 1.0, 101)
"""Where COCO reads the precision."""
CHUNK = 4_000_000
"""Weights held at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value and the percentile interval around it."""

    value: float | None
    """None where there is no truth to measure it by."""
    low: float | None
    """None under two units, and where too few replicates hold a truth."""
    high: float | None


def draws(units: int, *, replicates: int, seed: int) -> np.ndarray:
    """(replicates, units) float64: how often each replicate drew each unit."""
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = rng.integers(0, units, (replicates, units)) + units * np.arange(replicates)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=replicates * units)
    weights: np.ndarray = counts.reshape(replicates, units).astype(np.float64)
    return weights


def ap50(matches: Matches, weights: np.ndarray) -> np.ndarray:
    """AP at the overlap that the matches were made with, COCO's 101 points interpolated.

    Args:
        matches: detections of one category, best score first.
        weights: (replicates, units) how often each unit counts.

    Returns:
        (replicates,) float64, NaN where the units drawn hold no truth.
    """
    rows = max(1, CHUNK // max(1, len(matches.hits)))
    parts = [_ap(matches, weights[at : at + rows]) for at in range(0, len(weights), rows)]
    whole: np.ndarray = np.concatenate([np.empty(0), *parts])
    return whole


def _ap(matches: Matches, weights: np.ndarray) -> np.ndarray:
    truths = weights @ matches.truths.astype(np.float64)
    ends = np.nonzero(matches.hits)[0]  # precision falls everywhere else
    if not len(ends):
        return np.where(truths > 0, 0.0, np.nan)
    each = weights[:, matches.units]
    seen = np.cumsum(each, axis=1)[:, ends]
    hit = np.cumsum(each[:, ends], axis=1)
    precision = np.divide(hit, seen, out=np.zeros_like(hit), where=seen > 0)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = hit / truths[:, None]
    means = np.full(len(weights), np.nan)
    for row in np.nonzero(truths > 0)[0]:
        at = np.searchsorted(recall[row], RECALLS)
        means[row] = best[row][at[at < len(ends)]].sum() / len(RECALLS)
    return means


def mean_ap50(categories: Sequence[Matches], weights: np.ndarray) -> np.ndarray:
    """(replicates,) mean over the categories that have truths in the units drawn, else NaN."""
    if not categories:
        return np.full(len(weights), np.nan)
    each = np.stack([ap50(matches, weights) for matches in categories])
    known = ~np.isnan(each)
    total, count = np.where(known, each, 0.0).sum(axis=0), known.sum(axis=0)
    mean: np.ndarray = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return mean


def interval(
    categories: Sequence[Matches],
    *,
    units: int,
    confidence: float,
    replicates: int,
    seed: int,
) -> Interval:
    """AP50, meant over categories, and its percentile interval.

    Args:
        categories: matches of each category over the same units.
        units: how many units there are.
        confidence: between 0 and 1, such as 0.95.
        replicates: how often to resample.
        seed: of the draws; equal seeds draw the same units.
    """
    value = mean_ap50(categories, np.ones((1, units)))[0]
    weights = draws(units, replicates=replicates, seed=seed) if units >= 2 else np.ones((0, units))
    return _summed_up(value, mean_ap50(categories, weights), tail_of(confidence, units))


def paired_difference(
    before: Sequence[Matches],
    after: Sequence[Matches],
    *,
    units: int,
    confidence: float,
    replicates: int,
    seed: int,
) -> Interval:
    """AP50 of `after` less that of `before`, both over the same drawn units in each replicate.

    The units' common difficulty cancels, so the interval is narrower than two apart would say.
    """
    one = np.ones((1, units))
    weights = draws(units, replicates=replicates, seed=seed) if units >= 2 else one[:0]
    value = mean_ap50(after, one)[0] - mean_ap50(before, one)[0]
    differences = mean_ap50(after, weights) - mean_ap50(before, weights)
    return _summed_up(value, differences, tail_of(confidence, units))


def tail_of(confidence: float, units: int) -> float:
    """The share of replicates to leave out at each end, so that few units give wide intervals.

    (1 - confidence) / 2 for very many units; of 5 units 0.001 in place of 0.025, so that some
    thousand replicates are needed. 0 for fewer than two, where nothing can be said.
    """
    if units < 2:
        return 0.0
    student = stdtrit(units - 1, (1.0 + confidence) / 2.0)
    return float(ndtr(-np.sqrt(units / (units - 1)) * student))


def _summed_up(value: float, replicates: np.ndarray, tail: float) -> Interval:
    """Percentiles of the replicates that hold truths, if at least half of them do."""
    if np.isnan(value):
        return Interval(value=None, low=None, high=None)
    known = replicates[~np.isnan(replicates)]
    if not len(known) or 2 * len(known) < len(replicates):
        return Interval(value=float(value), low=None, high=None)
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return Interval(value=float(value), low=float(low), high=float(high))
