"""Acceptance sampling by attributes: how many frames of a lot are inspected, how many may be bad.

A plan (n, c) accepts a lot where at most c of n inspected frames are bad. Wanted is the smallest n
for which a lot with the share `aql` of bad frames is accepted but for the producer's risk, and one
with the share `ltpd` is rejected but for the consumer's: the search of W. C. Guenther ("Use of the
binomial, hypergeometric, and Poisson tables to obtain sampling plans", Journal of Quality
Technology 1(2), 1969), here with exact probabilities. Lots are finite, so that they are
hypergeometric; the binomial ones are those of a process, or of a lot that is large against its
sample (E. G. Schilling, D. V. Neubauer, "Acceptance Sampling in Quality Control").
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ringroad.domain.order import LotPlan

EPSILON = 1e-9
"""7 % of 100 frames are 7, whatever binary fractions say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingPlan:
    """Inspect `sample` frames, accept where at most `limit` are bad."""

    sample: int
    limit: int
    producer_risk: float
    """Chance to reject a lot at the AQL."""
    consumer_risk: float
    """Chance to accept a lot at the LTPD."""


def plan_for(lots: LotPlan, size: int) -> SamplingPlan:
    """The smallest plan for a lot of `size` frames; all of them where no smaller sample will do."""
    good = math.floor(lots.aql * size + EPSILON)
    bad = max(1, math.ceil(lots.ltpd * size - EPSILON))

    def risks(sample: int, limit: int) -> tuple[float, float]:
        return (
            1.0 - accepts_lot(size, good, sample, limit),
            accepts_lot(size, bad, sample, limit),
        )

    found = _smallest(size, lots, risks)
    if found is not None:
        return found
    producer, consumer = risks(size, good)
    return SamplingPlan(sample=size, limit=good, producer_risk=producer, consumer_risk=consumer)


def plan_for_process(lots: LotPlan, *, most: int = 5000) -> SamplingPlan | None:
    """The smallest plan for lots without end, by binomial chances; None above `most` frames."""

    def risks(sample: int, limit: int) -> tuple[float, float]:
        return (
            1.0 - accepts(lots.aql, sample, limit),
            accepts(lots.ltpd, sample, limit),
        )

    return _smallest(most, lots, risks)


def accepts(share: float, sample: int, limit: int) -> float:
    """Chance that a process with a share of bad frames has at most `limit` among `sample`."""
    return math.fsum(
        math.comb(sample, bad) * share**bad * (1.0 - share) ** (sample - bad)
        for bad in range(min(limit, sample) + 1)
    )


def accepts_lot(size: int, bad: int, sample: int, limit: int) -> float:
    """Chance that at most `limit` of `sample` frames out of a lot with `bad` ones are bad.

    Exact: whole numbers until the one division.
    """
    ways = sum(
        math.comb(bad, hit) * math.comb(size - bad, sample - hit)
        for hit in range(max(0, sample - (size - bad)), min(limit, sample, bad) + 1)
    )
    return ways / math.comb(size, sample)


def _smallest(
    most: int, lots: LotPlan, risks: Callable[[int, int], tuple[float, float]]
) -> SamplingPlan | None:
    """For each limit the smallest sample the consumer agrees to; the first the producer does too.

    With the limit the sample grows; the producer's risk at it falls.
    """
    sample = 1
    for limit in range(most):
        sample = max(sample, limit + 1)
        while sample <= most and risks(sample, limit)[1] > lots.consumer_risk:
            sample += 1
        if sample > most:
            return None
        producer, consumer = risks(sample, limit)
        if producer <= lots.producer_risk:
            return SamplingPlan(
                sample=sample, limit=limit, producer_risk=producer, consumer_risk=consumer
            )
    return None
