"""Events across the road: turns, U-turns, lane changes, sharp steering."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ringroad.ingest.events.found import (
    LANE_LEFT,
    LANE_RIGHT,
    SHARP_STEERING,
    TURN_LEFT,
    TURN_RIGHT,
    U_TURN,
    Found,
)
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.events.spans import joined, peaks, spans_over, sums
from ringroad.media.motion import RATE_HZ, Motion, smooth

TOWN_MPS = 8.0
"""Taken for the speed of a turn where none is known."""


def turning_events(motion: Motion, limits: EventLimits) -> Iterator[Found]:
    """All events of heading."""
    yield from _turns(motion, limits)
    yield from _lane_changes(motion, limits)
    yield from _sharp(motion, limits)


def _turns(motion: Motion, limits: EventLimits) -> Iterator[Found]:
    """A turn changes the heading a lot in a small space; waiting in the middle is part of it."""
    metres = np.where(np.isfinite(motion.speed), motion.speed, TOWN_MPS) / RATE_HZ
    for side, kind in ((1.0, TURN_LEFT), (-1.0, TURN_RIGHT)):
        turning = side * motion.yaw_rate
        runs = spans_over(turning, reach=limits.turn_rate, hold=limits.turn_rate_end)
        between = np.stack([runs[:-1, 1], runs[1:, 0]], axis=1)
        runs = joined(runs, sums(metres, between) <= limits.turn_pause_m)
        angles = sums(turning, runs) / RATE_HZ
        ways = sums(metres, runs)
        for (begin, end), angle, way in zip(runs.tolist(), angles, ways, strict=True):
            radius = way / max(angle, 1e-9)
            if angle < limits.turn_rad or radius > limits.turn_radius_m:
                continue
            around = angle >= limits.u_turn_rad and radius <= limits.u_turn_radius_m
            told = f"{np.degrees(angle):.0f} degrees at a radius of {radius:.0f} m"
            yield (
                U_TURN if around else kind,
                *_times(motion, begin, end),
                float(angle),
                "rad",
                told,
            )


def _lane_changes(motion: Motion, limits: EventLimits) -> Iterator[Found]:
    """Two halves that turn one way and back again, and leave the vehicle a lane aside.

    Without a map a road that bends so looks the same; bends over `lane_road_s` are taken out.
    """
    relative = motion.yaw_rate - smooth(motion.yaw_rate, limits.lane_road_s)
    halves = np.concatenate([_halves(relative, side, limits) for side in (1.0, -1.0)])
    halves = halves[np.argsort(halves[:, 0], kind="stable")]
    after = 0
    for (begin, middle), (other, end) in zip(
        halves[:-1].tolist(), halves[1:].tolist(), strict=True
    ):
        if begin < after or not _balanced(relative, (begin, middle, other, end), limits):
            continue
        aside = _aside(motion, begin, end, limits)
        if limits.lane_from_m <= abs(aside) <= limits.lane_to_m:
            after = middle  # the second half is used up
            kind = LANE_LEFT if aside > 0 else LANE_RIGHT
            told = f"{abs(aside):.1f} m in {(end - begin) / RATE_HZ:.1f} s"
            yield kind, *_times(motion, begin, end), abs(aside), "m", told


def _halves(relative: np.ndarray, side: float, limits: EventLimits) -> np.ndarray:
    return spans_over(
        side * relative,
        reach=limits.lane_lobe_rate,
        hold=limits.lane_lobe_end,
        shortest=RATE_HZ // 2,
    )


def _balanced(relative: np.ndarray, halves: tuple[int, int, int, int], limits: EventLimits) -> bool:
    """Whether two neighbouring halves can be one lane change."""
    begin, middle, other, end = halves
    one, two = (float(relative[a:b].sum()) for a, b in ((begin, middle), (other, end)))
    seconds = (end - begin) / RATE_HZ
    pause = (other - middle) / RATE_HZ
    return (
        one * two < 0
        and limits.lane_from_s <= seconds <= limits.lane_to_s
        and pause <= limits.lane_to_s / 3
        and max(abs(one), abs(two)) <= limits.lane_balance * min(abs(one), abs(two))
    )


def _aside(motion: Motion, begin: int, end: int, limits: EventLimits) -> float:
    """Metres to the left of where the road leads; NaN where the vehicle is too slow to tell.

    The road's heading is taken to change evenly from begin to end.
    """
    speed = motion.speed[begin:end]
    if not (speed >= limits.lane_speed_mps).all():
        return float("nan")
    heading = np.cumsum(motion.yaw_rate[begin:end]) / RATE_HZ
    heading = heading - np.linspace(heading[0], heading[-1], len(heading))
    return float((speed * np.sin(heading)).sum() / RATE_HZ)


def _sharp(motion: Motion, limits: EventLimits) -> Iterator[Found]:
    lateral = np.abs(motion.speed * motion.yaw_rate)
    runs = spans_over(
        lateral,
        reach=limits.lateral_mps2,
        hold=limits.lateral_mps2 * limits.lateral_end,
        shortest=round(limits.lateral_s * RATE_HZ),
    )
    for (begin, end), peak in zip(runs.tolist(), peaks(lateral, runs).tolist(), strict=True):
        told = f"{peak:.1f} m/s2 to the side"
        yield SHARP_STEERING, *_times(motion, begin, end), peak, "m/s2", told
    fast = motion.speed >= limits.steering_speed_mps
    steering = np.where(fast, np.abs(motion.steering_rate), np.nan)
    quick = spans_over(
        steering, reach=limits.steering_rate, hold=limits.steering_rate * limits.lateral_end
    )
    for (begin, end), peak in zip(quick.tolist(), peaks(steering, quick).tolist(), strict=True):
        if not any(begin < b and a < end for a, b in runs.tolist()):
            told = f"{np.degrees(peak):.0f} degrees a second at the wheel"
            yield SHARP_STEERING, *_times(motion, begin, end), peak, "rad/s", told


def _times(motion: Motion, begin: int, end: int) -> tuple[int, int]:
    return int(motion.time_ns[begin]), int(motion.time_ns[end - 1])
