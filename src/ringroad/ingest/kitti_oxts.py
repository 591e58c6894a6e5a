"""Records of KITTI's inertial navigation system, a file of 30 numbers each, to signals.

Names and units after `dataformat.txt` of the data set. Its axes are the vehicle's: x ahead,
y to the left, z up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import GNSS, IMU, Channel
from ringroad.ingest.folder_files import Shot, content, left_out
from ringroad.ingest.rows import Signal, rate_hz
from ringroad.protocols.reader import ReadRequest

OXTS = "oxts"
GNSS_CHANNEL = "oxts/gnss"
IMU_CHANNEL = "oxts/imu"
NUMBERS = 30
MOST_BYTES = 64 << 10
NORTH, EAST = 6, 7
PLACES: Mapping[str, tuple[str, int, str]] = {
    "gnss.latitude": (GNSS_CHANNEL, 0, "deg"),
    "gnss.longitude": (GNSS_CHANNEL, 1, "deg"),
    "gnss.altitude": (GNSS_CHANNEL, 2, "m"),
    "gnss.velocity.north": (GNSS_CHANNEL, NORTH, "m/s"),
    "gnss.velocity.east": (GNSS_CHANNEL, EAST, "m/s"),
    "gnss.position_accuracy": (GNSS_CHANNEL, 23, "m"),
    "gnss.satellites": (GNSS_CHANNEL, 26, ""),
    "imu.orientation.roll": (IMU_CHANNEL, 3, "rad"),
    "imu.orientation.pitch": (IMU_CHANNEL, 4, "rad"),
    "imu.orientation.yaw": (IMU_CHANNEL, 5, "rad"),
    "speed": (IMU_CHANNEL, 8, "m/s"),
    "imu.linear_acceleration.x": (IMU_CHANNEL, 11, "m/s2"),
    "imu.linear_acceleration.y": (IMU_CHANNEL, 12, "m/s2"),
    "imu.linear_acceleration.z": (IMU_CHANNEL, 13, "m/s2"),
    "imu.angular_velocity.x": (IMU_CHANNEL, 17, "rad/s"),
    "imu.angular_velocity.y": (IMU_CHANNEL, 18, "rad/s"),
    "imu.angular_velocity.z": (IMU_CHANNEL, 19, "rad/s"),
}
"""Signal -> channel, place in the record, unit."""


def read_oxts(
    request: ReadRequest, taken: Sequence[Shot]
) -> tuple[list[Signal], list[Channel], list[str]]:
    """Signals of all records, their two channels, and notes on files that are none."""
    records: list[list[float]] = []
    times: list[int] = []
    bad: list[str] = []
    for shot in taken:
        try:
            records.append(_record(content(request, shot.file, most=MOST_BYTES)))
            times.append(shot.time_ns)
        except (ValueError, UnreadableSource) as error:
            bad.append(f"{shot.file.name} ({error})")
    notes = left_out({"are no records of oxts": bad} if bad else {})
    if not records:
        return [], [], notes
    time_ns, values = np.array(times, np.int64), np.array(records)
    found = [
        Signal(channel=channel, name=name, unit=unit, time_ns=time_ns, values=values[:, place])
        for name, (channel, place, unit) in PLACES.items()
    ]
    speed = np.hypot(values[:, NORTH], values[:, EAST])
    found.append(
        Signal(channel=GNSS_CHANNEL, name="gnss.speed", unit="m/s", time_ns=time_ns, values=speed)
    )
    rate = rate_hz(len(times) - 1, times[-1] - times[0])
    channels = [
        Channel(name=name, sensor=sensor, encoding=OXTS, messages=len(times), rate_hz=rate)
        for name, sensor in ((GNSS_CHANNEL, GNSS), (IMU_CHANNEL, IMU))
    ]
    return found, channels, notes


def _record(data: bytes) -> list[float]:
    numbers = [float(part) for part in data.split()]
    if len(numbers) != NUMBERS:
        raise ValueError(f"{len(numbers)} numbers, not {NUMBERS}")
    return numbers
