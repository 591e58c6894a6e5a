"""Signals for the eye: every stretch of time keeps its smallest and its largest value.

A curve of a million values is drawn with two thousand points and looks the same: no spike is lost,
because each point is a value that was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MOST_POINTS = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """One signal between two times.

    Attributes:
        time_ns: (n,) int64, rising.
        values: (n,) float64, recorded ones.
        recorded: how many values there are between the times.
    """

    channel: str
    name: str
    unit: str
    time_ns: np.ndarray
    values: np.ndarray
    recorded: int


def curves(
    signals: pa.Table,
    *,
    names: tuple[str, ...],
    channel: str = "",
    start_ns: int | None = None,
    end_ns: int | None = None,
    points: int = MOST_POINTS,
) -> list[Curve]:
    """Signals by name, at most so many points each.

    Args:
        signals: rows of `schemas.SIGNALS` of one recording.
        names: which.
        channel: of this channel only.
        start_ns: from then on.
        end_ns: up to then.
        points: 2 to `MOST_POINTS`.
    """
    rows = signals.filter(pc.is_in(signals["name"].cast(pa.string()), pa.array(names, pa.string())))
    if channel:
        rows = rows.filter(pc.equal(rows["channel"].cast(pa.string()), channel))
    keys = ["channel", "name", "unit"]
    found = []
    for key in kinds(rows):
        mine = rows
        for column in keys:
            mine = mine.filter(pc.equal(mine[column].cast(pa.string()), key[column]))
        time_ns, values = mine["time_ns"].to_numpy(), mine["value"].to_numpy()
        order = np.argsort(time_ns, kind="stable")
        time_ns, values = time_ns[order], values[order]
        first = 0 if start_ns is None else int(np.searchsorted(time_ns, start_ns, "left"))
        last = len(time_ns) if end_ns is None else int(np.searchsorted(time_ns, end_ns, "right"))
        kept = first + thinned(values[first:last], points)
        found.append(
            Curve(
                **{column: str(key[column]) for column in keys},
                time_ns=time_ns[kept],
                values=values[kept],
                recorded=max(0, last - first),
            )
        )
    return found


def kinds(signals: pa.Table) -> list[dict[str, Any]]:
    """Each signal: channel, name, unit, how many values, from when to when."""
    keys = ["channel", "name", "unit"]
    plain = pa.table({name: signals[name].cast(pa.string()) for name in keys}).append_column(
        "time_ns", signals["time_ns"]
    )
    wanted = [("time_ns", "count"), ("time_ns", "min"), ("time_ns", "max")]
    rows = plain.group_by(keys).aggregate(wanted).sort_by([(name, "ascending") for name in keys])
    return [
        {
            **{name: row[name] for name in keys},
            "values": row["time_ns_count"],
            "start_ns": row["time_ns_min"],
            "end_ns": row["time_ns_max"],
        }
        for row in rows.to_pylist()
    ]


def thinned(values: np.ndarray, points: int) -> np.ndarray:
    """(k,) int64 places of the smallest and largest value of each of `points` / 2 stretches.

    Stretches have equal counts of values. NaN is the value of a stretch that has no other.
    """
    count = len(values)
    if count <= points:
        return np.arange(count)
    edges = np.linspace(0, count, points // 2 + 1).astype(np.int64)
    starts = edges[:-1]
    low, high = (
        np.where(np.isnan(values), np.inf, values),
        np.where(np.isnan(values), -np.inf, values),
    )
    stretch = np.repeat(np.arange(len(starts)), np.diff(edges))
    least = np.minimum.reduceat(low, starts)
    most = np.maximum.reduceat(high, starts)
    kept = np.zeros(count, dtype=bool)
    kept[_first(low == least[stretch], stretch)] = True
    kept[_first(high == most[stretch], stretch)] = True
    return np.flatnonzero(kept)


def _first(found: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """The first place of each stretch at which something is found."""
    places = np.flatnonzero(found)
    return places[np.unique(stretch[places], return_index=True)[1]]
