"""A CSV of vehicle signals beside a video: `time_s`, then one column per signal."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import from_seconds

TIME = "time_s"
UNITS = {"_mps": "m/s", "_kmh": "km/h", "_mph": "mph", "_deg": "deg", "_rad": "rad", "_m": "m"}
REMEDY = "the first line names the columns: time_s,speed_mps,steering_deg ..."


def read_signals(path: Path, *, start_ns: int) -> list[tuple[str, int, str, float, str]]:
    """Channel, time, name, value, unit of every value; `time_s` counts from the video's start.

    A unit is taken from the end of a column's name: `speed_mps`, `steering_deg`. Empty cells are
    left out.

    Raises:
        UnreadableSource: no `time_s`, or a cell that is no number; names the line.
    """
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if TIME not in (reader.fieldnames or ()):
            raise UnreadableSource(
                f"has no column {TIME}", subject=str(path), place="line 1", remedy=REMEDY
            )
        return [value for row in reader for value in _values(row, path, reader.line_num, start_ns)]


def _values(
    row: dict[str, str], path: Path, line: int, start_ns: int
) -> Iterator[tuple[str, int, str, float, str]]:
    try:
        time_ns = start_ns + from_seconds(float(row[TIME]))
        for name, cell in row.items():
            if name != TIME and cell not in (None, ""):
                yield "signals", time_ns, _bare(name), float(cell), _unit(name)
    except (TypeError, ValueError) as error:
        raise UnreadableSource(
            f"a cell is no number: {error}", subject=str(path), place=f"line {line}", remedy=REMEDY
        ) from error


def _unit(name: str) -> str:
    return next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "")


def _bare(name: str) -> str:
    """The name without its unit."""
    return next((name.removesuffix(suffix) for suffix in UNITS if name.endswith(suffix)), name)
