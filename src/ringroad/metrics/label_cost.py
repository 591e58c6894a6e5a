"""What a KPI costs in labels, over seeds: the share of a pool, and the cost at equal KPI."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ringroad.metrics.intervals import tail_of
from ringroad.metrics.paired import cost_to_reach

DRAWS = 2_000
_SEED = 2
Costs = dict[str, float | None]
"""`value`, `low`, `high`; None stands for a cost beyond all that was spent."""


def share_to_reach(
    costs: np.ndarray,
    values: np.ndarray,
    whole_costs: np.ndarray,
    whole_values: np.ndarray,
    *,
    reach: float,
    confidence: float,
) -> Costs:
    """The share of all labels at which a mean curve reaches the KPI of all, or a part of it.

    Args:
        costs: (seeds, rounds) of one arm.
        values: (seeds, rounds).
        whole_costs: (seeds,) of all labels there are.
        whole_values: (seeds,) with all of them.
        reach: share of the mean of `whole_values` that counts as reached.
        confidence: of the interval over seeds, which are drawn with replacement.
    """

    def share(drawn: np.ndarray) -> float:
        target = reach * float(whole_values[drawn].mean())
        if target <= 0:
            return np.inf  # nothing was learnt from all labels, so that nothing is reached
        cost = cost_to_reach(costs[drawn].mean(axis=0), values[drawn].mean(axis=0), target)
        return np.inf if cost is None else cost / float(whole_costs[drawn].mean())

    return _over_seeds(share, len(costs), confidence)


def cost_at_equal(
    costs: np.ndarray,
    values: np.ndarray,
    other_values: np.ndarray,
    *,
    confidence: float,
) -> Costs:
    """What an arm has to spend until its mean curve is where another arm's ends.

    Args:
        costs: (seeds, rounds) of the arm.
        values: (seeds, rounds).
        other_values: (seeds, rounds) of the other.
        confidence: of the interval over seeds, which are drawn with replacement.
    """

    def cost(drawn: np.ndarray) -> float:
        target = float(other_values[drawn, -1].mean())
        found = cost_to_reach(costs[drawn].mean(axis=0), values[drawn].mean(axis=0), target)
        return np.inf if found is None else found

    return _over_seeds(cost, len(costs), confidence)


def _over_seeds(figure: Callable[[np.ndarray], float], seeds: int, confidence: float) -> Costs:
    """A figure of all seeds, and the percentile interval of drawing them with replacement.

    Percentiles of few seeds are too narrow, so that they are widened: `intervals.tail_of`.
    """
    value = figure(np.arange(seeds))
    if seeds < 2:
        return {"value": _finite(value), "low": None, "high": None}
    rng = np.random.Generator(np.random.PCG64(_SEED))
    found = np.sort([figure(rng.integers(0, seeds, seeds)) for _ in range(DRAWS)])
    last = DRAWS - 1
    low = int(np.floor(tail_of(confidence, seeds) * last))
    return {
        "value": _finite(value),
        "low": _finite(float(found[low])),
        "high": _finite(float(found[last - low])),
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
