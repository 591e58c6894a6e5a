"""One pass over the pixels: what each shows, how it is lit, what the sensor makes of it.

Detail is drawn from where on its box a pixel lies: wheels, lamps and plates of cars, windows of
buildings, rims of signs. The ground is drawn from where on the street it lies.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ringroad.simulate.scene import BODY, BUILDING, CABIN, FOLIAGE, GLOW, SIGN
from ringroad.simulate.town import (
    CROSSWALK_M,
    EDGE_M,
    LAMP_HEIGHT_M,
    LAMP_SIDE_M,
    LAMP_STEP_M,
    LANE_M,
    PAVEMENT_M,
)

SUN = (0.43, -0.52, 0.74)


@njit(cache=True)
def _noise(a: float, b: float) -> float:
    """A number in [0, 1) from two, the same for ever; for patterns, not for chance."""
    value = math.sin(math.floor(a) * 12.9898 + math.floor(b) * 78.233) * 43758.5453
    return value - math.floor(value)


@njit(cache=True)
def _ground(x: float, y: float, distance: float, crossings: np.ndarray, out: np.ndarray) -> None:
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
    out[0], out[1], out[2] = r, g, b


@njit(cache=True)
def _lamp_light(x: float, y: float, z: float) -> float:
    """Light of the two nearest street lamps at a point."""
    total = 0.0
    first = math.floor(x / LAMP_STEP_M) * LAMP_STEP_M
    for ahead in range(2):
        ax = x - (first + ahead * LAMP_STEP_M)
        for side in (-1.0, 1.0):
            ay = y - side * (LAMP_SIDE_M - 0.7)
            az = LAMP_HEIGHT_M - z
            if az > 0.2:
                far = ax * ax + ay * ay + az * az
                total += 9.5 * az / (far * math.sqrt(far))
    return total


@njit(cache=True)
def _detail(  # noqa: C901 (a table of looks, one branch a kind)
    box: np.ndarray,
    face: int,
    u: float,
    v: float,
    w: float,
    at: tuple[float, float, float],
    lamps: float,
    out: np.ndarray,
) -> float:
    """Colour at a point of a box, u, v, w in [-1, 1] along its axes; returns emission."""
    r, g, b = box[8], box[9], box[10]
    kind = int(box[11])
    emission = 0.0
    if kind == BODY:
        braking = box[13]
        if face in (2, 3):
            wheel = ((abs(u) - 0.63) * box[3]) ** 2 + ((w + 0.95) * box[5]) ** 2
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
                if lamps > 0 and _noise(along + box[0], up + box[1] * 7) > 0.70:
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
        emission = lamps * 2.5 if box[13] < 0 else box[13]
    out[0], out[1], out[2] = r, g, b
    return emission


@njit(cache=True)
def shade(  # noqa: C901 (one kernel: calls per pixel would cost more than the branches)
    boxes: np.ndarray,
    eye: np.ndarray,
    axes: np.ndarray,
    focal: float,
    nearness: np.ndarray,
    seen: np.ndarray,
    light: np.ndarray,
    crossings: np.ndarray,
    lamp_at: np.ndarray,
    lamp_way: np.ndarray,
    grain: np.ndarray,
    shift: int,
    picture: np.ndarray,
    visible: np.ndarray,
) -> None:
    """Paint the picture.

    Args:
        boxes: (n, COLUMNS) float32.
        eye: (3,) camera position.
        axes: (3, 3) rows right, down, forward.
        focal: in pixels.
        nearness: (h, w) from `rasterise`.
        seen: (h, w) from `rasterise`.
        light: `Light.array()`.
        crossings: (k,) x of the crosswalks.
        lamp_at: (3,) where the vehicle's own headlights are.
        lamp_way: (2,) which way they shine.
        grain: (256, 256) float32 standard normal, the sensor's noise.
        shift: of the grain, another one each frame.
        picture: (h, w, 3) uint8, written.
        visible: (instances, 5) int32: lowest x, lowest y, highest x, highest y, pixels; written.
    """
    height, width = nearness.shape
    colour = np.empty(3)
    sun, ambient = light[0], light[1]
    density, lamps, beams, exposure, noise = light[11], light[12], light[13], light[14], light[15]
    for row in range(height):
        ry = (row + 0.5 - height * 0.5) / focal
        for column in range(width):
            rx = (column + 0.5 - width * 0.5) / focal
            dx = axes[0, 0] * rx + axes[1, 0] * ry + axes[2, 0]
            dy = axes[0, 1] * rx + axes[1, 1] * ry + axes[2, 1]
            dz = axes[0, 2] * rx + axes[1, 2] * ry + axes[2, 2]
            hit = seen[row, column]
            emission = 0.0
            lit = True
            nx, ny, nz = 0.0, 0.0, 1.0
            x, y, z = 0.0, 0.0, 0.0
            stretch = math.sqrt(rx * rx + ry * ry + 1.0)
            distance = 1e4
            if hit >= 0:
                depth = 1.0 / nearness[row, column]
                distance = depth * stretch
                x, y, z = eye[0] + dx * depth, eye[1] + dy * depth, eye[2] + dz * depth
                i, face = hit // 6, hit % 6
                c, s = boxes[i, 6], boxes[i, 7]
                ox, oy = x - boxes[i, 0], y - boxes[i, 1]
                u = (c * ox + s * oy) / boxes[i, 3]
                v = (-s * ox + c * oy) / boxes[i, 4]
                w = (z - boxes[i, 2]) / boxes[i, 5]
                if face < 2:
                    turn = 1.0 if face == 0 else -1.0
                    nx, ny, nz = c * turn, s * turn, 0.0
                elif face < 4:
                    turn = 1.0 if face == 2 else -1.0
                    nx, ny, nz = -s * turn, c * turn, 0.0
                elif face == 5:
                    nz = -1.0
                emission = _detail(boxes[i], face, u, v, w, (x, y, z), lamps, colour)
                instance = int(boxes[i, 12])
                if instance > 0:
                    visible[instance, 0] = min(visible[instance, 0], column)
                    visible[instance, 1] = min(visible[instance, 1], row)
                    visible[instance, 2] = max(visible[instance, 2], column)
                    visible[instance, 3] = max(visible[instance, 3], row)
                    visible[instance, 4] += 1
            elif dz < -0.003:
                depth = -eye[2] / dz
                distance = depth * stretch
                x, y = eye[0] + dx * depth, eye[1] + dy * depth
                _ground(x, y, distance, crossings, colour)
            else:
                up = min(1.0, dz * 2.4)
                for k in range(3):
                    colour[k] = light[2 + k] * (1 - up) + light[5 + k] * up
                lit = False
            if lit:
                facing = max(0.0, nx * SUN[0] + ny * SUN[1] + nz * SUN[2])
                power = ambient * (0.72 + 0.28 * nz) + sun * facing
                if lamps > 0:
                    facing_up = 1.0 if nz > 0.5 else 0.55
                    power += lamps * 0.62 * facing_up * _lamp_light(x, y, z)
                if beams > 0:
                    ax, ay, az = x - lamp_at[0], y - lamp_at[1], z - lamp_at[2]
                    far = math.sqrt(ax * ax + ay * ay + az * az) + 1e-3
                    ahead = (ax * lamp_way[0] + ay * lamp_way[1]) / far
                    if ahead > 0.78:
                        cone = (ahead - 0.78) * 4.5
                        rise = az / far
                        drop = 1.0 if rise < 0.01 else math.exp(-(rise - 0.01) * 22.0)
                        facing = max(0.12, -(nx * ax + ny * ay + nz * az) / far)
                        if hit < 0:
                            facing = 0.35
                        power += beams * cone * cone * drop * facing * 190.0 / (30.0 + far * far)
                clear = math.exp(-density * distance)
                for k in range(3):
                    colour[k] = colour[k] * (power + emission) * clear + light[8 + k] * (1 - clear)
            for k in range(3):
                value = colour[k] * exposure
                level = 255.0 * 1.28 * value / (value + 0.5)
                rough = grain[(row + shift) & 255, (column + shift * 7 + k * 85) & 255]
                level += rough * noise * (1.0 - 0.7 * min(1.0, level / 255.0))
                picture[row, column, k] = np.uint8(min(255.0, max(0.0, level)))
