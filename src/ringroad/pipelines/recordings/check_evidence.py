"""Chooses what shows a finding: intervals, a signal around it, or its pictures; makes the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ringroad.domain.recording import GNSS, IMU
from ringroad.domain.time import to_seconds
from ringroad.ingest.checks import CATALOGUE, SEVERITIES, Lanes, lanes_of
from ringroad.ingest.checks.catalogue import PICTURES
from ringroad.ingest.checks.gnss import tracks
from ringroad.ingest.checks.imu import ACCELERATION, TURN_RATE
from ringroad.ingest.checks.lanes import Beat
from ringroad.media.pictures import proxies as pack
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.checking import Checked, findings_of, made_of, proxies_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace
from ringroad.report.checks import (
    MOST_TOLD,
    Evidence,
    Told,
    Trace,
    checks_page,
    picture_evidence,
    trace_figure,
)
from ringroad.report.page import Page

AROUND = 0.5
"""Shown before and after a finding, as a share of its length."""
LEAST_AROUND_S = 2.0
WHOLE = ("salvaged", "no-clock", "calibration-")
"""Findings that no drawing shows better than words."""
POSITION = "distance from where the drawing begins"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Looked:
    """What evidence is drawn from; `frames` are the rows of the pictures."""

    lanes: Lanes
    start_ns: int
    frames: dict[str, tuple[np.ndarray, np.ndarray]]
    """Channel -> times in ns, and places in `pixels`."""
    pixels: np.ndarray


def checks_report(workspace: Workspace, done: Checked, *, severity: str) -> Page:
    """One recording's findings as a page. Raises InputError where its index is gone."""
    looked = _look(workspace, done)
    rows = findings_of(workspace, (done,), severity=severity)
    told = [_told(row, looked.start_ns) for row in rows.to_pylist()]
    told.sort(key=lambda item: -SEVERITIES.index(item.severity))
    evidence = {}
    for item in told[:MOST_TOLD]:
        shown = _evidence(item, looked)
        if shown is not None:
            evidence[item.id] = shown
    lanes = {check.lane for check in CATALOGUE.values()} - (set() if looked.frames else {PICTURES})
    return checks_page(
        done.recording.id,
        told,
        evidence,
        duration_s=to_seconds(done.recording.duration_ns),
        synthetic=done.recording.synthetic,
        checks=sum(check.lane in lanes for check in CATALOGUE.values()),
    )


def _look(workspace: Workspace, done: Checked) -> _Looked:
    taken = taken_of(workspace, done.recording)
    made = made_of(workspace, taken)
    sweeps = made.get("sweeps")
    frames = table_of(workspace, made["frames"])
    lanes = lanes_of(
        done.recording,
        frames,
        table_of(workspace, made["signals"]),
        table_of(workspace, sweeps) if sweeps is not None else None,
    )
    decoded = proxies_of(workspace, taken)
    packed = table_of(workspace, decoded) if decoded is not None else None
    return _Looked(
        lanes=lanes,
        start_ns=done.recording.start_ns,
        frames=_decoded(frames, packed) if packed is not None else {},
        pixels=pack.pixels_of(packed) if packed is not None else np.zeros((0, 1, 1, 3), np.uint8),
    )


