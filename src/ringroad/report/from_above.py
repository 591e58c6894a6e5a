"""A sweep's points seen from above, as a small picture."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ringroad.report.recording_view import Bird

BIRD_SIDE = 360
REACH_M = 60.0
"""Each way; what is farther is not drawn."""
LOW_M, HIGH_M = -2.0, 4.0
"""Heights over the sensor that the shades span."""


def from_above(xyz: np.ndarray, *, title: str) -> Bird:
    """Points with x ahead (up) and y to the left, shaded by height.

    Args:
        xyz: (n, 3) metres in the sensor's coordinate system.
        title: what they are.
    """
    points = np.asarray(xyz, np.float64)
    inside = np.isfinite(points).all(axis=1) & (np.abs(points[:, :2]) < REACH_M).all(axis=1)
    points = points[inside]
    scale = BIRD_SIDE / (2 * REACH_M)
    columns = ((REACH_M - points[:, 1]) * scale).astype(int)
    rows = ((REACH_M - points[:, 0]) * scale).astype(int)
    height = np.clip((points[:, 2] - LOW_M) / (HIGH_M - LOW_M), 0.0, 1.0)
    order = np.argsort(height, kind="stable")
    canvas = np.full((BIRD_SIDE, BIRD_SIDE, 3), (20, 23, 27), np.uint8)
    low, high = np.array([60, 120, 200]), np.array([255, 190, 90])
    shades = (low + height[order, None] * (high - low)).astype(np.uint8)
    canvas[rows[order], columns[order]] = shades
    middle = BIRD_SIDE // 2
    canvas[middle - 2 : middle + 3, middle - 2 : middle + 3] = (255, 255, 255)
    out = io.BytesIO()
    Image.fromarray(canvas).save(out, "PNG", optimize=True)
    told = f"{title}: {len(xyz):,} points; {REACH_M:g} m each way, x is up, y to the left, "
    return Bird(
        title=told + "height by shade, the sensor is white",
        picture=out.getvalue(),
        media="image/png",
        size=(BIRD_SIDE, BIRD_SIDE),
    )
