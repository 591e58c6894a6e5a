"""Comparisons of two ways over the same seeds: exact tests, intervals, gains and their ratio."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.special import stdtrit

EXACT_UP_TO = 14
"""So many pairs have at most 16,384 ways to flip their signs, which are all tried."""
DRAWS = 20_000
_SEED = 1


def mean_interval(values: np.ndarray, *, confidence: float) -> dict[str, float | int | None]:
    """Mean of (n,) values and Student's interval; no interval under two values."""
    count = len(values)
    mean = float(values.mean()) if count else None
    if count < 2:
        return {"value": mean, "low": None, "high": None, "n": count}
    reach = float(stdtrit(count - 1, 0.5 + confidence / 2) * values.std(ddof=1) / np.sqrt(count))
    return {
        "value": float(values.mean()),
        "low": float(values.mean()) - reach,
        "high": float(values.mean()) + reach,
        "n": count,
    }


def sign_flip(differences: np.ndarray) -> float:
    """Two-sided p of (n,) paired differences, by flipping their signs (R. Fisher, 1935).

    All 2^n ways up to `EXACT_UP_TO` pairs, a seeded draw of them above. With n pairs the smallest
    p there can be is 2 / 2^n: five seeds cannot get below 0.0625.
    """
    count = len(differences)
    if count <= EXACT_UP_TO:
        signs = np.array(list(product((-1.0, 1.0), repeat=count))).reshape(-1, count)
    else:
        draw = np.random.Generator(np.random.PCG64(_SEED))
        signs = draw.choice((-1.0, 1.0), (DRAWS, count))
        signs[0] = 1.0
    seen = abs(float(differences.sum()))
    return float(np.mean(np.abs(signs @ differences) >= seen - 1e-12))


def ratio_of_gains(
    gain: np.ndarray, baseline: np.ndarray, *, confidence: float
) -> dict[str, float | str | None]:
    """Mean gain over mean gain of the baseline, with Fieller's interval (E. Fieller, 1954).

    Where the interval of the baseline's gain holds zero the ratio is not defined: what is divided
    by may be nothing. The gains themselves say what there is to say.
    """
    count = len(gain)
    mean, below = float(gain.mean()), float(baseline.mean())
    if count < 2:
        return {"value": None, "low": None, "high": None, "why": "one seed tells no spread"}
    t = float(stdtrit(count - 1, 0.5 + confidence / 2))
    covariance = np.cov(gain, baseline) / count
    a = below**2 - t**2 * covariance[1, 1]
    b = -2 * (mean * below - t**2 * covariance[0, 1])
    c = mean**2 - t**2 * covariance[0, 0]
    inside = b**2 - 4 * a * c
    if a <= 0 or inside < 0:
        return {
            "value": None,
            "low": None,
            "high": None,
            "why": "not defined: the gain of the other arm may be zero",
        }
    ends = sorted([(-b - np.sqrt(inside)) / (2 * a), (-b + np.sqrt(inside)) / (2 * a)])
    return {"value": mean / below, "low": float(ends[0]), "high": float(ends[1]), "why": ""}


def area(costs: np.ndarray, values: np.ndarray) -> float:
    """Mean height of a curve over its cost, by trapezoids."""
    span = float(costs[-1] - costs[0])
    return float(np.trapezoid(values, costs) / span) if span > 0 else float(values[-1])


def cost_to_reach(costs: np.ndarray, values: np.ndarray, target: float) -> float | None:
    """The least cost at which a curve reaches a value, between rounds in a straight line."""
    if values[0] >= target:
        return float(costs[0])
    for at in range(1, len(values)):
        if values[at] >= target:
            share = (target - values[at - 1]) / (values[at] - values[at - 1])
            return float(costs[at - 1] + share * (costs[at] - costs[at - 1]))
    return None
