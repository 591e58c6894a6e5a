"""Checks of GNSS: impossible jumps, outages, a position that stands still while driving."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ringroad.domain.recording import GNSS
from ringroad.ingest.checks.findings import Finding, runs_of
from ringroad.ingest.checks.lanes import Lanes, Line, seconds, values_at
from ringroad.ingest.checks.limits import CheckLimits

EARTH_M = 6_371_000.0
MOVING_MPS = 2.0
AROUND = 4
"""Fixes on either side that tell the usual velocity."""


def tracks(lanes: Lanes) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(channel, times, positions): (n,) int64 ns and (n, 2) metres east and north of the middle.

    Fixes at exactly 0, 0 or off the globe are left out: they are outages.
    """
    for latitude in lanes.named(GNSS, "gnss.latitude"):
        for longitude in lanes.named(GNSS, "gnss.longitude"):
            if longitude.channel != latitude.channel or not np.array_equal(
                longitude.times, latitude.times
            ):
                continue
            good = _on_globe(latitude.values, longitude.values)
            place = np.stack([longitude.values, latitude.values], axis=1)[good]
            if len(place) < 2:
                continue
            scale = np.radians(1) * EARTH_M
            middle = np.median(place, axis=0)
            metres = (place - middle) * scale * [np.cos(np.radians(middle[1])), 1.0]
            yield latitude.channel, latitude.times[good], metres


def gnss_jumps(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Steps that imply an impossible speed, or lie far from what the fixes around them say."""
    found = []
    for channel, times, metres in tracks(lanes):
        steps = np.diff(times) / 1e9
        moves = np.diff(metres, axis=0)
        good = steps > 0
        speeds = np.zeros(len(steps))
        speeds[good] = np.linalg.norm(moves[good], axis=1) / steps[good]
        velocity = np.zeros_like(moves)
        velocity[good] = moves[good] / steps[good, None]
        off = np.linalg.norm(moves - _usual(velocity) * steps[:, None], axis=1)
        limit = np.maximum(limits.gnss_step_m, 0.3 * speeds * np.minimum(steps, 1.0))
        wrong = (off > limit) & (steps < limits.gnss_outage_s)
        wrong |= (speeds > limits.gnss_speed_mps) & (off > limits.gnss_step_m / 2)
        for first, last in _joined(runs_of(wrong), AROUND):
            worst = first + int(np.argmax(off[first : last + 1]))
            found.append(
                Finding(
                    check="gnss-jump",
                    channel=channel,
                    start_ns=int(times[first]),
                    end_ns=int(times[last + 1]),
                    value=float(speeds[worst]),
                    limit=limits.gnss_speed_mps,
                    message=f"the position jumps {off[worst]:.0f} m within {steps[worst]:.2f} s",
                )
            )
    return found


def gnss_outages(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Stretches without a message, without a fix (status below 0), or off the globe."""
    found = []
    for latitude in lanes.named(GNSS, "gnss.latitude"):
        bad = ~_on_globe(latitude.values, _beside(lanes, latitude, "gnss.longitude", 1.0))
        bad |= _beside(lanes, latitude, "gnss.status", 0.0) < 0
        reasons = [(first, last, "no fix") for first, last in runs_of(bad)]
        times = latitude.times
        gaps = np.flatnonzero(np.diff(times) > limits.gnss_outage_s * 1e9)
        reasons += [(int(place), int(place), "no message") for place in gaps]
        for first, last, why in sorted(reasons):
            end = int(times[min(last + 1, len(times) - 1)])
            lasts = seconds(end - int(times[first]))
            if lasts <= limits.gnss_outage_s:
                continue
            found.append(
                Finding(
                    check="gnss-outage",
                    channel=latitude.channel,
                    start_ns=int(times[first]),
                    end_ns=end,
                    value=lasts,
                    limit=limits.gnss_outage_s,
                    message=f"{why} for {lasts:.1f} s",
                )
            )
    return found


def gnss_frozen(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """One position, bit for bit, over a time in which the vehicle moves."""
    found = []
    for channel, times, metres in tracks(lanes):
        still = (np.diff(metres, axis=0) == 0).all(axis=1)
        for first, last in runs_of(still, least=2):
            begin, end = int(times[first]), int(times[last + 1])
            lasts = seconds(end - begin)
            speed = _speed_then(lanes, times, metres, first, last)
            if lasts <= limits.gnss_frozen_s or not speed > MOVING_MPS:
                continue
            found.append(
                Finding(
                    check="gnss-frozen",
                    channel=channel,
                    start_ns=begin,
                    end_ns=end,
                    value=lasts,
                    limit=limits.gnss_frozen_s,
                    message=f"the position stands still for {lasts:.1f} s "
                    f"while the vehicle drives {speed:.1f} m/s",
                )
            )
    return found


def _on_globe(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    there = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 360)
    good: np.ndarray = there & ~((latitude == 0) & (longitude == 0))
    return good


def _beside(lanes: Lanes, line: Line, name: str, default: float) -> np.ndarray:
    """The values of a signal of the same messages, or a default where there is none."""
    for other in lanes.named(GNSS, name):
        if other.channel == line.channel and np.array_equal(other.times, line.times):
            return other.values
    return np.full(len(line.times), default)


def _usual(velocity: np.ndarray) -> np.ndarray:
    """Median velocity of the steps around each, itself left out; (n, 2) m/s."""
    if len(velocity) <= AROUND:
        return np.broadcast_to(np.median(velocity, axis=0), velocity.shape)
    padded = np.pad(velocity, ((AROUND, AROUND), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1, axis=0)
    others = np.delete(windows, AROUND, axis=2)
    found: np.ndarray = np.median(others, axis=2)
    return found


def _joined(runs: list[tuple[int, int]], near: int) -> list[tuple[int, int]]:
    """Runs that lie close together as one: a spike jumps twice."""
    found: list[tuple[int, int]] = []
    for first, last in runs:
        if found and first - found[-1][1] <= near:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _speed_then(
    lanes: Lanes, times: np.ndarray, metres: np.ndarray, first: int, last: int
) -> float:
    """The vehicle's median speed in that stretch; without one, as slow as it was on either side."""
    if lanes.speed is not None:
        return float(np.median(values_at(lanes.speed, times[first : last + 2])))
    sides = (slice(max(0, first - AROUND), first + 1), slice(last + 1, last + 2 + AROUND))
    speeds = [_mean_speed(times[side], metres[side]) for side in sides]
    return min(speeds)


def _mean_speed(times: np.ndarray, metres: np.ndarray) -> float:
    lasts = seconds(int(times[-1] - times[0])) if len(times) > 1 else 0.0
    return float(np.linalg.norm(metres[-1] - metres[0])) / lasts if lasts else 0.0
