"""Gathers a recording's page: what was read, found and judged of it, and a few decoded frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.calibration import Calibration
from ringroad.domain.recording import Recording
from ringroad.domain.time import to_iso, to_seconds
from ringroad.media.motion import LATITUDE, LONGITUDE
from ringroad.pipelines.finding import executions_at, table_of
from ringroad.pipelines.recordings.checking import checked
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.happening import Limits, events_of, known_of
from ringroad.pipelines.recordings.pictures import birds_of, thumbs_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.recordings.thinning import KEEP_SCORE, judge
from ringroad.pipelines.recordings.traces import GNSS, metres_of, places_of
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import LAYOUTS, READERS
from ringroad.report.recording_view import Beat, Line, RecordingView, Row, Span, Trace

MOST_ROWS, MOST_OF_A_WORD = 16, 3
WANTED = (
    "speed", "acceleration", "yaw_rate", "angular_velocity", "steer", "brake", "gas", "throttle",
    "altitude", "accuracy", "pose.position",
)  # fmt: skip
"""Signals whose names hold one of these come first, in this order."""
RAW = (".bytes0-3", ".bytes4-7")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Index:
    """What ingest wrote of the recording."""

    frames: pa.Table
    signals: pa.Table
    sweeps: pa.Table | None


def view_of(workspace: Workspace, recording: Recording) -> RecordingView:
    """Everything of one page. What cannot be decoded any more is left out, and told.

    Raises:
        InputError: the recording's index is gone.
    """
    taken = taken_of(workspace, recording)
    sweeps = known_of(workspace, taken).sweeps
    index = _Index(
        frames=table_of(workspace, taken.frames),
        signals=table_of(workspace, taken.signals),
        sweeps=table_of(workspace, sweeps) if sweeps is not None else None,
    )
    thumbs, untold = thumbs_of(workspace, recording, index.frames)
    birds, unseen = birds_of(workspace, recording, index.sweeps)
    rows, left = _rows(recording, index.signals)
    return RecordingView(
        title=recording.id,
        synthetic=recording.synthetic,
        duration_s=to_seconds(recording.duration_ns),
        facts=tuple(_facts(workspace, taken)),
        channels=tuple(_channel_rows(recording)),
        calibrations=tuple(_calibration_row(item) for item in recording.calibrations),
        beats=tuple(_beats(recording, index)),
        thumbs=tuple(thumbs),
        rows=tuple(rows),
        events=tuple(_events(workspace, taken)),
        findings=tuple(_findings(workspace, recording)),
        useless=tuple(_useless(workspace, taken)),
        trace=_trace(recording, index.signals),
        birds=tuple(birds),
        absent=(*_absent(recording, index), *untold, *unseen, *left),
    )


def _facts(workspace: Workspace, taken: Taken) -> Iterator[tuple[str, str]]:
    recording = taken.recording
    yield "vehicle", recording.vehicle
    yield "begins", f"{to_iso(recording.start_ns)} ({recording.clock} clock)"
    yield "lasts", f"{to_seconds(recording.duration_ns):.2f} s"
    verified = _verified(workspace, taken)
    checked_by = f"its reader was checked against {verified}" if verified else "unverified reader"
    yield "container", f"{recording.container}; {checked_by}"
    place = workspace.catalog.location(recording.source)
    yield "bytes", place.uri if place is not None else "in the blobs of the workspace"
    yield "source", f"SHA-256 {recording.source}"
    if recording.salvaged:
        yield "salvaged", recording.salvaged
    if recording.replaces:
        yield "replaces", f"SHA-256 {recording.replaces}"


def _verified(workspace: Workspace, taken: Taken) -> str:
    """What the reader of a recording was checked against; empty where nothing independent was."""
    made = executions_at(workspace, taken.frames.id, "read_recording", direction="out")
    reader = str(made[0].key.parameters["reader"]) if made else ""
    for table in (READERS, LAYOUTS):
        if reader in table.names():
            return str(table.load(reader).verified)
    return ""


def _channel_rows(recording: Recording) -> Iterator[tuple[str, ...]]:
    for item in recording.channels:
        rate = f"{item.rate_hz:.2f} Hz" if item.rate_hz else ""
        size = f"{item.width} x {item.height}" if item.width else ""
        yield item.name, item.sensor, item.encoding, f"{item.messages:,}", rate, size


def _calibration_row(item: Calibration) -> tuple[str, ...]:
    placed = ""
    if item.translation_m:
        at = ", ".join(f"{part:.3f}" for part in item.translation_m)
        placed = f"({at}) m of {item.parent}"
    if item.rotation:
        placed += f", turned by ({', '.join(f'{part:.4f}' for part in item.rotation)})"
    lens = ""
    if item.intrinsics:
        lens = "f {:.1f}, {:.1f}; centre {:.1f}, {:.1f} px".format(*item.intrinsics)
    lens += f"; {item.distortion_model}" if item.distortion_model else ""
    return item.channel, placed or "not known", lens, item.origin


def _absent(recording: Recording, index: _Index) -> Iterator[str]:
    if not index.frames.num_rows:
        yield "No camera frames are in this recording."
    if not index.signals.num_rows:
        yield "No signals are in this recording: no speed, no place, no events."
    elif places_of(index.signals) is None:
        yield "Nothing says where the vehicle was."
    if recording.clock != "recorded":
        yield "The source has no clock: times were made from a declared rate."


def _beats(recording: Recording, index: _Index) -> Iterator[Beat]:
    """Cameras, lidars and radars; signals by their channel."""
    sensors = {item.name: item.sensor for item in recording.channels}
    tables = [index.frames, *([index.sweeps] if index.sweeps is not None else []), index.signals]
    for table in tables:
        for channel in sorted(pc.unique(table["channel"]).to_pylist()):
            rows = table.filter(pc.equal(table["channel"], channel))
            times = np.unique(rows["time_ns"].to_numpy())
            yield Beat(
                channel=channel,
                sensor=sensors.get(channel, "signals"),
                seconds=(times - recording.start_ns) / 1e9,
            )


def _rows(recording: Recording, signals: pa.Table) -> tuple[list[Row], list[str]]:
    """The signals people look for first, axes of one sensor together; which were left out."""
    keys = ["channel", "name", "unit"]
    known = pa.TableGroupBy(signals.select(keys), keys).aggregate([]).to_pylist()
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in sorted(known, key=lambda item: tuple(str(item[key]) for key in keys)):
        name = str(item["name"])
        if name in {LATITUDE, LONGITUDE} or name.endswith(RAW):
            continue
        stem = name[:-2] if name[-2:] in {".x", ".y", ".z"} else name
        groups.setdefault((str(item["channel"]), stem, str(item["unit"])), []).append(name)
    chosen = _chosen(groups)
    rows = [
        Row(
            name=stem,
            channel=channel,
            unit=unit,
            lines=tuple(
                _line(recording, signals, channel, name, stem)
                for name in groups[channel, stem, unit][:3]
            ),
        )
        for channel, stem, unit in chosen
    ]
    left = sum(len(names) for key, names in groups.items() if key not in chosen)
    return rows, [f"{left} more signals are in the recording and not drawn."] if left else []


def _rank(stem: str) -> tuple[int, int]:
    """Place among `WANTED`, behind all of them where it is none; names that say more come later."""
    lower = stem.lower()
    place = next((at for at, word in enumerate(WANTED) if word in lower), len(WANTED))
    return place, len(stem)


def _chosen(groups: Collection[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """At most `MOST_ROWS` in the order of `WANTED`, of each word at most `MOST_OF_A_WORD`."""
    ordered = sorted(groups, key=lambda key: (_rank(key[1]), key))
    taken: Counter[int] = Counter()
    first, later = list[tuple[str, str, str]](), list[tuple[str, str, str]]()
    for key in ordered:
        place = _rank(key[1])[0]
        taken[place] += 1
        (first if taken[place] <= MOST_OF_A_WORD else later).append(key)
    kept = {*[*first, *later][:MOST_ROWS]}
    return [key for key in ordered if key in kept]


def _line(recording: Recording, signals: pa.Table, channel: str, name: str, stem: str) -> Line:
    same = pc.and_(pc.equal(signals["channel"], channel), pc.equal(signals["name"], name))
    rows = signals.filter(same)
    return Line(
        name=name[len(stem) + 1 :] or name,
        seconds=(rows["time_ns"].to_numpy() - recording.start_ns) / 1e9,
        values=rows["value"].to_numpy(),
    )


def _spans(rows: pa.Table, recording: Recording, kind: str, tone: str) -> Iterator[Span]:
    for row in rows.sort_by("start_ns").to_pylist():
        yield Span(
            kind=row[kind],
            tone=row.get("severity", tone),
            start_s=to_seconds(row["start_ns"] - recording.start_ns),
            end_s=to_seconds(row["end_ns"] - recording.start_ns),
            told=row["message"] + (f" ({row['channel']})" if row.get("channel") else ""),
        )


def _events(workspace: Workspace, taken: Taken) -> Iterator[Span]:
    rows = table_of(workspace, events_of(workspace, [taken])[0])
    yield from _spans(rows, taken.recording, "event", "event")


def _findings(workspace: Workspace, recording: Recording) -> list[Span]:
    rows = table_of(workspace, checked(workspace, [recording], None)[0].checks)
    order = ("error", "warning", "info")
    found = _spans(rows, recording, "check", "info")
    return sorted(found, key=lambda item: (order.index(item.tone), item.start_s))


def _useless(workspace: Workspace, taken: Taken) -> Iterator[Span]:
    """Stretches that `recordings thin` would let go."""
    judged = judge(workspace, [taken], limits=Limits())[0][2]
    for row in table_of(workspace, judged).to_pylist():
        if row["score"] < KEEP_SCORE:
            yield Span(
                kind=row["reason"] or "of little use",
                tone="useless",
                start_s=to_seconds(row["start_ns"] - taken.recording.start_ns),
                end_s=to_seconds(row["end_ns"] - taken.recording.start_ns),
                told=f"score {row['score']:.2f}, kept from {KEEP_SCORE:g}",
            )


def _trace(recording: Recording, signals: pa.Table) -> Trace | None:
    places = places_of(signals)
    if places is None:
        return None
    east, north = metres_of(places)
    return Trace(
        origin=places.origin,
        east_m=east,
        north_m=north,
        seconds=(places.time_ns - recording.start_ns) / 1e9,
        speed=places.speed,
        upward="north" if places.origin == GNSS else "y of the map",
    )
