"""Intervals of anything that is computed from sums over units, by resampling whole units.

Cluster bootstrap as in `intervals`, which has it for average precision.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from ringroad.metrics.intervals import Interval, draws, tail_of

CONFIDENCE = 0.95
REPLICATES = 2_000
CHUNK = 4_000_000
"""Numbers held at once."""


def interval_of_sums(
    sums: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    confidence: float = CONFIDENCE,
    replicates: int = REPLICATES,
    seed: int,
) -> Interval:
    """A statistic of sums over units, and the expanded percentile interval around it.

    Args:
        sums: (units, ...) what each unit adds.
        statistic: (n, ...) sums -> (n,) values, NaN where it is not defined.
        confidence: between 0 and 1.
        replicates: how often to resample.
        seed: of the draws.

    Returns:
        No interval under two units, or where fewer than half the replicates are defined.
    """
    units = len(sums)
    value = float(statistic(sums.sum(axis=0)[None])[0]) if units else float("nan")
    if np.isnan(value):
        return Interval(value=None, low=None, high=None)
    if units < 2:
        return Interval(value=value, low=None, high=None)
    weights = draws(units, replicates=replicates, seed=seed)
    flat = sums.reshape(units, -1)
    rows = max(1, CHUNK // max(1, flat.shape[1]))
    found = np.concatenate(
        [
            statistic((weights[at : at + rows] @ flat).reshape(-1, *sums.shape[1:]))
            for at in range(0, replicates, rows)
        ]
    )
    known = found[~np.isnan(found)]
    if 2 * len(known) < replicates:
        return Interval(value=value, low=None, high=None)
    tail = tail_of(confidence, units)
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return Interval(value=value, low=float(low), high=float(high))


def share(sums: np.ndarray) -> np.ndarray:
    """(n, 2) sums of parts and wholes -> (n,) their ratio, NaN where there is no whole."""
    empty = np.full(len(sums), np.nan)
    ratio: np.ndarray = np.divide(sums[:, 0], sums[:, 1], out=empty, where=sums[:, 1] > 0)
    return ratio


def wilson(hits: float, trials: float, *, confidence: float = CONFIDENCE) -> Interval:
    """A share of independent trials and Wilson's score interval, which few trials do not break.

    E. B. Wilson, "Probable inference", JASA 22, 1927.
    """
    if trials <= 0:
        return Interval(value=None, low=None, high=None)
    z = float(ndtri((1.0 + confidence) / 2.0))
    rate = hits / trials
    middle = rate + z**2 / (2.0 * trials)
    reach = z * float(np.sqrt(rate * (1.0 - rate) / trials + z**2 / (4.0 * trials**2)))
    whole = 1.0 + z**2 / trials
    return Interval(
        value=rate,
        low=max(0.0, (middle - reach) / whole),
        high=min(1.0, (middle + reach) / whole),
    )
