"""RADIATE's text files: times of frames, and records of GNSS, IMU and velocity to signals.

A record is ROS's NavSatFix, Imu and Twist one after the other, 55 numbers. What their axes are
was found in the data: velocities are north, east, down (they follow the places), turn rates and
accelerations ahead, right, down (the course changes as z turns). Rows hold the vehicle's axes:
ahead, left, up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from ringroad.domain.recording import GNSS, IMU
from ringroad.ingest.clock_text import seconds_ns
from ringroad.ingest.navigation_records import RecordLayout

REACH = 100
"""A file's time is extrapolated where its number is so few before or behind those that have one."""
NORTH, EAST = 49, 50
RECORDS = RecordLayout(
    name="GPS_IMU_Twist",
    numbers=55,
    north=NORTH,
    east=EAST,
    places={
        "gnss.latitude": (GNSS, 0, 1.0, "deg"),
        "gnss.longitude": (GNSS, 1, 1.0, "deg"),
        "gnss.altitude": (GNSS, 2, 1.0, "m"),
        "gnss.velocity.north": (GNSS, NORTH, 1.0, "m/s"),
        "gnss.velocity.east": (GNSS, EAST, 1.0, "m/s"),
        "gnss.velocity.up": (GNSS, 51, -1.0, "m/s"),
        "imu.angular_velocity.x": (IMU, 16, 1.0, "rad/s"),
        "imu.angular_velocity.y": (IMU, 17, -1.0, "rad/s"),
        "imu.angular_velocity.z": (IMU, 18, -1.0, "rad/s"),
        "imu.free_acceleration.x": (IMU, 19, 1.0, "m/s2"),
        "imu.free_acceleration.y": (IMU, 20, -1.0, "m/s2"),
        "imu.free_acceleration.z": (IMU, 21, -1.0, "m/s2"),
    },
)
"""Free acceleration: gravity was taken out already."""
_LINE = re.compile(r"Frame:\s*(\d{1,10})\s+Time:\s*([\d.]{1,40})\s*")


def frame_times(text: str) -> tuple[dict[int, int], int]:
    """Time in ns by number of `Frame: 000001 Time: 1574859771.744660272`; lines that are none."""
    found: dict[int, int] = {}
    bad = 0
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        try:
            if match is not None:
                found.setdefault(int(match[1]), seconds_ns(match[2]))
                continue
        except ValueError:
            pass
        bad += bool(line.strip())
    return found, bad


def extrapolated(times: Mapping[int, int]) -> Callable[[int], int | None]:
    """The time of a number, by the usual step where it is just before or behind all others."""
    numbers = np.array(sorted(times), np.int64)
    known = np.array([times[number] for number in numbers.tolist()], np.int64)
    steps = np.diff(known) // np.maximum(np.diff(numbers), 1)
    step_ns = int(np.median(steps)) if len(steps) else 0

    def time_of(number: int) -> int | None:
        if number in times or not step_ns:
            return times.get(number)
        for place in (0, -1):
            away = number - int(numbers[place])
            if 0 < (away if place else -away) <= REACH:
                return int(known[place]) + away * step_ns
        return None

    return time_of