def _decoded(frames: pa.Table, packed: pa.Table) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Channel -> times and places of its decoded pictures, by time."""
    known = {frame: place for place, frame in enumerate(packed.column("frame_id").to_pylist())}
    rows: dict[str, list[tuple[int, int]]] = {}
    columns = (frames.column(name).to_pylist() for name in ("frame_id", "channel", "time_ns"))
    for frame, channel, time_ns in zip(*columns, strict=True):
        if frame in known:
            rows.setdefault(channel, []).append((time_ns, known[frame]))
    found = {channel: np.array(sorted(pairs), np.int64) for channel, pairs in rows.items()}
    return {channel: (pairs[:, 0], pairs[:, 1]) for channel, pairs in found.items()}


def _told(row: dict[str, object], start_ns: int) -> Told:
    return Told(
        id=str(row["check_id"]),
        check=str(row["check"]),
        channel=str(row["channel"]),
        severity=str(row["severity"]),
        start_s=to_seconds(int(str(row["start_ns"])) - start_ns),
        end_s=to_seconds(int(str(row["end_ns"])) - start_ns),
        value=float(str(row["value"])),
        limit=float(str(row["limit"])),
        unit=str(row["unit"]),
        message=str(row["message"]),
    )


def _evidence(item: Told, looked: _Looked) -> Evidence | None:
    if item.check.startswith(WHOLE):
        return None
    if CATALOGUE[item.check].lane == PICTURES:
        return _pictures(item, looked)
    traces, unit = _traces(item, looked)
    cut = [_cut(trace, item) for trace in traces]
    shown = [trace for trace in cut if len(trace.seconds)]
    return trace_figure(item, shown, unit=unit) if shown else None


def _pictures(item: Told, looked: _Looked) -> Evidence | None:
    """The picture before the finding, its first, and its last."""
    if item.channel not in looked.frames:
        return None
    times, places = looked.frames[item.channel]
    seconds = (times - looked.start_ns) / 1e9
    first = int(np.searchsorted(seconds, item.start_s - 1e-6))
    last = max(first, int(np.searchsorted(seconds, item.end_s + 1e-6)) - 1)
    chosen = dict.fromkeys(at for at in (first - 1, first, last) if 0 <= at < len(places))
    titles = [f"{seconds[at]:.2f} s{' (before)' if at < first else ''}" for at in chosen]
    return picture_evidence(item, [looked.pixels[places[at]] for at in chosen], titles)


def _traces(item: Told, looked: _Looked) -> tuple[list[Trace], str]:
    """The lines that show a finding, and their unit."""
    lanes, kind = looked.lanes, item.check.partition("-")[0]
    if kind == "gnss":
        return list(_positions(item, looked)), "m"
    if kind == "imu":
        stem = TURN_RATE if item.unit == "rad/s" or TURN_RATE in item.message else ACCELERATION
        axes = [line for three in lanes.triples(IMU, stem) for line in three]
        lines = [line for line in axes if line.channel == item.channel]
        return [_line(x.name, x.times, x.values, looked) for x in lines], lines[0].unit
    if item.check in {"speed-range", "wheel-speed-off"}:
        speeds = [line for line in lanes.speeds if line.channel == item.channel]
        return [_line(x.name, x.times, x.values, looked) for x in speeds], "m/s"
    if kind == "can":
        name = item.message.partition(" ")[0]
        able = [x for x in lanes.lines if x.channel == item.channel and x.name.startswith(name)]
        return [_line(x.name, x.times, x.values, looked) for x in able[:2]], able[0].unit or "value"
    if item.check == "lidar-dropout":
        beats = [beat for beat in lanes.beats if beat.channel == item.channel]
        return [
            _line(x.channel, x.times, x.points, looked) for x in beats if len(x.points)
        ], "points"
    beats = [beat for beat in lanes.beats if item.channel in ("", beat.channel)]
    return [
        _intervals(beat, looked) for beat in beats[:4] if len(beat.times) > 1
    ], "ms since the message before"


def _positions(item: Told, looked: _Looked) -> Iterator[Trace]:
    for channel, times, metres in tracks(looked.lanes):
        seconds = (times - looked.start_ns) / 1e9
        inside = np.flatnonzero(_inside(seconds, item))
        if channel == item.channel and len(inside):
            away = np.linalg.norm(metres - metres[inside[0]], axis=1)
            yield Trace(name=f"{GNSS}: {POSITION}", seconds=seconds, values=away)


def _intervals(beat: Beat, looked: _Looked) -> Trace:
    order = np.argsort(beat.times[1:], kind="stable")
    seconds = ((beat.times[1:] - looked.start_ns) / 1e9)[order]
    values = (beat.steps / 1e6)[order]
    return Trace(name=beat.channel, seconds=seconds, values=values, joined=False)


def _line(name: str, times: np.ndarray, values: np.ndarray, looked: _Looked) -> Trace:
    seconds = (times - looked.start_ns) / 1e9
    return Trace(name=name, seconds=seconds, values=values.astype(np.float64))


def _cut(trace: Trace, item: Told) -> Trace:
    kept = _inside(trace.seconds, item)
    return replace(trace, seconds=trace.seconds[kept], values=trace.values[kept])


def _inside(seconds: np.ndarray, item: Told) -> np.ndarray:
    """Which times lie in the finding's range or a little around it."""
    around = max(LEAST_AROUND_S, AROUND * (item.end_s - item.start_s))
    found: np.ndarray = (seconds >= item.start_s - around) & (seconds <= item.end_s + around)
    return found
