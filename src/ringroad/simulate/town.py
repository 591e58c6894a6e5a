"""A street from a seed: crossings with lights, buildings, trees, lamps and signs along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.simulate.scene import BUILDING, FOLIAGE, GLOW, SIGN, Colour, Scene, pick

LANE_M = 3.5
LANES = 2
"""In each direction; traffic keeps to the right, so lanes ahead lie at negative y."""
EDGE_M = LANES * LANE_M
PAVEMENT_M = 3.5
LAMP_STEP_M = 24.0
LAMP_HEIGHT_M = 6.5
LAMP_SIDE_M = EDGE_M + 0.9
CROSSING_STEP_M = 85.0
CROSSWALK_M = 3.0
LIGHT_CYCLE_S = (7.0, 1.5, 5.0)
"""Green, amber, red for the road."""

FACADES: tuple[Colour, ...] = (
    (0.42, 0.38, 0.33), (0.36, 0.26, 0.22), (0.50, 0.47, 0.42), (0.30, 0.32, 0.35),
    (0.45, 0.36, 0.26), (0.24, 0.22, 0.22),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A crosswalk over the road with a light before it, for each direction."""

    x: float
    offset_s: float
    """When its cycle began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A traffic sign on a pole."""

    x: float
    y: float
    colour: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What stands still."""

    length_m: float
    crossings: tuple[Crossing, ...]
    signs: tuple[Sign, ...]
    still: np.ndarray
    """(n, COLUMNS) float32: buildings, trees, poles."""


def build_town(seed: int, *, length_m: float) -> Town:
    """A town of a given length ahead of x = 0, and 80 m behind it."""
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    scene = Scene()
    start = -80.0
    first = float(rng.uniform(35, 60))
    places = np.arange(first, length_m, CROSSING_STEP_M)
    crossings = tuple(Crossing(x=float(x), offset_s=float(rng.uniform(0, 13))) for x in places)
    for side in (-1.0, 1.0):
        _buildings(scene, rng, side, start, length_m, crossings)
        _trees(scene, rng, side, start, length_m, crossings)
    _lamps(scene, start, length_m)
    return Town(
        length_m=length_m,
        crossings=crossings,
        signs=_signs(rng, length_m),
        still=scene.array(),
    )


def light_state(crossing: Crossing, time_s: float) -> str:
    """The state of a crossing's lights: green, amber or red."""
    green, amber, red = LIGHT_CYCLE_S
    phase = (time_s + crossing.offset_s) % (green + amber + red)
    if phase < green:
        return "green"
    return "amber" if phase < green + amber else "red"


def add_lights(scene: Scene, town: Town, time_s: float, first: int) -> dict[int, str]:
    """Poles and heads of the lights; returns instance -> state, counted from `first`."""
    colours = {"red": (1.0, 0.05, 0.02), "amber": (1.0, 0.55, 0.02), "green": (0.05, 1.0, 0.45)}
    states: dict[int, str] = {}
    instance = first
    for crossing in town.crossings:
        state = light_state(crossing, time_s)
        for way in (1.0, -1.0):
            x, y = crossing.x + way * (CROSSWALK_M / 2 + 0.4), -way * (EDGE_M + 0.6)
            scene.box((x, y, 1.5), (0.14, 0.14, 3.0), (0.10, 0.11, 0.11))
            scene.box((x, y, 3.5), (0.35, 0.5, 1.35), (0.03, 0.03, 0.03), instance=instance)
            for place, name in enumerate(("red", "amber", "green")):
                on = name == state
                colour = colours[name] if on else (0.05, 0.05, 0.05)
                scene.box(
                    (x - way * 0.19, y, 3.92 - 0.42 * place), (0.05, 0.32, 0.32), colour,
                    kind=GLOW, instance=instance, emission=2.2 if on else 0.0,
                )  # fmt: skip
            # Only the light that faces the vehicle can be read.
            states[instance] = state if way > 0 else "unknown"
            instance += 1
    return states


