"""Events along the road: hard braking and acceleration, stops, standstills, starts, speeding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ringroad.ingest.events.found import (
    HARD_ACCELERATION,
    HARD_BRAKE,
    SPEEDING,
    STANDSTILL,
    START,
    STOP,
    Found,
)
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.events.spans import peaks, spans_over
from ringroad.media.motion import RATE_HZ, Motion


def driving_events(motion: Motion, limits: EventLimits) -> Iterator[Found]:
    """All events of speed and its change."""
    yield from _hard(motion, HARD_BRAKE, -motion.acceleration, limits.brake_mps2, limits)
    yield from _hard(motion, HARD_ACCELERATION, motion.acceleration, limits.accelerate_mps2, limits)
    yield from _speeding(motion, limits)
    yield from _standing(motion, limits)


def _hard(
    motion: Motion, kind: str, values: np.ndarray, limit: float, limits: EventLimits
) -> Iterator[Found]:
    runs = spans_over(
        values,
        reach=limit,
        hold=limit * limits.longitudinal_end,
        shortest=round(limits.longitudinal_s * RATE_HZ),
    )
    for (begin, end), peak in zip(runs.tolist(), peaks(values, runs).tolist(), strict=True):
        change = (motion.speed[end - 1] - motion.speed[begin]) * 3.6
        told = f"{peak:.1f} m/s2"
        told += f", {change:+.0f} km/h" if np.isfinite(change) else ""
        yield kind, *_times(motion, begin, end), peak, "m/s2", told


def _speeding(motion: Motion, limits: EventLimits) -> Iterator[Found]:
    runs = spans_over(
        motion.speed,
        reach=limits.speeding_mps,
        hold=limits.speeding_mps - limits.speeding_end_mps,
        shortest=round(limits.speeding_s * RATE_HZ),
    )
    for (begin, end), peak in zip(runs.tolist(), peaks(motion.speed, runs).tolist(), strict=True):
        told = f"{peak * 3.6:.0f} km/h, over {limits.speeding_mps * 3.6:.0f}"
        yield SPEEDING, *_times(motion, begin, end), peak, "m/s", told


def _standing(motion: Motion, limits: EventLimits) -> Iterator[Found]:
    """Standstills, and the stop before and the start after each where there is one."""
    runs = spans_over(
        -motion.speed,
        reach=-limits.standing_mps,
        hold=-limits.rolling_mps,
        shortest=round(limits.standstill_s * RATE_HZ),
    )
    driving = np.flatnonzero(motion.speed >= limits.driving_mps)
    free = np.concatenate([[-1], runs.ravel(), [len(motion.time_ns)]]).reshape(-1, 2)
    for number, (begin, end) in enumerate(runs.tolist()):
        seconds = (end - begin) / RATE_HZ
        yield STANDSTILL, *_times(motion, begin, end), seconds, "s", f"{seconds:.0f} s"
        place = int(np.searchsorted(driving, begin))
        if place and driving[place - 1] >= free[number, 0]:
            told = f"to a standstill of {seconds:.0f} s"
            yield _change(motion, STOP, int(driving[place - 1]), begin + 1, told)
        if place < len(driving) and driving[place] < free[number + 1, 1]:
            told = f"after a standstill of {seconds:.0f} s"
            yield _change(motion, START, end - 1, int(driving[place]) + 1, told)


def _change(motion: Motion, kind: str, begin: int, end: int, told: str) -> Found:
    known = motion.acceleration[begin:end]
    hardest = float(np.abs(known[np.isfinite(known)]).max(initial=0.0))
    return kind, *_times(motion, begin, end), hardest, "m/s2", told


def _times(motion: Motion, begin: int, end: int) -> tuple[int, int]:
    return int(motion.time_ns[begin]), int(motion.time_ns[end - 1])
