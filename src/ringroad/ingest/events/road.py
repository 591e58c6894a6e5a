"""Bumps and potholes, from the IMU's vertical axis at its own rate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ringroad.domain.time import SECOND_NS
from ringroad.ingest.events.found import BUMP, Found
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.events.spans import joined, peaks, spans_over
from ringroad.media.motion import Signals, on_grid

AROUND_S = 2.0
"""Slope, bias and gravity are the mean over this time."""


def bumps(signals: Signals, limits: EventLimits) -> Iterator[Found]:
    """Jolts while driving; an IMU of 10 Hz or less misses most of them."""
    if signals.up is None or len(signals.up.time_ns) < 2:
        return
    time_ns, up = signals.up.time_ns, signals.up.values
    jolt = np.abs(up - _mean_around(time_ns, up))
    if signals.speed is not None:
        speed = on_grid(signals.speed, time_ns, limits.gap_s)
        jolt = np.where(speed >= limits.bump_speed_mps, jolt, np.nan)
    runs = spans_over(jolt, reach=limits.bump_mps2, hold=limits.bump_mps2)
    apart = (time_ns[runs[1:, 0]] - time_ns[runs[:-1, 1] - 1]).astype(np.float64)
    runs = joined(runs, apart <= limits.bump_join_s * SECOND_NS)
    for (begin, end), peak in zip(runs.tolist(), peaks(jolt, runs).tolist(), strict=True):
        told = f"{peak:.1f} m/s2 up or down"
        yield BUMP, int(time_ns[begin]), int(time_ns[end - 1]), peak, "m/s2", told


def _mean_around(time_ns: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The mean of what lies within `AROUND_S` around each value."""
    half = int(AROUND_S / 2 * SECOND_NS)
    low = np.searchsorted(time_ns, time_ns - half)
    high = np.searchsorted(time_ns, time_ns + half, side="right")
    total = np.concatenate([[0.0], np.cumsum(values)])
    found: np.ndarray = (total[high] - total[low]) / (high - low)
    return found
