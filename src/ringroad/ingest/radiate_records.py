"""RADIATE's text files: times of frames, and records of GNSS, IMU and velocity to signals.

A record is ROS's NavSatFix, Imu and Twist one after the other, 55 numbers. What their axes are
was found in the data: velocities are north, east, down (they follow the places), turn rates and
accelerations ahead, right, down (the course changes as z turns). Rows hold the vehicle's axes:
ahead, left, up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import GNSS, IMU, Channel
from ringroad.ingest.clock_text import seconds_ns
from ringroad.ingest.folder_files import Shot, content, left_out
from ringroad.ingest.rows import Signal, rate_hz
from ringroad.protocols.reader import ReadRequest

RECORDS = "GPS_IMU_Twist"
GNSS_CHANNEL = f"{RECORDS}/gnss"
IMU_CHANNEL = f"{RECORDS}/imu"
NUMBERS = 55
MOST_BYTES = 64 << 10
REACH = 100
"""A file's time is extrapolated where its number is so few before or behind those that have one."""
NORTH, EAST = 49, 50
PLACES: Mapping[str, tuple[str, int, float, str]] = {
    "gnss.latitude": (GNSS_CHANNEL, 0, 1.0, "deg"),
    "gnss.longitude": (GNSS_CHANNEL, 1, 1.0, "deg"),
    "gnss.altitude": (GNSS_CHANNEL, 2, 1.0, "m"),
    "gnss.velocity.north": (GNSS_CHANNEL, NORTH, 1.0, "m/s"),
    "gnss.velocity.east": (GNSS_CHANNEL, EAST, 1.0, "m/s"),
    "gnss.velocity.up": (GNSS_CHANNEL, 51, -1.0, "m/s"),
    "imu.angular_velocity.x": (IMU_CHANNEL, 16, 1.0, "rad/s"),
    "imu.angular_velocity.y": (IMU_CHANNEL, 17, -1.0, "rad/s"),
    "imu.angular_velocity.z": (IMU_CHANNEL, 18, -1.0, "rad/s"),
    "imu.free_acceleration.x": (IMU_CHANNEL, 19, 1.0, "m/s2"),
    "imu.free_acceleration.y": (IMU_CHANNEL, 20, -1.0, "m/s2"),
    "imu.free_acceleration.z": (IMU_CHANNEL, 21, -1.0, "m/s2"),
}
"""Signal -> channel, place in the record, factor, unit. Free: gravity was taken out already."""
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


def read_records(
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
    notes = left_out({f"are no records of {RECORDS}": bad} if bad else {})
    if not records:
        return [], [], notes
    time_ns, values = np.array(times, np.int64), np.array(records)
    back = int((np.diff(time_ns) < 0).sum())
    if back:
        notes.append(f"{RECORDS}: its clock went back {back} times")
    found = [
        Signal(
            channel=channel, name=name, unit=unit, time_ns=time_ns, values=factor * values[:, place]
        )
        for name, (channel, place, factor, unit) in PLACES.items()
    ]
    speed = np.hypot(values[:, NORTH], values[:, EAST])
    found.append(
        Signal(channel=GNSS_CHANNEL, name="gnss.speed", unit="m/s", time_ns=time_ns, values=speed)
    )
    rate = rate_hz(len(times) - 1, int(np.ptp(time_ns)))
    channels = [
        Channel(name=name, sensor=sensor, encoding=RECORDS, messages=len(times), rate_hz=rate)
        for name, sensor in ((GNSS_CHANNEL, GNSS), (IMU_CHANNEL, IMU))
    ]
    return found, channels, notes


def _record(data: bytes) -> list[float]:
    numbers = [float(part) for part in data.replace(b",", b" ").split()]
    if len(numbers) != NUMBERS:
        raise ValueError(f"{len(numbers)} numbers, not {NUMBERS}")
    return numbers
