"""Which box face is seen at each pixel: a z-buffer over the faces of oriented boxes.

1 / depth of a plane is linear in the pixel, so a face is filled row by row with one addition per
pixel. Faces are clipped at a near plane; those that look away are skipped.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

NEAR_M = 0.2
FAR_M = 220.0

FACES = np.array(
    [[1, 3, 7, 5], [0, 4, 6, 2], [2, 6, 7, 3], [0, 1, 5, 4], [4, 5, 7, 6], [0, 2, 3, 1]], np.int64
)
"""Corners of +x, -x, +y, -y, +z, -z; corner k is at +x where bit 0 is set, +y bit 1, +z bit 2."""


@njit(cache=True, error_model="numpy")
def rasterise(  # noqa: C901 (one kernel: splitting it would copy arrays in the inner loop)
    boxes: np.ndarray,
    faces: np.ndarray,
    eye: np.ndarray,
    axes: np.ndarray,
    focal: float,
    width: int,
    height: int,
    nearness: np.ndarray,
    seen: np.ndarray,
    touched: np.ndarray,
    covered: np.ndarray,
) -> None:
    """Fill the z-buffer, and count what each instance would show if nothing were before it.

    Args:
        boxes: (n, COLUMNS) float32, see `scene`.
        faces: FACES.
        eye: (3,) position of the camera.
        axes: (3, 3) rows right, down, forward of the camera in the world.
        focal: in pixels.
        width: of the picture.
        height: of the picture.
        nearness: (height, width) float32, 1 / depth in 1/m; 0 where nothing is.
        seen: (height, width) int32, box * 8 + face; -1 where nothing is.
        touched: (height, width) int32 of zeros: which instance was drawn there last, so that none
            counts a pixel twice. The boxes of an instance must follow each other.
        covered: (instances,) int32 of zeros: pixels of each, hidden ones too.
    """
    corner = np.empty((8, 3))
    clipped = np.empty((10, 3))
    px = np.empty(10)
    py = np.empty(10)
    middle_x, middle_y = width * 0.5, height * 0.5
    limit = middle_x / focal
    for i in range(boxes.shape[0]):
        dx = boxes[i, 0] - eye[0]
        dy = boxes[i, 1] - eye[1]
        dz = boxes[i, 2] - eye[2]
        hx, hy, hz = boxes[i, 3], boxes[i, 4], boxes[i, 5]
        c, s = boxes[i, 6], boxes[i, 7]
        instance = int(boxes[i, 12])
        radius = math.sqrt(hx * hx + hy * hy + hz * hz)
        depth = axes[2, 0] * dx + axes[2, 1] * dy + axes[2, 2] * dz
        if depth < -radius or depth - radius > FAR_M:
            continue
        side = axes[0, 0] * dx + axes[0, 1] * dy + axes[0, 2] * dz
        if depth > 0 and abs(side) - radius * math.sqrt(1 + limit * limit) > depth * limit:
            continue
        # The eye in the box's own axes tells which faces look at it.
        ex = -(c * dx + s * dy)
        ey = -(-s * dx + c * dy)
        ez = -dz
        for k in range(8):
            ox = hx if k & 1 else -hx
            oy = hy if k & 2 else -hy
            oz = hz if k & 4 else -hz
            wx = dx + c * ox - s * oy
            wy = dy + s * ox + c * oy
            wz = dz + oz
            for a in range(3):
                corner[k, a] = axes[a, 0] * wx + axes[a, 1] * wy + axes[a, 2] * wz
        for f in range(6):
            if f == 0 and ex <= hx:
                continue
            if f == 1 and ex >= -hx:
                continue
            if f == 2 and ey <= hy:
                continue
            if f == 3 and ey >= -hy:
                continue
            if f == 4 and ez <= hz:
                continue
            if f == 5 and ez >= -hz:
                continue
            count = 0
            last = faces[f, 3]
            for k in range(4):
                this = faces[f, k]
                z0, z1 = corner[last, 2], corner[this, 2]
                if (z0 >= NEAR_M) != (z1 >= NEAR_M):
                    t = (NEAR_M - z0) / (z1 - z0)
                    for a in range(3):
                        clipped[count, a] = corner[last, a] + t * (
                            corner[this, a] - corner[last, a]
                        )
                    count += 1
                if z1 >= NEAR_M:
                    for a in range(3):
                        clipped[count, a] = corner[this, a]
                    count += 1
                last = this
            if count < 3:
                continue
            # The face's plane n . p = d in camera axes.
            p0, p1, p2 = faces[f, 0], faces[f, 1], faces[f, 2]
            ux = corner[p1, 0] - corner[p0, 0]
            uy = corner[p1, 1] - corner[p0, 1]
            uz = corner[p1, 2] - corner[p0, 2]
            vx = corner[p2, 0] - corner[p0, 0]
            vy = corner[p2, 1] - corner[p0, 1]
            vz = corner[p2, 2] - corner[p0, 2]
            nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
            d = nx * corner[p0, 0] + ny * corner[p0, 1] + nz * corner[p0, 2]
            if abs(d) < 1e-9:
                continue
            step_x = nx / (focal * d)
            step_y = ny / (focal * d)
            base = nz / d - step_x * middle_x - step_y * middle_y
            low, high = 1e9, -1e9
            for k in range(count):
                px[k] = focal * clipped[k, 0] / clipped[k, 2] + middle_x
                py[k] = focal * clipped[k, 1] / clipped[k, 2] + middle_y
                low, high = min(low, py[k]), max(high, py[k])
            first_row = max(0, math.ceil(low - 0.5))
            last_row = min(height - 1, math.floor(high - 0.5))
            for row in range(first_row, last_row + 1):
                y = row + 0.5
                left, right = 1e9, -1e9
                j = count - 1
                for k in range(count):
                    if (py[j] <= y) != (py[k] <= y):
                        x = px[j] + (y - py[j]) * (px[k] - px[j]) / (py[k] - py[j])
                        left, right = min(left, x), max(right, x)
                    j = k
                if left > right:
                    continue
                start = max(0, math.ceil(left - 0.5))
                stop = min(width - 1, math.floor(right - 0.5))
                near = step_x * (start + 0.5) + step_y * y + base
                if instance > 0:
                    for column in range(start, stop + 1):
                        if touched[row, column] != instance:
                            touched[row, column] = instance
                            covered[instance] += 1
                for column in range(start, stop + 1):
                    if near > nearness[row, column]:
                        nearness[row, column] = near
                        seen[row, column] = i << 3 | f
                    near += step_x
