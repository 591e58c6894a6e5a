"""Checks of the IMU: bias at standstill, clipping, gravity, values that never change."""

from __future__ import annotations

import numpy as np

from ringroad.domain.recording import IMU
from ringroad.ingest.checks.findings import Finding, runs_of
from ringroad.ingest.checks.lanes import Lanes, Line, seconds, values_at
from ringroad.ingest.checks.limits import CheckLimits

ACCELERATION = "imu.linear_acceleration"
TURN_RATE = "imu.angular_velocity"
GRAVITY = 9.80665
LIVELY = 0.5
"""A signal is alive where more than this share of its messages change it."""
FAR_MAD = 8.0
"""The end of a range lies so many MAD from the median; nearer, equal values are rounding."""


def imu_bias(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Turn rates that are not zero while the vehicle stands, by the median over all standstills."""
    if lanes.speed is None:
        return []
    found = []
    for axes in lanes.triples(IMU, TURN_RATE):
        times = axes[0].times
        stands = np.abs(values_at(lanes.speed, times)) <= limits.standstill_mps
        runs = [
            (a, b)
            for a, b in runs_of(stands, least=2)
            if times[b] - times[a] >= limits.standstill_s * 1e9
        ]
        if not runs:
            continue
        rows = np.concatenate([np.arange(a, b + 1) for a, b in runs])
        bias = float(np.linalg.norm([np.median(axis.values[rows]) for axis in axes]))
        if bias > limits.bias_radps:
            found.append(
                _found(
                    "imu-bias",
                    axes[0],
                    (int(times[runs[0][0]]), int(times[runs[-1][1]])),
                    (bias, limits.bias_radps),
                    f"turns at {bias:.3f} rad/s while the vehicle stands, {len(runs)} times",
                )
            )
    return found


def imu_saturation(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """An axis stays exactly at the end of its range for several samples."""
    found = []
    for stem in (ACCELERATION, TURN_RATE):
        for axes in lanes.triples(IMU, stem):
            for axis in axes:
                found += _clipped(axis, limits)
    return found


def imu_gravity(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """The median length of the acceleration, over the whole recording, is not that of gravity."""
    found = []
    for axes in lanes.triples(IMU, ACCELERATION):
        lengths = np.sqrt(sum(axis.values**2 for axis in axes))
        usual = float(np.median(lengths))
        off = abs(usual - GRAVITY)
        if off > limits.gravity_mps2:
            span = (int(axes[0].times[0]), int(axes[0].times[-1]))
            told = f"the usual acceleration is {usual:.2f} m/s2 long, gravity is {GRAVITY:.2f}"
            found.append(_found("imu-gravity", axes[0], span, (off, limits.gravity_mps2), told))
    return found


def imu_frozen(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """All three axes repeat their values, where they usually change."""
    found = []
    for stem in (ACCELERATION, TURN_RATE):
        for axes in lanes.triples(IMU, stem):
            times = axes[0].times
            same = np.ones(max(0, len(times) - 1), bool)
            for axis in axes:
                same &= np.diff(axis.values) == 0
            for first, last in runs_of(same, least=3):
                begin, end = int(times[first]), int(times[last + 1])
                alive = np.concatenate([~same[:first], ~same[last + 1 :]])
                lasts = seconds(end - begin)
                if lasts > limits.imu_frozen_s and (not len(alive) or alive.mean() > LIVELY):
                    told = f"{stem} repeats its values for {lasts:.2f} s"
                    limit = (lasts, limits.imu_frozen_s)
                    found.append(_found("imu-frozen", axes[0], (begin, end), limit, told))
    return found


def _clipped(axis: Line, limits: CheckLimits) -> list[Finding]:
    values = axis.values
    if len(values) < 20 or np.mean(np.diff(values) != 0) <= LIVELY:
        return []
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    for end in (float(values.max()), float(values.min())):
        runs = runs_of(values == end, least=limits.saturated_samples)
        if runs and abs(end - middle) > FAR_MAD * spread:
            span = (int(axis.times[runs[0][0]]), int(axis.times[runs[-1][1]]))
            longest = float(max(last - first + 1 for first, last in runs))
            told = f"{axis.name} stays at {end:.2f} {axis.unit}, {len(runs)} times: clipped"
            measured = (longest, float(limits.saturated_samples))
            return [_found("imu-saturation", axis, span, measured, told)]
    return []


def _found(
    check: str, line: Line, span: tuple[int, int], measured: tuple[float, float], message: str
) -> Finding:
    return Finding(
        check=check,
        channel=line.channel,
        start_ns=span[0],
        end_ns=span[1],
        value=measured[0],
        limit=measured[1],
        message=message,
    )
