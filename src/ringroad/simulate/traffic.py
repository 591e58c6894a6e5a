"""Who moves: cars and cyclists that follow each other and stop at red, people who walk.

Following is the Intelligent Driver Model (Treiber, Hennecke, Helbing, "Congested traffic states in
empirical observations and microscopic simulations", Physical Review E 62, 2000).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.simulate.scene import Colour, pick
from ringroad.simulate.town import (
    CROSSWALK_M,
    EDGE_M,
    LANE_M,
    LANES,
    LIGHT_CYCLE_S,
    PAVEMENT_M,
    Crossing,
    Town,
    light_state,
)

STEP_S = 0.05
ACCELERATION = 1.6
BRAKING = 2.2
HARDEST_BRAKING = 7.5
HEADWAY_S = 1.2
STANDSTILL_M = 2.2
WALK_MPS = 1.35

PAINTS: tuple[Colour, ...] = (
    (0.55, 0.03, 0.03), (0.60, 0.60, 0.62), (0.05, 0.09, 0.30), (0.02, 0.02, 0.025),
    (0.75, 0.75, 0.74), (0.20, 0.22, 0.24), (0.55, 0.38, 0.05), (0.04, 0.20, 0.12),
    (0.32, 0.16, 0.06),
)  # fmt: skip
CLOTHES: tuple[Colour, ...] = (
    (0.50, 0.05, 0.06), (0.05, 0.10, 0.35), (0.04, 0.04, 0.05), (0.55, 0.50, 0.10),
    (0.08, 0.28, 0.14), (0.45, 0.45, 0.47), (0.40, 0.14, 0.32), (0.60, 0.28, 0.05),
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Mover:
    """A car or cyclist in a lane. `s` is its middle along its own way of driving."""

    category: str
    way: int
    """1 ahead, -1 towards the vehicle."""
    y: float
    s: float
    speed: float
    wish: float
    length: float
    width: float
    height: float
    paint: Colour
    braking: bool = False
    accelerates: float = 0.0

    @property
    def x(self) -> float:
        """Along the road, in the world."""
        return self.way * self.s


@dataclass(slots=True, kw_only=True)
class Walker:
    """A pedestrian: along the pavement, or waiting for red to cross."""

    x: float
    y: float
    way: int
    crossing: Crossing | None
    """Where they cross; None for those who stay on their side."""
    coat: Colour
    trousers: Colour
    tall: float
    pace: float
    walking: bool = True
    turned: float = 0.0
    """Yaw in radians."""


@dataclass(slots=True, kw_only=True)
class Traffic:
    """Everybody who moves, and the time."""

    town: Town
    movers: list[Mover]
    walkers: list[Walker]
    time_s: float = 0.0

    @property
    def ego(self) -> Mover:
        """The vehicle that records."""
        return self.movers[0]


def build_traffic(town: Town, seed: int) -> Traffic:
    """Place everybody; nobody overlaps."""
    rng = np.random.Generator(np.random.PCG64([seed, 2]))
    ego = _car(rng, way=1, lane=0, s=0.0)
    ego.wish = float(rng.uniform(8.0, 11.5))
    ego.speed = ego.wish * 0.8
    movers = [ego]
    for way in (1, -1):
        for lane in range(LANES):
            movers += _lane(rng, town, way, lane)
    movers += _cyclists(rng)
    return Traffic(town=town, movers=movers, walkers=_walkers(rng, town))


def advance(traffic: Traffic, until_s: float) -> None:
    """Move everybody on in steps of `STEP_S`."""
    while traffic.time_s < until_s - 1e-9:
        wanted = [_acceleration(traffic, mover) for mover in traffic.movers]
        for mover, value in zip(traffic.movers, wanted, strict=True):
            mover.accelerates = value
            mover.braking = value < -0.6 or mover.speed < 0.2
            before = mover.speed
            mover.speed = max(0.0, mover.speed + value * STEP_S)
            mover.s += (before + mover.speed) / 2 * STEP_S
        for walker in traffic.walkers:
            _walk(walker, traffic.time_s)
        traffic.time_s += STEP_S


def _acceleration(traffic: Traffic, mover: Mover) -> float:
    """IDM towards whoever or whatever is ahead: a mover in the same lane, or a light."""
    gap, closing = 1e6, 0.0
    for other in traffic.movers:
        same = other is not mover and other.way == mover.way
        if same and abs(other.y - mover.y) < 1.5 and other.s > mover.s:
            free = other.s - mover.s - (other.length + mover.length) / 2
            if free < gap:
                gap, closing = free, mover.speed - other.speed
    stop = _stop_line(traffic, mover)
    if stop is not None and stop < gap:
        gap, closing = stop, mover.speed
    wanted = STANDSTILL_M + max(
        0.0,
        mover.speed * HEADWAY_S + mover.speed * closing / (2 * np.sqrt(ACCELERATION * BRAKING)),
    )
    free_road = (mover.speed / mover.wish) ** 4
    value = ACCELERATION * (1 - free_road - (wanted / max(gap, 0.1)) ** 2)
    return float(np.clip(value, -HARDEST_BRAKING, ACCELERATION))


def _stop_line(traffic: Traffic, mover: Mover) -> float | None:
    """Free metres to the next stop line that must be kept; None where the road is free."""
    for crossing in sorted(traffic.town.crossings, key=lambda item: item.x * mover.way):
        line = crossing.x * mover.way - CROSSWALK_M / 2 - 1.0
        free = line - (mover.s + mover.length / 2)
        if free < -0.5:
            continue
        if light_state(crossing, traffic.time_s) == "green":
            return None
        # Who cannot stop any more drives on.
        brake = mover.speed**2 / (2 * 4.0)
        return None if free < brake - 1.0 else free + STANDSTILL_M - 0.5
    return None


def _walk(walker: Walker, time_s: float) -> None:
    crossing = walker.crossing
    if crossing is None:
        walker.x += walker.way * walker.pace * STEP_S
        walker.turned = 0.0 if walker.way > 0 else np.pi
        return
    walker.turned = np.pi / 2 * walker.way
    on_road = abs(walker.y) < EDGE_M + 0.3
    free = light_state(crossing, time_s) == "red" and _red_left(crossing, time_s) > 2.0
    walker.walking = on_road or free
    if walker.walking:
        walker.y += walker.way * walker.pace * (1.25 if on_road else 1.0) * STEP_S
    if abs(walker.y) > EDGE_M + 2.5 and walker.y * walker.way > 0:
        walker.way = -walker.way


def _red_left(crossing: Crossing, time_s: float) -> float:
    """Seconds of red that are left, where it is red."""
    phase = (time_s + crossing.offset_s) % sum(LIGHT_CYCLE_S)
    return sum(LIGHT_CYCLE_S) - phase


def _lane(rng: np.random.Generator, town: Town, way: int, lane: int) -> list[Mover]:
    """Cars of one lane, some metres apart, none on top of the recording vehicle."""
    found = []
    s = -60.0 if way > 0 else -town.length_m
    end = town.length_m if way > 0 else 40.0
    while s < end:
        s += float(rng.uniform(11, 42))
        if way > 0 and lane == 0 and abs(s) < 13:
            continue
        found.append(_car(rng, way=way, lane=lane, s=s))
    return found


def _car(rng: np.random.Generator, *, way: int, lane: int, s: float) -> Mover:
    kind = rng.random()
    length, width, height = (4.4, 1.8, 1.45)
    if kind > 0.72:
        length, width, height = (4.7, 1.9, 1.75)
    if kind > 0.9:
        length, width, height = (5.6, 2.05, 2.35)
    wish = float(rng.uniform(8.0, 13.5))
    return Mover(
        category="car",
        way=way,
        y=-way * LANE_M * (LANES - 0.5 - lane),
        s=s,
        speed=wish * 0.7,
        wish=wish,
        length=length,
        width=width,
        height=height,
        paint=pick(rng, PAINTS),
    )


def _cyclists(rng: np.random.Generator) -> list[Mover]:
    """Cyclists keep to the right edge of the right lane."""
    count = int(rng.integers(1, 4))
    places = np.sort(rng.uniform(14, 90, count)) + np.arange(count) * 6.0
    return [
        Mover(
            category="cyclist",
            way=1,
            y=-(EDGE_M - 0.45),
            s=float(s),
            speed=4.0,
            wish=float(rng.uniform(3.6, 5.2)),
            length=1.7,
            width=0.5,
            height=1.7,
            paint=pick(rng, CLOTHES),
        )
        for s in places
    ]


def _walkers(rng: np.random.Generator, town: Town) -> list[Walker]:
    found = []
    for _ in range(int(town.length_m / 7)):
        side = -1 if rng.random() < 0.6 else 1
        found.append(
            _walker(
                rng,
                x=float(rng.uniform(4, town.length_m)),
                y=side * (EDGE_M + float(rng.uniform(0.9, PAVEMENT_M - 0.4))),
                crossing=None,
            )
        )
    for crossing in town.crossings:
        for _ in range(int(rng.integers(2, 6))):
            side = -1 if rng.random() < 0.5 else 1
            walker = _walker(
                rng,
                x=crossing.x + float(rng.uniform(-1.1, 1.1)),
                y=side * (EDGE_M + float(rng.uniform(0.4, 1.6))),
                crossing=crossing,
            )
            walker.way = -side
            found.append(walker)
    return found


def _walker(rng: np.random.Generator, *, x: float, y: float, crossing: Crossing | None) -> Walker:
    return Walker(
        x=x,
        y=y,
        way=1 if rng.random() < 0.5 else -1,
        crossing=crossing,
        coat=pick(rng, CLOTHES),
        trousers=pick(rng, CLOTHES),
        tall=float(rng.uniform(1.55, 1.9)),
        pace=WALK_MPS * float(rng.uniform(0.8, 1.25)),
    )
