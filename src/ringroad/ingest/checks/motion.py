"""Checks of the vehicle's own speed: against GNSS, and against what vehicles can do."""

from __future__ import annotations

import numpy as np

from ringroad.ingest.checks.findings import Finding, runs_of
from ringroad.ingest.checks.gnss import tracks
from ringroad.ingest.checks.lanes import Lanes, Line, values_at
from ringroad.ingest.checks.limits import CheckLimits

WINDOW_S = 5.0
LEAST_WINDOWS = 4
"""Fewer stretches of driving cannot be judged: GNSS wanders."""


def wheel_speed_off(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """The median, over stretches of driving, of GNSS distance by wheel distance is not 1."""
    found = []
    for line in lanes.speeds:
        for channel, times, metres in tracks(lanes):
            ratios, begin, end = _ratios(line, times, metres, limits)
            if len(ratios) < LEAST_WINDOWS:
                continue
            ratio = float(np.median(ratios))
            doubt = 1.4826 * float(np.median(np.abs(ratios - ratio))) / np.sqrt(len(ratios))
            off = abs(1 / ratio - 1) if ratio > 0 else 1.0
            if off - 2 * doubt <= limits.wheel_share:
                continue
            found.append(
                Finding(
                    check="wheel-speed-off",
                    channel=line.channel,
                    start_ns=begin,
                    end_ns=end,
                    value=off,
                    limit=limits.wheel_share,
                    message=f"{line.name} says {1 / max(ratio, 1e-3):.2f} times what {channel} "
                    f"says, over {len(ratios)} stretches",
                )
            )
    return found


def speed_range(lanes: Lanes, limits: CheckLimits) -> list[Finding]:
    """Speeds outside what a vehicle drives."""
    found = []
    for line in lanes.speeds:
        wrong = (line.values < limits.speed_low_mps) | (line.values > limits.speed_high_mps)
        for first, last in runs_of(wrong):
            part = line.values[first : last + 1]
            worst = float(part[np.argmax(np.abs(part))])
            limit = limits.speed_high_mps if worst > 0 else limits.speed_low_mps
            found.append(
                Finding(
                    check="speed-range",
                    channel=line.channel,
                    start_ns=int(line.times[first]),
                    end_ns=int(line.times[last]),
                    value=worst,
                    limit=limit,
                    message=f"{line.name} is {worst:.1f} m/s, {last - first + 1} times in a row",
                )
            )
    return found


def _ratios(
    line: Line, times: np.ndarray, metres: np.ndarray, limits: CheckLimits
) -> tuple[np.ndarray, int, int]:
    """GNSS distance by wheel distance of each stretch that is driven; and the time they span.

    A stretch is cut at fixes about `WINDOW_S` apart; distance is its chord, so that the walk of
    GNSS is not added up. In a turn the chord is short: the median over many leaves turns out.
    """
    inside = (times >= line.times[0]) & (times <= line.times[-1])
    times, metres = times[inside], metres[inside]
    if len(times) < 2 or len(line.times) < 2:
        return np.zeros(0), 0, 0
    blocks = (times - times[0]) // round(WINDOW_S * 1e9)
    places = np.flatnonzero(np.diff(blocks, prepend=-1))
    begins, ends = times[places[:-1]], times[places[1:]]
    chord = np.linalg.norm(np.diff(metres[places], axis=0), axis=1)
    path = _distance(line, ends) - _distance(line, begins)
    lasts = (ends - begins) / 1e9
    good = (lasts < 2 * WINDOW_S) & (path > limits.wheel_from_mps * lasts)
    if not good.any():
        return np.zeros(0), 0, 0
    return chord[good] / path[good], int(begins[good][0]), int(ends[good][-1])


def _distance(line: Line, times: np.ndarray) -> np.ndarray:
    """Metres driven since the line began, by the trapezoid rule."""
    steps = np.diff(line.times) / 1e9
    driven = np.concatenate([[0.0], np.cumsum(steps * (line.values[1:] + line.values[:-1]) / 2)])
    whole = Line(
        channel=line.channel,
        sensor=line.sensor,
        name=line.name,
        unit="m",
        times=line.times,
        values=driven,
    )
    return values_at(whole, times)
