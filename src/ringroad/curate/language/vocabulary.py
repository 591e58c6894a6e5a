"""Which words a query may use: columns, units, atoms, events. Finds the nearest to a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from ringroad.media.schemas import INDEX, NAME

TEXT, NUMBER, TIME = "text", "number", "time"
G = 9.80665

UNITS: Mapping[str, tuple[str, float]] = {
    "m/s": ("speed", 1.0), "km/h": ("speed", 1 / 3.6), "kmh": ("speed", 1 / 3.6),
    "mph": ("speed", 0.44704),
    "m/s2": ("acceleration", 1.0), "m/s^2": ("acceleration", 1.0), "g": ("acceleration", G),
    "m": ("length", 1.0), "km": ("length", 1000.0),
    "ns": ("time", 1e-9), "ms": ("time", 1e-3), "s": ("time", 1.0), "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "deg": ("angle", 1.0), "rad": ("angle", 57.29577951308232),
    "rad/s": ("turning", 1.0), "deg/s": ("turning", 0.017453292519943295),
    "": ("number", 1.0),
}  # fmt: skip
"""Unit -> what it measures, and its size in m/s, m/s2, m, s, degrees, rad/s."""

VALUE = "value"
VALUES: Mapping[str, tuple[str, ...]] = {
    "speed": ("speed",), "acceleration": ("acceleration",), "length": ("distance", "gap"),
    "time": ("gap", "time"), "angle": ("angle",), "turning": ("rate",), "number": ("count",),
}  # fmt: skip
"""What the value of an atom or event may be called, by what it measures; or just `VALUE`."""

SUFFIXES: Mapping[str, str] = {
    "_mps2": "m/s2", "_mps": "m/s", "_rps": "rad/s", "_deg": "deg",
}  # fmt: skip
SHORT: Mapping[str, str] = {
    "time": "time_ns", "recording": "recording_id", "frame": "frame_id",
    "acceleration": "accel_mps2",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnWord:
    """A column that queries may name."""

    name: str
    kind: str
    """`TEXT`, `NUMBER` or `TIME`."""
    unit: str = ""
    values: tuple[str, ...] = ()
    """Of texts, those that there are, where they are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomWord:
    """An atom that queries may name."""

    name: str
    tracked: bool
    """Whether it is about tracks; else about the vehicle."""
    unit: str = ""
    """Of its value."""
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All words by name."""

    columns: Mapping[str, ColumnWord]
    atoms: Mapping[str, AtomWord] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    """Name -> unit of its value."""
    categories: frozenset[str] = frozenset()
    """Of tracks."""
    spaces: tuple[str, ...] = ()

    def held(self, name: str) -> tuple[str, str] | None:
        """Kind and name of an atom, category or event, in any case; None for none."""
        tables = (("atom", self.atoms), ("category", self.categories), ("event", self.events))
        for kind, known in tables:
            if name in known:
                return kind, name
        lowered = name.lower()
        for kind, known in tables:
            for word in known:
                if word.lower() == lowered:
                    return kind, word
        return None

    def column(self, name: str) -> ColumnWord | None:
        """A column by name, in any case, with or without the unit behind it; None for none."""
        asked = name.lower()
        known = self.columns.get(asked) or self.columns.get(SHORT.get(asked, ""))
        if known is not None:
            return known
        longer = (self.columns.get(f"{asked}{suffix}") for suffix in SUFFIXES)
        return next((column for column in longer if column is not None), None)


def columns_of(rows: pa.Table | None = None) -> dict[str, ColumnWord]:
    """Words for the columns of `schemas.INDEX`, with the texts that rows hold."""
    return {field.name: _word(field, rows) for field in INDEX}


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most alike, or nothing."""
    lowered = {word.lower(): word for word in known}
    found = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.5)
    return lowered[found[0]] if found else ""


def _word(field: pa.Field, rows: pa.Table | None) -> ColumnWord:
    unit = next((unit for end, unit in SUFFIXES.items() if field.name.endswith(end)), "")
    if field.name == "time_ns":
        return ColumnWord(name=field.name, kind=TIME, unit="ns")
    if field.type == NAME or field.type == pa.string():
        return ColumnWord(name=field.name, kind=TEXT, values=_values(field.name, rows))
    return ColumnWord(name=field.name, kind=NUMBER, unit=unit)


def _values(name: str, rows: pa.Table | None) -> tuple[str, ...]:
    if rows is None or name not in rows.column_names or rows.schema.field(name).type != NAME:
        return ()
    chunks = [part.dictionary for part in rows[name].chunks]
    found = {text for part in chunks if len(part) <= _FEW for text in part.to_pylist()}
    return tuple(sorted(found)) if len(found) <= _FEW else ()


_FEW = 200
