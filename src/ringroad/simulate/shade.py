"""One pass over the pixels: how what each shows is lit, and what the sensor makes of it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ringroad.simulate.surfaces import detail, ground
from ringroad.simulate.town import LAMP_HEIGHT_M, LAMP_SIDE_M, LAMP_STEP_M

SUN = (0.43, -0.52, 0.74)
CLEAR_STEP_M = 0.25
CLEAR_STEPS = 2048
"""Haze is looked up by distance: an exponential a pixel would cost a fifth of the frame."""


@njit(cache=True, error_model="numpy")
def _lamp_light(x: float, y: float, z: float) -> float:
    """Light of the two nearest street lamps at a point."""
    az = LAMP_HEIGHT_M - z
    if az <= 0.2:
        return 0.0
    total = 0.0
    first = math.floor(x / LAMP_STEP_M) * LAMP_STEP_M
    left, right = y - (LAMP_SIDE_M - 0.7), y + (LAMP_SIDE_M - 0.7)
    for ahead in range(2):
        ax = x - (first + ahead * LAMP_STEP_M)
        along = ax * ax + az * az
        one, other = along + left * left, along + right * right
        one, other = one * math.sqrt(one), other * math.sqrt(other)
        total += (one + other) / (one * other)  # 1/one + 1/other with one division
    strength: float = 9.5 * az * total
    return strength


@njit(cache=True, error_model="numpy")
def _beams(
    at: tuple[float, float, float],
    normal: tuple[float, float, float],
    on_ground: bool,
    lamp_at: np.ndarray,
    lamp_way: np.ndarray,
) -> float:
    """Light of the vehicle's own headlights at a point, for lamps of strength 1."""
    ax, ay, az = at[0] - lamp_at[0], at[1] - lamp_at[1], at[2] - lamp_at[2]
    far = math.sqrt(ax * ax + ay * ay + az * az) + 1e-3
    ahead = (ax * lamp_way[0] + ay * lamp_way[1]) / far
    if ahead <= 0.78:
        return 0.0
    cone = (ahead - 0.78) * 4.5
    rise = az / far
    drop = 1.0 if rise < 0.01 else math.exp(-(rise - 0.01) * 22.0)
    facing = max(0.12, -(normal[0] * ax + normal[1] * ay + normal[2] * az) / far)
    if on_ground:
        facing = 0.35
    power: float = cone * cone * drop * facing * 190.0 / (30.0 + far * far)
    return power


@njit(cache=True, error_model="numpy")
def _normal(boxes: np.ndarray, i: int, face: int) -> tuple[float, float, float]:
    """Which way a face of a box looks."""
    turn = 1.0 if face % 2 == 0 else -1.0
    if face < 2:
        return boxes[i, 6] * turn, boxes[i, 7] * turn, 0.0
    if face < 4:
        return -boxes[i, 7] * turn, boxes[i, 6] * turn, 0.0
    return 0.0, 0.0, turn


@njit(cache=True, error_model="numpy")
def _on_box(
    boxes: np.ndarray, i: int, face: int, x: float, y: float, z: float, lamps: float
) -> tuple[float, float, float, float]:
    """Colour and emission of a point on a box."""
    ox, oy = x - boxes[i, 0], y - boxes[i, 1]
    u = (boxes[i, 6] * ox + boxes[i, 7] * oy) / boxes[i, 3]
    v = (-boxes[i, 7] * ox + boxes[i, 6] * oy) / boxes[i, 4]
    return detail(boxes, i, face, u, v, (z - boxes[i, 2]) / boxes[i, 5], (x, y, z), lamps)


@njit(cache=True, error_model="numpy")
def _count(visible: np.ndarray, instance: int, row: int, column: int) -> None:
    """One more pixel shows this instance."""
    visible[instance, 0] = min(visible[instance, 0], column)
    visible[instance, 1] = min(visible[instance, 1], row)
    visible[instance, 2] = max(visible[instance, 2], column)
    visible[instance, 3] = max(visible[instance, 3], row)
    visible[instance, 4] += 1


