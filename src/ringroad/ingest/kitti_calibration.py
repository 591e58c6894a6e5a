"""Calibration files of KITTI, object and raw: pictures are rectified, so that lenses do not show.

A point of the lidar lies at `P * R * T * p` in a picture (Geiger et al., "Vision meets robotics",
2013, equations 7 and 8): T from the lidar to the first camera, R turns it as all pictures are
turned, P projects into one camera. P = K [I | b]: all cameras look the same way, and the first
one's origin lies at K^-1 b in a camera's own coordinate system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, VEHICLE_AXES, Calibration
from ringroad.ingest.poses import quaternion_of

Values = Mapping[str, tuple[float, ...]]


def parse_kitti(text: str) -> dict[str, tuple[float, ...]]:
    """Rows such as `P2: 707.0493 0 604.0814 ...` by name; rows that are no numbers are left out."""
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        try:
            numbers = tuple(float(part) for part in rest.split())
        except ValueError:
            continue
        if numbers and np.isfinite(numbers).all():
            found[name.strip()] = numbers
    return found


def kitti_calibrations(
    cameras: Mapping[str, Sequence[float]],
    *,
    turned: Sequence[float],
    lidar: str,
    lidar_to_first: Sequence[float],
    origin: str,
) -> list[Calibration]:
    """Of cameras and the lidar; all poses lead to the first camera that is named.

    Args:
        cameras: P of each channel, 12 numbers by rows.
        turned: R, 9 numbers by rows.
        lidar: its channel.
        lidar_to_first: [R | t], 12 numbers by rows; empty where it is not known.
        origin: which files the numbers are from.

    Raises:
        ValueError: numbers are missing, or make no rotation or projection.
    """
    if not cameras:
        return []
    base = next(iter(cameras))
    first_at = {name: _first_origin(_shaped(p, 3, 4)) for name, p in cameras.items()}
    found = []
    for name, numbers in cameras.items():
        p = _shaped(numbers, 3, 4)
        other = name != base
        found.append(
            Calibration(
                channel=name,
                parent=base if other else VEHICLE,
                axes=CAMERA_AXES,
                translation_m=tuple((first_at[base] - first_at[name]).tolist()) if other else (),
                rotation=(1.0, 0.0, 0.0, 0.0) if other else (),
                intrinsics=(p[0, 0].item(), p[1, 1].item(), p[0, 2].item(), p[1, 2].item()),
                origin=origin,
            )
        )
    if lidar_to_first:
        turn, rigid = _shaped(turned, 3, 3), _shaped(lidar_to_first, 3, 4)
        found.append(
            Calibration(
                channel=lidar,
                parent=base,
                axes=VEHICLE_AXES,
                translation_m=tuple((turn @ rigid[:, 3] + first_at[base]).tolist()),
                rotation=quaternion_of(turn @ rigid[:, :3]),
                origin=origin,
            )
        )
    return found


def rigid_calibration(
    channel: str,
    parent: str,
    *,
    rotation: Sequence[float],
    translation: Sequence[float],
    origin: str,
) -> Calibration:
    """Of a sensor with the vehicle's axes: R of 9 numbers by rows, T of 3. Raises ValueError."""
    x, y, z = _shaped(translation, 1, 3)[0].tolist()
    return Calibration(
        channel=channel,
        parent=parent,
        axes=VEHICLE_AXES,
        translation_m=(x, y, z),
        rotation=quaternion_of(_shaped(rotation, 3, 3)),
        origin=origin,
    )


def _first_origin(p: np.ndarray) -> np.ndarray:
    """Where the first camera's origin lies in the coordinate system of the camera of P."""
    k = p[:, :3]
    if np.abs(np.tril(k, -1)).max() > 1e-6 or min(k[0, 0], k[1, 1]) <= 0 or k[2, 2] != 1:
        raise ValueError("is no projection of a rectified camera")
    place: np.ndarray = np.linalg.solve(k, p[:, 3])
    return place


def _shaped(numbers: Sequence[float], rows: int, columns: int) -> np.ndarray:
    if len(numbers) != rows * columns:
        raise ValueError(f"{len(numbers)} numbers stand where {rows * columns} are due")
    return np.array(numbers, np.float64).reshape(rows, columns)
