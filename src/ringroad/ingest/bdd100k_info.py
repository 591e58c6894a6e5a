"""What the phone that filmed a BDD100K video wrote beside it: GNSS and IMU, to signals.

The IMU's axes are the phone's, however it was mounted, so its signals bear the phone's name and
not that of a vehicle's sensor.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import GNSS, IMU, Channel
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.clock_text import LATEST_NS
from ringroad.ingest.rows import Signal, rate_hz

MILLISECOND_NS = SECOND_NS // 1000
GNSS_CHANNEL, ACCELEROMETER, GYROSCOPE = "info/locations", "info/accelerometer", "info/gyro"
LISTS: Mapping[str, tuple[str, str, Mapping[str, tuple[str, str]]]] = {
    "locations": (
        GNSS_CHANNEL,
        GNSS,
        {
            "latitude": ("gnss.latitude", "deg"),
            "longitude": ("gnss.longitude", "deg"),
            "speed": ("gnss.speed", "m/s"),
            "course": ("gnss.course", "deg"),
            "accuracy": ("gnss.position_accuracy", "m"),
        },
    ),
    "accelerometer": (
        ACCELEROMETER,
        IMU,
        {axis: (f"phone.acceleration.{axis}", "g") for axis in "xyz"},
    ),
    "gyro": (
        GYROSCOPE,
        IMU,
        {axis: (f"phone.angular_velocity.{axis}", "rad/s") for axis in "xyz"},
    ),
}
"""List -> channel, sensor, and field -> signal and unit."""
NEVER_NEGATIVE = {"gnss.speed", "gnss.course", "gnss.position_accuracy"}
"""The phone writes -1 where it does not know."""


def parse_info(text: str) -> Mapping[str, Any]:
    """The file's own fields. Raises UnreadableSource."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(f"is no JSON: {str(error)[:200]}") from error
    if not isinstance(found, dict):
        raise UnreadableSource("is no JSON object")
    return found


def time_of(value: object) -> int | None:
    """Nanoseconds of a count of milliseconds; None where it is no such count."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value * MILLISECOND_NS <= LATEST_NS:
        return None
    return value * MILLISECOND_NS


def info_signals(
    info: Mapping[str, Any],
) -> tuple[list[Signal], list[Channel], list[str]]:
    """Signals, their channels, and notes on entries that are none."""
    signals: list[Signal] = []
    channels: list[Channel] = []
    notes: list[str] = []
    for name, (channel, sensor, fields) in LISTS.items():
        times, values, bad = _entries(info.get(name), tuple(fields))
        if bad:
            notes.append(f"{name}: {bad} entries without a time were left out")
        if not len(times):
            continue
        for place, (signal, unit) in enumerate(fields.values()):
            column = values[:, place]
            if signal in NEVER_NEGATIVE:
                column = np.where(column < 0, np.nan, column)
            signals.append(
                Signal(channel=channel, name=signal, unit=unit, time_ns=times, values=column)
            )
        rate = rate_hz(len(times) - 1, int(times.max() - times.min()))
        channels.append(
            Channel(name=channel, sensor=sensor, encoding="json", messages=len(times), rate_hz=rate)
        )
    return signals, channels, notes


def _entries(found: object, fields: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, int]:
    """Times, (n, k) values with NaN where one is missing, and how many entries have no time."""
    entries = found if isinstance(found, list) else []
    times: list[int] = []
    values: list[list[float]] = []
    for entry in entries:
        time_ns = time_of(entry.get("timestamp")) if isinstance(entry, dict) else None
        if time_ns is not None:
            times.append(time_ns)
            values.append([_number(entry.get(field)) for field in fields])
    table = np.array(values, np.float64).reshape(-1, len(fields))
    return np.array(times, np.int64), table, len(entries) - len(times)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    return float(value) if abs(value) < 1e15 else math.nan
