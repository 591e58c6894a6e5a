"""Records of an inertial navigation system, a text file of numbers each, to signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import GNSS, IMU, Channel
from ringroad.ingest.folder_files import Shot, content, left_out
from ringroad.ingest.rows import Signal, rate_hz
from ringroad.protocols.reader import ReadRequest

MOST_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLayout:
    """Where a record's numbers are what.

    Attributes:
        name: of the folder, and before the two channels' names.
        numbers: how many a record has.
        places: signal -> `gnss` or `imu`, place, factor, unit.
        north: place of the velocity northwards in m/s.
        east: and eastwards.
    """

    name: str
    numbers: int
    places: Mapping[str, tuple[str, int, float, str]]
    north: int
    east: int

    def channel(self, sensor: str) -> str:
        """The name of one of the two channels."""
        return f"{self.name}/{sensor}"


def read_records(
    request: ReadRequest, taken: Sequence[Shot], layout: RecordLayout
) -> tuple[list[Signal], list[Channel], list[str]]:
    """Signals of all records, their two channels, and notes on files that are none."""
    records: list[list[float]] = []
    times: list[int] = []
    bad: list[str] = []
    for shot in taken:
        try:
            records.append(_record(content(request, shot.file, most=MOST_BYTES), layout.numbers))
            times.append(shot.time_ns)
        except (ValueError, UnreadableSource) as error:
            bad.append(f"{shot.file.name} ({error})")
    notes = left_out({f"are no records of {layout.name}": bad} if bad else {})
    if not records:
        return [], [], notes
    time_ns, values = np.array(times, np.int64), np.array(records)
    back = int((np.diff(time_ns) < 0).sum())
    if back:
        notes.append(f"{layout.name}: its clock went back {back} times")
    columns = {
        name: (layout.channel(sensor), unit, factor * values[:, place])
        for name, (sensor, place, factor, unit) in layout.places.items()
    }
    speed = np.hypot(values[:, layout.north], values[:, layout.east])
    columns["gnss.speed"] = (layout.channel(GNSS), "m/s", speed)
    found = [
        Signal(channel=channel, name=name, unit=unit, time_ns=time_ns, values=column)
        for name, (channel, unit, column) in columns.items()
    ]
    rate = rate_hz(len(times) - 1, int(np.ptp(time_ns)))
    channels = [
        Channel(
            name=layout.channel(sensor), sensor=sensor, encoding=layout.name,
            messages=len(times), rate_hz=rate,
        )
        for sensor in (GNSS, IMU)
    ]  # fmt: skip
    return found, channels, notes


def _record(data: bytes, count: int) -> list[float]:
    numbers = [float(part) for part in data.replace(b",", b" ").split()]
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers, not {count}")
    return numbers