@njit(cache=True, error_model="numpy")
def expose(
    light: np.ndarray, exposure: float, noise: float, grain: np.ndarray, levels: np.ndarray
) -> None:
    """What the sensor makes of one row: a curve that saturates, and noise in its dark parts.

    Plain float32 over contiguous memory, so that the compiler makes vectors of it.

    Args:
        light: (n,) float32, linear.
        exposure: factor on it.
        noise: standard deviation in the dark, in levels.
        grain: (n,) float32 standard normal.
        levels: (n,) uint8, written.
    """
    factor, half = np.float32(exposure), np.float32(0.5)
    white, slope, top = np.float32(255.0 * 1.28), np.float32(0.7 / 255.0), np.float32(255.0)
    dark, none = np.float32(noise), np.float32(0.0)
    for k in range(light.shape[0]):
        value = light[k] * factor
        level = white * value / (value + half)
        level += grain[k] * (dark - dark * slope * min(top, level))
        levels[k] = np.uint8(np.int32(min(top, max(none, level))))


@njit(cache=True, error_model="numpy")
def clearness(density: float) -> np.ndarray:
    """(CLEAR_STEPS,) share of light that haze lets through, by distance in `CLEAR_STEP_M`."""
    shares: np.ndarray = np.exp(-density * CLEAR_STEP_M * np.arange(CLEAR_STEPS))
    return shares


@njit(cache=True, error_model="numpy")
def shade(
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
        grain: (GRAIN,) float32 standard normal, the sensor's noise.
        shift: of the grain, another one each frame.
        picture: (h, w, 3) uint8, written.
        visible: (instances, 5) int32: lowest x, lowest y, highest x, highest y, pixels; written.
    """
    height, width = nearness.shape
    sun, ambient, lamps, beams = light[0], light[1], light[12], light[13]
    exposure, noise = light[14], light[15]
    clear_at = clearness(light[11])
    lit = np.empty((width, 3), np.float32)
    for row in range(height):
        ry = (row + 0.5 - height * 0.5) / focal
        for column in range(width):
            rx = (column + 0.5 - width * 0.5) / focal
            dx = axes[0, 0] * rx + axes[1, 0] * ry + axes[2, 0]
            dy = axes[0, 1] * rx + axes[1, 1] * ry + axes[2, 1]
            dz = axes[0, 2] * rx + axes[1, 2] * ry + axes[2, 2]
            hit = seen[row, column]
            if hit < 0 and dz >= -0.003:
                up = min(1.0, dz * 2.4)
                r = light[2] * (1 - up) + light[5] * up
                g = light[3] * (1 - up) + light[6] * up
                b = light[4] * (1 - up) + light[7] * up
            else:
                depth = 1.0 / nearness[row, column] if hit >= 0 else -eye[2] / dz
                distance = depth * math.sqrt(rx * rx + ry * ry + 1.0)
                x, y, z = eye[0] + dx * depth, eye[1] + dy * depth, eye[2] + dz * depth
                if hit >= 0:
                    i, face = hit >> 3, hit & 7
                    normal = _normal(boxes, i, face)
                    r, g, b, emission = _on_box(boxes, i, face, x, y, z, lamps)
                    if boxes[i, 12] > 0:
                        _count(visible, int(boxes[i, 12]), row, column)
                else:
                    normal, emission = (0.0, 0.0, 1.0), 0.0
                    r, g, b = ground(x, y, distance, crossings)
                nx, ny, nz = normal
                power = ambient * (0.72 + 0.28 * nz) + emission
                power += sun * max(0.0, nx * SUN[0] + ny * SUN[1] + nz * SUN[2])
                if lamps > 0:
                    power += lamps * 0.62 * (1.0 if nz > 0.5 else 0.55) * _lamp_light(x, y, z)
                if beams > 0:
                    power += beams * _beams((x, y, z), normal, hit < 0, lamp_at, lamp_way)
                clear = clear_at[min(CLEAR_STEPS - 1, int(distance / CLEAR_STEP_M))]
                r = r * power * clear + light[8] * (1 - clear)
                g = g * power * clear + light[9] * (1 - clear)
                b = b * power * clear + light[10] * (1 - clear)
            lit[column, 0], lit[column, 1], lit[column, 2] = r, g, b
        start = (row * 7919 + shift * 104_729) % (grain.size - width * 3)
        expose(
            lit.reshape(-1), exposure, noise, grain[start : start + width * 3],
            picture[row].reshape(-1),
        )  # fmt: skip
