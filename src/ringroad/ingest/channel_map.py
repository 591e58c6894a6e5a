"""A channel map says what each channel of *your* recordings is, where the reader cannot know.

`draft` writes one as a reader understood a recording, doubts marked; `parse` reads it back after
somebody looked at it; `applied` gives the reading as the map says.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, VEHICLE_AXES, Calibration
from ringroad.domain.errors import InvalidConfig
from ringroad.domain.ids import RecordingId, frame_id
from ringroad.domain.recording import (
    CAMERA,
    CAN,
    GNSS,
    IMU,
    LIDAR,
    OTHER,
    RADAR,
    SIGNALS,
    Channel,
)
from ringroad.ingest.rows import repeated
from ringroad.protocols.reader import Reading

SENSORS = (CAMERA, LIDAR, RADAR, IMU, GNSS, CAN, SIGNALS, OTHER)
DOUBT = "# DOUBT:"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRule:
    """What one signal of a channel is: value * scale + offset, in a unit."""

    name: str = ""
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRule:
    """What one channel is. Empty means: as the reader understands it."""

    channel: str
    """As the source calls it."""
    name: str = ""
    sensor: str = ""
    keep: bool = True
    offset_ns: int = 0
    """Added to each of its times: what its clock is behind the others."""
    calibration: Calibration | None = None
    signals: Mapping[str, SignalRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.sensor and self.sensor not in SENSORS:
            raise InvalidConfig(
                f"{self.channel}: no sensor is called {self.sensor!r}",
                remedy=f"known: {', '.join(SENSORS)}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMap:
    """Rules by the source's channel names; channels without one stay as they are."""

    channels: Mapping[str, ChannelRule]


def parse(text: str, *, subject: str = "") -> ChannelMap:
    """Read a map.

    Raises:
        InvalidConfig: no TOML, an unknown key, a wrong value, or two rules for one channel.
    """
    try:
        values = tomllib.loads(text)
        _known(values, ("channels",), "the map")
        rules = [_rule(entry) for entry in values.get("channels", [])]
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise InvalidConfig(f"is no channel map: {error}", subject=subject) from error
    except InvalidConfig as error:
        raise InvalidConfig(error.what, subject=subject, remedy=error.remedy) from error
    by_name = {rule.channel: rule for rule in rules}
    if len(by_name) != len(rules):
        raise InvalidConfig("a channel has two rules", subject=subject, remedy="leave one of them")
    return ChannelMap(channels=by_name)


def asked(rules: ChannelMap) -> tuple[str, ...]:
    """Channels that a map calls signals, or names signals of."""
    listed = rules.channels.values()
    return tuple(sorted(rule.channel for rule in listed if rule.sensor == SIGNALS or rule.signals))


def draft(reading: Reading) -> str:
    """A map as TOML that says what the reader understood; where it says DOUBT, have a look."""
    recording = reading.recording
    lines = [
        f"# Channels of {recording.source_key}, as the {recording.container} reader sees them."
    ]
    lines += [f"# clock: {recording.clock}"]
    lines += [f"{DOUBT} {note}" for note in reading.notes]
    poses = {item.channel: item for item in recording.calibrations}
    for channel in recording.channels:
        lines += ["", "[[channels]]", f"channel = {_text(channel.name)}"]
        lines += [f"sensor = {_text(channel.sensor)}  # {channel.encoding}"]
        if channel.sensor == OTHER:
            lines += [f"{DOUBT} nothing is read of {channel.encoding or 'this kind'}; keep = false"]
            lines += [f'# or sensor = "{SIGNALS}", which makes signals of its plain numbers']
        lines += [f"# {channel.messages} messages, {channel.rate_hz:g} Hz", "offset_ns = 0"]
        lines += _drafted_calibration(channel, poses.get(channel.name))
        lines += _drafted_signals(reading.signals, channel.name)
    return "\n".join(lines) + "\n"


