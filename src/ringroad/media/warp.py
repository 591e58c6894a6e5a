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
        source: (h, w, 3) uint8, at most 2,000 pixels to a side more than that of `out`.
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
def _warp(  # noqa: C901 (one kernel: splitting it would pass over the picture twice)
    source: np.ndarray,
    out: np.ndarray,
    place: np.ndarray,
    mixed: np.ndarray,
    fill: int,
    plain: bool,
) -> None:
    height, width = source.shape[0], source.shape[1]
    half = np.int64(1) << (PLACE_BITS - 1)
    a, b, c = place[0, 0], place[0, 1], place[0, 2]
    d, e, f = place[1, 0], place[1, 1], place[1, 2]
    pixel = np.zeros(3, np.int32)
    for v in range(out.shape[0]):
        # Twice the centre's coordinates, halved after the product: exact in whole numbers.
        x = ((a + b * (2 * v + 1)) >> 1) + c - half
        y = ((d + e * (2 * v + 1)) >> 1) + f - half
        for u in range(out.shape[1]):
            left, top = x >> PLACE_BITS, y >> PLACE_BITS
            wx = np.int32((x >> (PLACE_BITS - BITS)) & (ONE - 1))
            wy = np.int32((y >> (PLACE_BITS - BITS)) & (ONE - 1))
            if -1 <= left < width and -1 <= top < height:
                right, below = min(left + 1, width - 1), min(top + 1, height - 1)
                left, top = max(left, 0), max(top, 0)
                for k in range(3):
                    upper = source[top, left, k] * (ONE - wx) + source[top, right, k] * wx
                    lower = source[below, left, k] * (ONE - wx) + source[below, right, k] * wx
                    whole = np.int32(upper * (ONE - wy) + lower * wy)
                    pixel[k] = (whole + (1 << (2 * BITS - 1))) >> (2 * BITS)
            else:
                for k in range(3):
                    pixel[k] = fill
            if plain:
                for k in range(3):
                    out[v, u, k] = pixel[k]
            else:
                for k in range(3):
                    level = (
                        mixed[k, 0] * pixel[0]
                        + mixed[k, 1] * pixel[1]
                        + mixed[k, 2] * pixel[2]
                        + mixed[k, 3]
                        + (1 << (COLOUR_BITS - 1))
                    ) >> COLOUR_BITS
                    out[v, u, k] = min(max(level, 0), 255)
            x += a
            y += d
