"""Atoms about the vehicle itself. Limits are our own choice unless a source is named."""

from __future__ import annotations

import numpy as np

from ringroad.curate.scenario.intervals import Intervals, intervals
from ringroad.curate.scenario.scene import Ego
from ringroad.curate.scenario.stretches import of_ego
from ringroad.domain.time import SECOND_NS

STILL_MPS = 0.3
SLOW_MPS = 4.0
FAST_MPS = 25.0
ACCEL_MPS2 = 0.8
HARD_MPS2 = 3.5
EVEN_MPS2 = 0.4
HOLD = 0.6
"""Gaining or losing speed ends below this share of what it takes to begin."""
TURN_RPS = 0.08
TURN_RAD = np.radians(30)
U_TURN_RAD, U_TURN_S = np.radians(150), 25.0
CORNER_MPS2 = 3.0
"""Sideways; comfortable driving stays below (ISO 15622 limits lateral acceleration of adaptive
cruise control to 2.3 m/s2)."""


def stopped(ego: Ego) -> Intervals:
    """Its speed is nearly zero."""
    return of_ego(ego, np.abs(ego.speed) < STILL_MPS, least_s=0.5)


def moving(ego: Ego) -> Intervals:
    """It moves, ahead or back."""
    pace = np.abs(ego.speed)
    return of_ego(ego, pace >= STILL_MPS, pace, least_s=0.5)


def slow(ego: Ego) -> Intervals:
    """It creeps: moves below 4 m/s."""
    pace = np.abs(ego.speed)
    return of_ego(ego, (pace >= STILL_MPS) & (pace < SLOW_MPS), pace, least_s=1.0)


def fast(ego: Ego) -> Intervals:
    """It drives over 25 m/s."""
    return of_ego(ego, ego.speed > FAST_MPS, ego.speed, least_s=0.5)


def reversing(ego: Ego) -> Intervals:
    """It drives backwards."""
    return of_ego(ego, ego.speed < -STILL_MPS, -ego.speed, least_s=0.5)


def accelerating(ego: Ego) -> Intervals:
    """It gains speed."""
    return _changing(ego, ego.accel, ACCEL_MPS2, least_s=0.5)


def hard_accelerating(ego: Ego) -> Intervals:
    """It gains speed at over 3.5 m/s2."""
    return _changing(ego, ego.accel, HARD_MPS2)


def braking(ego: Ego) -> Intervals:
    """It loses speed."""
    return _changing(ego, -ego.accel, ACCEL_MPS2, least_s=0.5)


def hard_braking(ego: Ego) -> Intervals:
    """It loses speed at over 3.5 m/s2."""
    return _changing(ego, -ego.accel, HARD_MPS2)


def cruising(ego: Ego) -> Intervals:
    """It keeps its speed, over 4 m/s."""
    even = (np.abs(ego.accel) < EVEN_MPS2) & (ego.speed > SLOW_MPS)
    return of_ego(ego, even, ego.speed, least_s=2.0)


def turning_left(ego: Ego) -> Intervals:
    """It turns left by at least 30 degrees; the value is by how many radians."""
    return _turns(ego, 1)


def turning_right(ego: Ego) -> Intervals:
    """It turns right by at least 30 degrees; the value is by how many radians."""
    return _turns(ego, -1)


def u_turn(ego: Ego) -> Intervals:
    """It turns by at least 150 degrees within 25 s."""
    turns = [_turns(ego, side) for side in (1, -1)]
    found = [
        turn.take(
            (turn.value >= U_TURN_RAD) & (turn.end_ns - turn.start_ns <= U_TURN_S * SECOND_NS)
        )
        for turn in turns
    ]
    columns = ("recording", "track", "start_ns", "end_ns", "value")
    return intervals(*(np.concatenate([getattr(part, n) for part in found]) for n in columns))


def cornering_hard(ego: Ego) -> Intervals:
    """It is pushed sideways at over 3 m/s2."""
    sideways = np.abs(ego.speed * ego.yaw_rate)
    return of_ego(ego, sideways > CORNER_MPS2, sideways)


def _changing(ego: Ego, rate: np.ndarray, reach: float, *, least_s: float = 0.0) -> Intervals:
    """Stretches in which a rate reaches a limit and does not fall far below it."""
    return of_ego(ego, rate > HOLD * reach, rate, least_s=least_s, reached=rate > reach)


def _turns(ego: Ego, side: int) -> Intervals:
    """Stretches of turning to one side, with the angle; slow ones count by their angle alone."""
    rate = side * ego.yaw_rate
    turning = of_ego(ego, rate > TURN_RPS, bridge_s=1.0)
    angle = np.concatenate([[0.0], np.cumsum(_steps(ego) * np.nan_to_num(rate))])
    low = np.searchsorted(ego.time_ns, turning.start_ns)
    high = np.searchsorted(ego.time_ns, turning.end_ns, side="right")
    turned = angle[high] - angle[low]
    kept = turned >= TURN_RAD
    return intervals(
        turning.recording[kept],
        turning.track[kept],
        turning.start_ns[kept],
        turning.end_ns[kept],
        turned[kept],
    )


def _steps(ego: Ego) -> np.ndarray:
    """Seconds that each value stands for; gaps count as one step."""
    if len(ego.time_ns) < 2:
        return np.zeros(len(ego.time_ns))
    apart = np.diff(ego.time_ns) / SECOND_NS
    usual = float(np.median(apart))
    return np.append(np.minimum(apart, 2 * usual), usual)