def add_signs(scene: Scene, town: Town, first: int) -> int:
    """Sign plates on poles; returns the next free instance."""
    for number, sign in enumerate(town.signs):
        scene.box((sign.x, sign.y, 1.2), (0.08, 0.08, 2.4), (0.30, 0.31, 0.32))
        scene.box(
            (sign.x, sign.y, 2.7), (0.06, 0.85, 0.85), sign.colour,
            kind=SIGN, instance=first + number,
        )  # fmt: skip
    return first + len(town.signs)


def _signs(rng: np.random.Generator, length_m: float) -> tuple[Sign, ...]:
    colours: tuple[Colour, ...] = ((0.65, 0.03, 0.03), (0.03, 0.12, 0.55), (0.70, 0.50, 0.02))
    count = int(length_m / 22)
    return tuple(
        Sign(
            x=float(rng.uniform(8, length_m)),
            y=float(-(EDGE_M + rng.uniform(0.5, 1.1))) if rng.random() < 0.75 else EDGE_M + 0.8,
            colour=pick(rng, colours),
        )
        for _ in range(count)
    )


def _buildings(
    scene: Scene,
    rng: np.random.Generator,
    side: float,
    start: float,
    length_m: float,
    crossings: tuple[Crossing, ...],
) -> None:
    x = start
    while x < length_m + 60:
        wide, deep = float(rng.uniform(9, 22)), float(rng.uniform(8, 14))
        high = float(rng.choice([6.5, 9.7, 12.9, 16.0]))
        gap = float(rng.choice([0.0, 0.0, 2.0, 7.0]))
        near = EDGE_M + PAVEMENT_M + float(rng.uniform(0.5, 4.0))
        if all(abs(x + wide / 2 - c.x) > wide / 2 + 6 for c in crossings):
            scene.box(
                (x + wide / 2, side * (near + deep / 2), high / 2), (wide, deep, high),
                pick(rng, FACADES), kind=BUILDING,
            )  # fmt: skip
        x += wide + gap


def _trees(
    scene: Scene,
    rng: np.random.Generator,
    side: float,
    start: float,
    length_m: float,
    crossings: tuple[Crossing, ...],
) -> None:
    for x in np.arange(start, length_m + 40, 13.0):
        place = float(x + rng.uniform(-3, 3))
        if rng.random() < 0.45 or any(abs(place - c.x) < 7 for c in crossings):
            continue
        y = side * (EDGE_M + PAVEMENT_M - 0.3)
        high = float(rng.uniform(2.2, 3.2))
        crown = float(rng.uniform(1.6, 2.6))
        scene.box((place, y, high / 2), (0.28, 0.28, high), (0.10, 0.06, 0.035))
        green = (0.05, float(rng.uniform(0.10, 0.17)), 0.035)
        scene.box((place, y, high + crown * 0.4), (crown, crown, crown), green, kind=FOLIAGE)
        scene.box(
            (place, y, high + crown * 0.75), (crown * 0.7, crown * 0.7, crown), green, kind=FOLIAGE
        )


def _lamps(scene: Scene, start: float, length_m: float) -> None:
    """Street lamps on both sides; shade.py lights the street from the same places."""
    for x in np.arange(np.ceil(start / LAMP_STEP_M) * LAMP_STEP_M, length_m + 60, LAMP_STEP_M):
        for side in (-1.0, 1.0):
            y = side * LAMP_SIDE_M
            scene.box((float(x), y, LAMP_HEIGHT_M / 2), (0.12, 0.12, LAMP_HEIGHT_M), (0.09,) * 3)
            scene.box(
                (float(x), y - side * 0.7, LAMP_HEIGHT_M), (0.3, 1.4, 0.12), (1.0, 0.82, 0.5),
                kind=GLOW, emission=-1.0,
            )  # fmt: skip
