"""A CSV of vehicle signals beside a video: `time_s`, then one column per signal."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import from_seconds
from ringroad.ingest.rows import Signal

TIME = "time_s"
UNITS = {"_mps": "m/s", "_kmh": "km/h", "_mph": "mph", "_deg": "deg", "_rad": "rad", "_m": "m"}
REMEDY = "the first line names the columns: time_s,speed_mps,steering_deg ..."
LINES_NAMED = 5


def read_signals(path: Path, *, channel: str, start_ns: int) -> tuple[list[Signal], list[str]]:
    """Signals by column, and what is wrong with which line; `time_s` counts from the first frame.

    A unit is taken from the end of a column's name: `speed_mps`, `steering_deg`. Empty cells mean
    nothing; a line with a cell that is no number is left out whole and named.

    Raises:
        UnreadableSource: no `time_s`, or not one line that can be used.
    """
    gathered: dict[str, list[tuple[int, float]]] = {}
    bad: list[str] = []
    good = 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            names = [name.strip() for name in next(reader, [])]
            _check(names, path)
            for cells in filter(None, reader):
                try:
                    time_ns, values = _row(names, cells)
                except ValueError as error:
                    bad.append(f"line {reader.line_num}: {error}")
                    continue
                good += 1
                for name, value in values.items():
                    gathered.setdefault(name, []).append((start_ns + time_ns, value))
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableSource(
            f"the file of signals is no CSV: {error}", subject=str(path), remedy=REMEDY
        ) from error
    if not good:
        first = f"; {bad[0]}" if bad else ""
        raise UnreadableSource(
            f"the file of signals holds no values{first}", subject=str(path), remedy=REMEDY
        )
    signals = [_signal(channel, name, rows) for name, rows in gathered.items()]
    return signals, _told(path, bad)


def _check(names: list[str], path: Path) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if TIME not in names or twice:
        what = f"names {twice[0]!r} twice" if twice else f"has no column {TIME}"
        raise UnreadableSource(
            f"the file of signals {what}", subject=str(path), place="line 1", remedy=REMEDY
        )


def _row(names: list[str], cells: list[str]) -> tuple[int, dict[str, float]]:
    """Time in ns and values by column. Raises ValueError, saying what is wrong."""
    if len(cells) != len(names):
        raise ValueError(f"{len(cells)} cells for {len(names)} columns")
    values = {}
    for name, cell in zip(names, cells, strict=True):
        if not cell.strip() and name != TIME:
            continue
        try:
            values[name] = float(cell)
        except ValueError:
            raise ValueError(f"{name} is {cell!r}") from None
        if not math.isfinite(values[name]):
            raise ValueError(f"{name} is {cell!r}")
    return from_seconds(values.pop(TIME)), values


def _signal(channel: str, column: str, rows: list[tuple[int, float]]) -> Signal:
    suffix = next((suffix for suffix in UNITS if column.endswith(suffix)), "")
    return Signal(
        channel=channel,
        name=column.removesuffix(suffix),
        unit=UNITS.get(suffix, ""),
        time_ns=np.array([time_ns for time_ns, _ in rows], np.int64),
        values=np.array([value for _, value in rows], np.float64),
    )


def _told(path: Path, bad: list[str]) -> list[str]:
    if not bad:
        return []
    more = f" and {len(bad) - LINES_NAMED} more" if len(bad) > LINES_NAMED else ""
    return [f"{path.name}: left out {'; '.join(bad[:LINES_NAMED])}{more}"]
