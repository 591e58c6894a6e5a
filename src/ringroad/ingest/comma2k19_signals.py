"""Arrays of comma2k19's processed logs to signals, in the axes of the vehicle and SI units.

What the columns are stands in the data set's README. Its devices' axes are ahead, right, down;
rows hold ahead, left, up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.recording import CAN, GNSS, IMU, SIGNALS
from ringroad.ingest.rows import Signal

POSE = "global_pose"
FLIP = (1.0, -1.0, -1.0)
"""Ahead, right, down to ahead, left, up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a log: value * factor, in a unit."""

    name: str
    unit: str
    at: int
    factor: float = 1.0


def _axes(stem: str, unit: str, factors: Sequence[float] = (1.0, 1.0, 1.0)) -> tuple[Column, ...]:
    return tuple(
        Column(name=f"{stem}.{axis}", unit=unit, at=at, factor=factor)
        for at, (axis, factor) in enumerate(zip("xyz", factors, strict=True))
    )


_FIXES = (
    Column(name="gnss.latitude", unit="deg", at=0),
    Column(name="gnss.longitude", unit="deg", at=1),
    Column(name="gnss.speed", unit="m/s", at=2),
    Column(name="gnss.utc", unit="ms", at=3),
    Column(name="gnss.altitude", unit="m", at=4),
    Column(name="gnss.bearing", unit="rad", at=5, factor=np.pi / 180),
)
_WHEELS = ("front_left", "front_right", "rear_left", "rear_right")

LOGS: Mapping[str, tuple[str, tuple[Column, ...]]] = {
    "CAN/speed": (CAN, (Column(name="speed", unit="m/s", at=0),)),
    "CAN/steering_angle": (
        CAN,
        (Column(name="steering_angle", unit="rad", at=0, factor=np.pi / 180),),
    ),
    "CAN/wheel_speed": (
        CAN,
        tuple(Column(name=f"wheel_speed.{w}", unit="m/s", at=at) for at, w in enumerate(_WHEELS)),
    ),
    "GNSS/live_gnss_qcom": (GNSS, _FIXES),
    "GNSS/live_gnss_ublox": (GNSS, _FIXES),
    "IMU/accelerometer": (IMU, _axes("imu.linear_acceleration", "m/s2", FLIP)),
    "IMU/gyro": (IMU, _axes("imu.angular_velocity", "rad/s", FLIP)),
    "IMU/gyro_bias": (IMU, _axes("imu.angular_velocity_bias", "rad/s", FLIP)),
    "IMU/gyro_uncalibrated": (IMU, _axes("imu.angular_velocity_uncalibrated", "rad/s", FLIP)),
    "IMU/magnetometer": (IMU, _axes("imu.magnetic_field", "uT", FLIP)),
    "IMU/magnetometer_uncalibrated": (IMU, _axes("imu.magnetic_field_uncalibrated", "uT", FLIP)),
}
"""Folder of a log, which is its channel's name too -> sensor, and what its columns are."""

RADAR = "CAN/radar"
RADAR_SENSOR = SIGNALS
"""Tracks come and go, as no identifier of CAN does."""
_RADAR_COLUMNS = (("forward", "m", 0), ("left", "m", 1), ("relative_speed", "m/s", 2))
_RADAR_ADDRESS = 5
RADAR_WIDTH = 7

POSES: Mapping[str, tuple[Column, ...]] = {
    "frame_positions": _axes("pose.position", "m"),
    "frame_velocities": _axes("pose.velocity", "m/s"),
    "frame_orientations": tuple(
        Column(name=f"pose.orientation.{part}", unit="", at=at) for at, part in enumerate("wxyz")
    ),
}
"""File of `global_pose` -> its columns: of the camera, in the Earth's own coordinates (ECEF)."""
POSE_SENSOR = SIGNALS


def columns_of(
    channel: str, columns: Sequence[Column], time_ns: np.ndarray, values: np.ndarray
) -> list[Signal]:
    """Signals of a log.

    Args:
        channel: its name.
        columns: what the values are.
        time_ns: (n,) int64.
        values: (n,) or (n, k) of numbers.

    Raises:
        ValueError: there are not as many values as times, or too few columns.
    """
    table = values.reshape(len(values), -1) if values.ndim == 1 else values
    if table.ndim != 2 or len(table) != len(time_ns) or table.shape[1] <= columns[-1].at:
        raise ValueError(f"{table.shape} values for {len(time_ns)} times")
    return [
        Signal(
            channel=channel,
            name=column.name,
            unit=column.unit,
            time_ns=time_ns,
            values=table[:, column.at].astype(np.float64) * column.factor,
        )
        for column in columns
    ]


def radar_signals(time_ns: np.ndarray, values: np.ndarray) -> list[Signal]:
    """Three signals of each of the radar's slots, in which it tracks one thing after another.

    Raises:
        ValueError: the values are not those of a radar log.
    """
    if values.ndim != 2 or values.shape != (len(time_ns), RADAR_WIDTH):
        raise ValueError(f"{values.shape} values for {len(time_ns)} times")
    slots = values[:, _RADAR_ADDRESS]
    found = []
    for slot in np.unique(slots[np.isfinite(slots)])[:256].tolist():
        rows = slots == slot
        found += [
            Signal(
                channel=RADAR,
                name=f"radar.{slot:.0f}.{name}",
                unit=unit,
                time_ns=time_ns[rows],
                values=values[rows, at].astype(np.float64),
            )
            for name, unit, at in _RADAR_COLUMNS
        ]
    return found