def applied(reading: Reading, rules: ChannelMap) -> Reading:
    """The reading as the map says; the map's own calibrations win over the source's.

    Raises:
        InvalidConfig: two channels would have one name.
    """
    recording = reading.recording
    kept = [item for item in recording.channels if _of(rules, item.name).keep]
    channels = [_renamed(item, _of(rules, item.name)) for item in kept]
    if len({channel.name for channel in channels}) != len(channels):
        raise InvalidConfig("two channels have one name", subject=recording.id)
    given = {rule.channel: rule.calibration for rule in rules.channels.values()}
    poses = {item.channel: item for item in recording.calibrations}
    poses |= {name: item for name, item in given.items() if item is not None}
    names = {item.name: _of(rules, item.name).name or item.name for item in kept}
    absent = sorted(set(rules.channels) - {item.name for item in recording.channels})
    notes = [f"the map names {name}, which is not in this recording" for name in absent]
    frames = _moved(reading.frames, rules, recording.id)
    sweeps = None if reading.sweeps is None else _moved(reading.sweeps, rules, recording.id)
    signals = _translated(reading.signals, rules)
    start_ns, duration_ns = recording.start_ns, recording.duration_ns
    if any(rule.offset_ns for rule in rules.channels.values()):
        start_ns, duration_ns = _span((frames, sweeps, signals), start_ns, duration_ns)
    return replace(
        reading,
        recording=replace(
            recording,
            start_ns=start_ns,
            duration_ns=duration_ns,
            channels=tuple(channels),
            calibrations=tuple(
                replace(item, channel=names[name])
                for name, item in sorted(poses.items())
                if name in names
            ),
        ),
        frames=frames,
        sweeps=sweeps,
        signals=signals,
        notes=(*reading.notes, *notes),
    )


def _span(tables: Iterable[pa.Table | None], start_ns: int, duration_ns: int) -> tuple[int, int]:
    """Start and duration of all rows; as they were where there is none."""
    times = [table["time_ns"].to_numpy() for table in tables if table is not None and len(table)]
    if not times:
        return start_ns, duration_ns
    start_ns = min(int(part.min()) for part in times)
    return start_ns, max(int(part.max()) for part in times) - start_ns


def _of(rules: ChannelMap, channel: str) -> ChannelRule:
    return rules.channels.get(channel, ChannelRule(channel=channel))


def _renamed(channel: Channel, rule: ChannelRule) -> Channel:
    return replace(channel, name=rule.name or channel.name, sensor=rule.sensor or channel.sensor)


def _moved(rows: pa.Table, rules: ChannelMap, recording: RecordingId) -> pa.Table:
    """Rows of frames or sweeps under their channels' new names, at their true times."""
    parts = []
    for name in pc.unique(rows["channel"]).to_pylist():
        rule = _of(rules, name)
        if not rule.keep:
            continue
        part = rows.filter(pc.equal(rows["channel"], name))
        part = _set(part, "time_ns", pc.add(part["time_ns"], rule.offset_ns))
        if rule.name:
            base = frame_id(recording, rule.name, 0).rpartition("/")[0]
            ids = [f"{base}/{number:06d}" for number in part["sequence"].to_pylist()]
            part = _set(part, "frame_id", pa.array(ids))
            part = _set(part, "channel", pa.array([rule.name] * len(part)))
        parts.append(part)
    return pa.concat_tables(parts).combine_chunks() if parts else rows.slice(0, 0)


def _translated(rows: pa.Table, rules: ChannelMap) -> pa.Table:
    """Rows of signals by channel, name and time, with the map's names, units and times."""
    parts: dict[tuple[str, str], list[pa.Table]] = {}
    pairs = pa.TableGroupBy(rows.select(["channel", "name"]), ["channel", "name"]).aggregate([])
    for pair in pairs.to_pylist():
        rule = _of(rules, pair["channel"])
        if not rule.keep:
            continue
        mine = pc.and_(
            pc.equal(rows["channel"], pair["channel"]), pc.equal(rows["name"], pair["name"])
        )
        part = rows.filter(mine)
        signal = rule.signals.get(pair["name"], SignalRule())
        part = _set(part, "time_ns", pc.add(part["time_ns"], rule.offset_ns))
        if (signal.scale, signal.offset) != (1.0, 0.0):
            values = part["value"].to_numpy() * signal.scale + signal.offset
            part = _set(part, "value", pa.array(values, pa.float64()))
        for column, value in (
            ("channel", rule.name),
            ("name", signal.name),
            ("unit", signal.unit),
        ):
            if value:
                part = _set(part, column, repeated(value, len(part)))
        named = (rule.name or pair["channel"], signal.name or pair["name"])
        parts.setdefault(named, []).append(part)
    if not parts:
        return rows.slice(0, 0)
    ordered = [pa.concat_tables(parts[named]).sort_by("time_ns") for named in sorted(parts)]
    return pa.concat_tables(ordered).combine_chunks()


