"""Points of one sweep as compact bytes for a page: seven bytes a point. Decodes nothing.

Little-endian, in this order: `RRP1`, uint32 points, uint32 points of the whole sweep, then all x,
all y and all z as int16 in centimetres, then all strengths as uint8. Farther than 327 m is left
out.
"""

from __future__ import annotations

import struct

import numpy as np

from ringroad.media.points.sweep import Points

MAGIC = b"RRP1"
MEDIA = "application/vnd.ringroad.points"
REACH_M = 327.0
STRENGTH = "intensity"


def packed_points(points: Points, *, most: int) -> bytes:
    """Evenly thinned to at most so many points.

    Strengths are scaled so that the strongest hundredth is full; half where there are none.
    """
    xyz = points.xyz
    near = np.flatnonzero((np.abs(xyz) <= REACH_M).all(axis=1))
    chosen = near[np.linspace(0, len(near) - 1, min(len(near), most)).astype(np.int64)]
    centimetres = np.rint(xyz[chosen] * 100).astype("<i2")
    head = struct.pack("<4sII", MAGIC, len(chosen), len(xyz))
    return b"".join((head, centimetres.T.tobytes(), _strengths(points, chosen).tobytes()))


def _strengths(points: Points, chosen: np.ndarray) -> np.ndarray:
    """(n,) uint8."""
    if STRENGTH not in points.columns or not len(chosen):
        return np.full(len(chosen), 127, np.uint8)
    values = points.values[chosen, points.columns.index(STRENGTH)]
    values = np.where(np.isfinite(values), values, 0)
    top = max(float(np.percentile(values, 99)), 1e-9)
    return np.clip(255 * values / top, 0, 255).astype(np.uint8)
