"""What surfaces look like, before any light falls on them: the street, and details on boxes.

Detail is drawn from where on its box a point lies: wheels, lamps and plates of cars, windows of
buildings, rims of signs. The ground is drawn from where on the street it lies.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ringroad.simulate.scene import BODY, BUILDING, CABIN, FOLIAGE, GLOW, SIGN
from ringroad.simulate.town import CROSSWALK_M, EDGE_M, LANE_M, PAVEMENT_M


@njit(cache=True, error_model="numpy")
def _noise(a: float, b: float) -> float:
    """A number in [0, 1) from two, the same for ever; for patterns, not for chance."""
    mixed = (math.floor(a) * 73_856_093) ^ (math.floor(b) * 19_349_663)
    mixed = ((mixed ^ (mixed >> 13)) * 1_274_126_177) & 0xFFFFFF
    return mixed / 16_777_216.0


@njit(cache=True, error_model="numpy")
def ground(
    x: float, y: float, distance: float, crossings: np.ndarray
) -> tuple[float, float, float]:
    """Colour of the street at a point; far away, marks fade instead of flickering."""
    side = abs(y)
    if side < EDGE_M:
        grain = 0.085 + 0.02 * _noise(x * 3.0, y * 3.0) if distance < 25 else 0.095
        r = g = b = grain
        mark = 0.0
        lane = side - LANE_M * math.floor(side / LANE_M + 0.5)
        if abs(side) < 0.22 and abs(side) > 0.07:
            mark = 0.62
        elif side > 0.5 and side < EDGE_M - 0.5 and abs(lane) < 0.075:
            dash = x / 6.0 - math.floor(x / 6.0)
            mark = 0.62 if dash < 0.5 else 0.0
        elif side > EDGE_M - 0.28 and side < EDGE_M - 0.12:
            mark = 0.55
        for k in range(crossings.shape[0]):
            away = x - crossings[k]
            if abs(away) < CROSSWALK_M / 2:
                stripe = y / 1.0 - math.floor(y / 1.0)
                mark = 0.66 if stripe < 0.5 else 0.0
            elif (y < 0 and away > -CROSSWALK_M / 2 - 1.35 and away < -CROSSWALK_M / 2 - 0.95) or (
                y > 0 and away < CROSSWALK_M / 2 + 1.35 and away > CROSSWALK_M / 2 + 0.95
            ):
                mark = 0.66
        if mark > 0:
            fade = min(1.0, 60.0 / max(distance, 1.0))
            r = r + (mark - r) * fade
            g, b = r, r
    elif side < EDGE_M + 0.18:
        r = g = b = 0.30
    elif side < EDGE_M + PAVEMENT_M:
        tile = 0.02 if _noise(x * 1.25, y * 1.25) > 0.5 and distance < 30 else 0.0
        r, g, b = 0.25 + tile, 0.245 + tile, 0.23 + tile
    else:
        tuft = 0.03 * _noise(x * 2.0, y * 2.0) if distance < 40 else 0.015
        r, g, b = 0.07 + tuft, 0.13 + tuft, 0.04
    return r, g, b


@njit(cache=True, error_model="numpy")
def detail(  # noqa: C901 (a table of looks, one branch a kind)
    boxes: np.ndarray,
    i: int,
    face: int,
    u: float,
    v: float,
    w: float,
    at: tuple[float, float, float],
    lamps: float,
) -> tuple[float, float, float, float]:
    """Colour at a point of a box, u, v, w in [-1, 1] along its axes, and its emission."""
    r, g, b = boxes[i, 8], boxes[i, 9], boxes[i, 10]
    kind = int(boxes[i, 11])
    emission = 0.0
    if kind == BODY:
        braking = boxes[i, 13]
        if face in (2, 3):
            wheel = ((abs(u) - 0.63) * boxes[i, 3]) ** 2 + ((w + 0.95) * boxes[i, 5]) ** 2
            if wheel < 0.105:
                r = g = b = 0.015 if wheel > 0.03 else 0.2
            elif w < -0.78:
                r, g, b = r * 0.35, g * 0.35, b * 0.35
        elif face == 0:
            if abs(v) > 0.60 and -0.05 < w < 0.55:
                r = g = b = 0.85
                emission = 2.6 * lamps
            elif abs(v) < 0.5 and -0.45 < w < 0.15:
                r, g, b = 0.03, 0.03, 0.03
            elif w < -0.7:
                r = g = b = 0.03
        elif face == 1:
            if abs(v) > 0.64 and 0.05 < w < 0.75:
                r, g, b = 0.62, 0.02, 0.02
                emission = (1.9 if braking > 0 else 0.75) * max(lamps, 0.25 if braking > 0 else 0.0)
            elif abs(v) < 0.2 and -0.4 < w < 0.0:
                r = g = b = 0.6
            elif w < -0.7:
                r = g = b = 0.03
    elif kind == CABIN:
        if face != 4 and -0.8 < w < 0.75 and not (face >= 2 and abs(u) < 0.05):
            r, g, b = 0.035, 0.045, 0.06
    elif kind == BUILDING:
        if face < 4:
            along = (at[0] if face >= 2 else at[1]) * 0.42
            up = at[2] * 0.31
            fx, fz = along - math.floor(along), up - math.floor(up)
            if 0.28 < fx < 0.74 and 0.30 < fz < 0.80 and at[2] > 1.0:
                r, g, b = 0.07, 0.085, 0.11
                if lamps > 0 and _noise(along + boxes[i, 0], up + boxes[i, 1] * 7) > 0.70:
                    r, g, b = 1.0, 0.72, 0.38
                    emission = 0.42 * lamps
    elif kind == FOLIAGE:
        leaf = 0.55 + 0.8 * _noise(at[0] * 3 + at[2] * 5.1, at[1] * 3 + at[2] * 2.3)
        r, g, b = r * leaf, g * leaf, b * leaf
    elif kind == SIGN:
        if face < 2:
            if abs(v) > 0.82 or abs(w) > 0.82 or (abs(w) < 0.2 and abs(v) < 0.6):
                r = g = b = 0.8
            emission = 0.05 * lamps
        else:
            r = g = b = 0.3
    elif kind == GLOW:
        emission = lamps * 2.5 if boxes[i, 13] < 0 else boxes[i, 13]
    return r, g, b, emission
