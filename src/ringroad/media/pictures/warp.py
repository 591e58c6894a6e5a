"""Moves and tints a picture in one pass: an affine map, bilinear, and an affine map of colours.

Coordinates are continuous: pixel i covers [i, i + 1). One thread; other threads run meanwhile.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BITS = 8
ONE = 1 << BITS
COLOUR_BITS = 12
PLACE_BITS = 20


def warp(
    source: np.ndarray,
    out: np.ndarray,
    inverse: np.ndarray,
    colour: np.ndarray,
    fill: int,
) -> None:
    """Fill `out` from `source`.

    Args:
        source: (h, w, 3) uint8.
        out: (H, W, 3) uint8, other memory than `source`.
        inverse: (2, 3): where each point of `out` comes from.
        colour: (3, 4): how much of R, G, B makes each new channel, and what is added, in levels.
        fill: level of what lies outside of `source`, before colours change.
    """
    place = np.round(np.asarray(inverse, np.float64) * (1 << PLACE_BITS)).astype(np.int64)
    mixed = np.round(np.asarray(colour, np.float64) * (1 << COLOUR_BITS)).astype(np.int32)
    plain = bool((mixed == np.eye(3, 4, dtype=np.int32) << COLOUR_BITS).all())
    _warp(source, out, place, mixed, fill, plain)


@njit(cache=True, nogil=True, error_model="numpy", boundscheck=False)
def _warp(
    source: np.ndarray,
    out: np.ndarray,
    place: np.ndarray,
    mixed: np.ndarray,
    fill: int,
    plain: bool,
) -> None:
    """Row by row: sample into one line per colour, then mix, which the compiler widens."""
    height, width = source.shape[0], source.shape[1]
    flat = source.reshape(-1)
    line = np.uint64(3 * width)
    rounding = np.int32(1 << (2 * BITS - 1))
    columns = out.shape[1]
    # Three arrays, not one of three rows: the compiler must see that none overlaps another.
    red, green, blue = (
        np.empty(columns, np.int32), np.empty(columns, np.int32), np.empty(columns, np.int32)
    )  # fmt: skip
    colours = (red, green, blue)
    half = np.int64(1) << (PLACE_BITS - 1)
    a, b, c = place[0, 0], place[0, 1], place[0, 2]
    d, e, f = place[1, 0], place[1, 1], place[1, 2]
    for v in range(out.shape[0]):
        # Twice the centre's coordinates, halved after the product: exact in whole numbers.
        x = ((a + b * (2 * v + 1)) >> 1) + c - half
        y = ((d + e * (2 * v + 1)) >> 1) + f - half
        for u in range(columns):
            left, top = x >> PLACE_BITS, y >> PLACE_BITS
            wx = np.int32((x >> (PLACE_BITS - BITS)) & (ONE - 1))
            wy = np.int32((y >> (PLACE_BITS - BITS)) & (ONE - 1))
            w_ne, w_sw, w_se = wx * (ONE - wy), (ONE - wx) * wy, wx * wy
            w_nw = np.int32(ONE * ONE) - w_ne - w_sw - w_se
            if 0 <= left < width - 1 and 0 <= top < height - 1:
                nw = np.uint64(3 * (top * width + left))
                sw = nw + line
                for k in range(3):
                    north, south = nw + np.uint64(k), sw + np.uint64(k)
                    colours[k][u] = (
                        np.int32(flat[north]) * w_nw
                        + np.int32(flat[north + np.uint64(3)]) * w_ne
                        + np.int32(flat[south]) * w_sw
                        + np.int32(flat[south + np.uint64(3)]) * w_se
                        + rounding
                    ) >> np.int32(2 * BITS)
            elif 0 <= (x + half) >> PLACE_BITS < width and 0 <= (y + half) >> PLACE_BITS < height:
                right, below = min(left + 1, width - 1), min(top + 1, height - 1)
                left, top = max(left, 0), max(top, 0)
                for k in range(3):
                    colours[k][u] = (
                        source[top, left, k] * w_nw
                        + source[top, right, k] * w_ne
                        + source[below, left, k] * w_sw
                        + source[below, right, k] * w_se
                        + rounding
                    ) >> (2 * BITS)
            else:
                red[u] = green[u] = blue[u] = fill
            x += a
            y += d
        if not plain:
            _mix(red, green, blue, mixed)
        row = out[v]
        for u in range(columns):
            row[u, 0] = red[u]
            row[u, 1] = green[u]
            row[u, 2] = blue[u]


@njit(cache=True, nogil=True, error_model="numpy", boundscheck=False)
def _mix(red: np.ndarray, green: np.ndarray, blue: np.ndarray, mixed: np.ndarray) -> None:
    """Colours of one row, in place, held within 0 and 255."""
    to_red = (mixed[0, 0], mixed[0, 1], mixed[0, 2], mixed[0, 3])
    to_green = (mixed[1, 0], mixed[1, 1], mixed[1, 2], mixed[1, 3])
    to_blue = (mixed[2, 0], mixed[2, 1], mixed[2, 2], mixed[2, 3])
    for u in range(red.shape[0]):
        r, g, b = red[u], green[u], blue[u]
        red[u] = _level(to_red, r, g, b)
        green[u] = _level(to_green, r, g, b)
        blue[u] = _level(to_blue, r, g, b)


@njit(inline="always")
def _level(parts: tuple[int, int, int, int], red: int, green: int, blue: int) -> np.int32:
    """One colour out of three; 32 bits all along, or the loop is not widened."""
    half = np.int32(1 << (COLOUR_BITS - 1))
    mixed = np.int32(parts[0] * red + parts[1] * green) + np.int32(parts[2] * blue + parts[3])
    level = np.int32(mixed + half) >> np.int32(COLOUR_BITS)
    return min(max(level, np.int32(0)), np.int32(255))