def _set(rows: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    at = rows.schema.get_field_index(column)
    return rows.set_column(at, rows.schema.field(column), values)


def _rule(entry: Mapping[str, Any]) -> ChannelRule:
    names = tuple(item.name for item in fields(ChannelRule))
    _known(entry, names, "a channel")
    if not isinstance(entry.get("channel"), str):
        raise InvalidConfig("a rule names no channel", remedy='channel = "/as/in/the/source"')
    given = dict(entry)
    pose = given.pop("calibration", None)
    signals = {name: _signal(name, values) for name, values in given.pop("signals", {}).items()}
    sensor = given.get("sensor", "")
    calibration = None if pose is None else _calibration(str(given["channel"]), sensor, pose)
    return ChannelRule(**given, calibration=calibration, signals=signals)


def _signal(name: str, values: Mapping[str, Any]) -> SignalRule:
    _known(values, tuple(item.name for item in fields(SignalRule)), f"the signal {name!r}")
    rule = SignalRule(**values)
    if not np.isfinite([rule.scale, rule.offset]).all():
        raise InvalidConfig(f"the signal {name!r} is scaled by no number")
    return rule


def _calibration(channel: str, sensor: str, values: Mapping[str, Any]) -> Calibration:
    names = {item.name for item in fields(Calibration)} - {"channel"}
    _known(values, tuple(sorted(names)), f"the calibration of {channel}")
    lengths = {"translation_m": 3, "rotation": 4, "intrinsics": 4}
    for name, length in lengths.items():
        if len(values.get(name, ())) not in {0, length}:
            raise InvalidConfig(f"{channel}: {name} has not {length} numbers")
    axes = CAMERA_AXES if sensor == CAMERA else VEHICLE_AXES
    given: dict[str, Any] = {"parent": VEHICLE, "axes": axes, "origin": "channel map"} | {
        name: tuple(float(part) for part in value) if isinstance(value, list) else value
        for name, value in values.items()
    }
    return Calibration(channel=channel, **given)


def _known(values: Mapping[str, Any], names: tuple[str, ...], what: str) -> None:
    unknown = sorted(set(values) - set(names))
    if unknown:
        raise InvalidConfig(
            f"{what} has no key {unknown[0]!r}", remedy=f"known: {', '.join(names)}"
        )


def _drafted_calibration(channel: Channel, known: Calibration | None) -> list[str]:
    if channel.sensor not in {CAMERA, LIDAR, RADAR}:
        return []
    if known is None:
        return [
            f"{DOUBT} where it sits on the vehicle is not known",
            "# calibration = { translation_m = [0, 0, 0], rotation = [1, 0, 0, 0] }",
        ]
    given = {
        "parent": known.parent,
        "axes": known.axes,
        "translation_m": list(known.translation_m),
        "rotation": list(known.rotation),
        "intrinsics": list(known.intrinsics),
        "distortion_model": known.distortion_model,
        "distortion": list(known.distortion),
    }
    inside = ", ".join(f"{name} = {json.dumps(value)}" for name, value in given.items() if value)
    return [f"calibration = {{ {inside} }}  # from {known.origin}"]


def _drafted_signals(signals: pa.Table, channel: str) -> list[str]:
    rows = signals.filter(pc.equal(signals["channel"], channel)).select(["name", "unit"])
    pairs = pa.TableGroupBy(rows, ["name", "unit"]).aggregate([]).to_pylist()
    lines = []
    for pair in sorted(pairs, key=lambda pair: str(pair["name"])):
        told = f"signals.{_text(pair['name'])} = {{ unit = {_text(pair['unit'])} }}"
        lines.append(told if pair["unit"] else f"{told}  {DOUBT} its unit is not known")
    return lines


def _text(value: str) -> str:
    """A basic string of TOML: those of JSON are."""
    return json.dumps(value, ensure_ascii=False)
