"""Traffic keeps the rules: nobody overlaps, red is kept, accelerations stay bounded."""

from __future__ import annotations

import itertools

import pytest

from ringroad.simulate.town import CROSSWALK_M, build_town, light_state
from ringroad.simulate.traffic import (
    ACCELERATION,
    HARDEST_BRAKING,
    Mover,
    Traffic,
    advance,
    build_traffic,
)

SEEDS = (1, 2, 3, 4)
STEP_S = 0.1
SETTLED_S = 4.0


def _moments(seed: int, seconds: float) -> list[tuple[float, Traffic]]:
    """The same traffic, moved on step by step; read each moment before the next."""
    traffic = build_traffic(build_town(seed, length_m=400.0), seed)
    return [(number * STEP_S, traffic) for number in range(int(seconds / STEP_S))]


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_in_a_lane_overlaps(seed: int) -> None:
    for until_s, traffic in _moments(seed, 30):
        advance(traffic, until_s)
        for lane in _lanes(traffic).values():
            for behind, ahead in itertools.pairwise(lane):
                free = ahead.s - behind.s - (ahead.length + behind.length) / 2
                assert free > 0, f"{until_s:.1f} s: {behind} touches {ahead}"


def _lanes(traffic: Traffic) -> dict[tuple[int, float], list[Mover]]:
    lanes: dict[tuple[int, float], list[Mover]] = {}
    for mover in sorted(traffic.movers, key=lambda item: item.s):
        lanes.setdefault((mover.way, mover.y), []).append(mover)
    return lanes


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_enters_a_crossing_late_in_red(seed: int) -> None:
    """Who cannot stop drives on; two seconds into red nobody can be in that position.

    The first seconds are left out: some start a few metres before a light that is red already.
    """
    fronts: dict[int, float] = {}
    entries = 0
    for until_s, traffic in _moments(seed, 30):
        advance(traffic, until_s)
        for number, mover in enumerate(traffic.movers):
            front = mover.s + mover.length / 2
            for crossing in traffic.town.crossings:
                line = crossing.x * mover.way - CROSSWALK_M / 2
                if until_s > SETTLED_S and fronts[number] < line <= front:
                    entries += 1
                    states = {light_state(crossing, until_s - back) for back in (0.0, 1.0, 2.0)}
                    assert states != {"red"}, f"{until_s:.1f} s: {mover} at {crossing}"
            fronts[number] = front
    assert entries > 0, "nobody crossed: the test has seen nothing"


@pytest.mark.parametrize("seed", SEEDS)
def test_accelerations_are_bounded_and_speed_is_never_negative(seed: int) -> None:
    for until_s, traffic in _moments(seed, 20):
        advance(traffic, until_s)
        for mover in traffic.movers:
            assert -HARDEST_BRAKING <= mover.accelerates <= ACCELERATION
            assert mover.speed >= 0


def test_the_same_seed_drives_the_same_way_in_one_go_or_in_steps() -> None:
    town = build_town(7, length_m=300.0)
    whole, steps = build_traffic(town, 7), build_traffic(town, 7)
    advance(whole, 12.0)
    for number in range(1, 121):
        advance(steps, number / 10)
    assert [(m.s, m.speed) for m in whole.movers] == [(m.s, m.speed) for m in steps.movers]
    assert [(w.x, w.y) for w in whole.walkers] == [(w.x, w.y) for w in steps.walkers]
