"""A fleet: many recordings from one seed, in stated numbers per condition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ringroad.domain.time import SECOND_NS
from ringroad.simulate.recording import RecordingSpec

APART_S = 600
"""Recordings begin ten minutes apart."""


def fleet_specs(
    seed: int,
    *,
    counts: Mapping[str, int],
    duration_s: float,
    rate_hz: float,
    start_ns: int,
) -> tuple[RecordingSpec, ...]:
    """Specifications of a fleet's recordings.

    Args:
        seed: of the fleet; every recording gets one of its own.
        counts: condition -> how many.
        duration_s: of each.
        rate_hz: frames per second.
        start_ns: when the first one begins.
    """
    names = [f"{condition}-{n:03d}" for condition, count in counts.items() for n in range(count)]
    drawn = np.random.SeedSequence(seed).generate_state(max(1, len(names)))
    return tuple(
        RecordingSpec(
            name=name,
            vehicle="fleet",
            condition=name.rpartition("-")[0],
            seed=_distinct(int(drawn[number]), number),
            duration_s=duration_s,
            rate_hz=rate_hz,
            start_ns=start_ns + number * APART_S * SECOND_NS,
        )
        for number, name in enumerate(names)
    )


def _distinct(drawn: int, number: int) -> int:
    """31 random bits over 32 of the number: no two recordings of a fleet share a seed."""
    return (drawn >> 1) << 32 | number
