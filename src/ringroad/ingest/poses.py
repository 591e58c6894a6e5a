"""Rotation matrices to the quaternions of `Calibration`, and back."""

from __future__ import annotations

import numpy as np


def quaternion_of(rotation: np.ndarray) -> tuple[float, ...]:
    """Unit quaternion w, x, y, z with w >= 0 of a (3, 3) rotation matrix.

    The eigenvector of K for its largest eigenvalue, after Bar-Itzhack, "New method for extracting
    the quaternion from a rotation matrix" (2000): the nearest one where the matrix was rounded.

    Raises:
        ValueError: the matrix is not finite, or far from a rotation.
    """
    r = np.asarray(rotation, np.float64)
    if not np.isfinite(r).all() or np.abs(r @ r.T - np.eye(3)).max() > 1e-3:
        raise ValueError("is no rotation matrix")
    k = np.array(
        [
            [r[0, 0] - r[1, 1] - r[2, 2], 0, 0, 0],
            [r[1, 0] + r[0, 1], r[1, 1] - r[0, 0] - r[2, 2], 0, 0],
            [r[2, 0] + r[0, 2], r[2, 1] + r[1, 2], r[2, 2] - r[0, 0] - r[1, 1], 0],
            [
                r[2, 1] - r[1, 2],
                r[0, 2] - r[2, 0],
                r[1, 0] - r[0, 1],
                r[0, 0] + r[1, 1] + r[2, 2],
            ],
        ]
    )
    vector = np.linalg.eigh(k / 3)[1][:, -1]  # of the lower triangle
    x, y, z, w = (vector if vector[3] >= 0 else -vector).tolist()
    return (w, x, y, z)


def matrix_of(quaternion: tuple[float, ...]) -> np.ndarray:
    """(3, 3) rotation matrix of a unit quaternion w, x, y, z."""
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
