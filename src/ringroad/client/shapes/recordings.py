"""Shapes of recordings. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict


class Calibration(TypedDict):
    """Of one channel, for a whole recording."""

    channel: str
    parent: str
    axes: str
    translation_m: NotRequired[Sequence[float]]
    rotation: NotRequired[Sequence[float]]
    intrinsics: NotRequired[Sequence[float]]
    distortion_model: NotRequired[str]
    distortion: NotRequired[Sequence[float]]
    origin: NotRequired[str]


class Channel(TypedDict):
    """One typed stream of messages in a recording."""

    name: str
    sensor: str
    encoding: str
    messages: int
    width: NotRequired[int]
    height: NotRequired[int]
    rate_hz: NotRequired[float]


class FrameTold(TypedDict):
    """One frame."""

    cli: str
    frame: Mapping[str, Any]
    picture: str
    before: str | None
    after: str | None
    annotations: Mapping[str, Any] | None
    hidden: NotRequired[str]


class Lane(TypedDict):
    """When one camera, lidar or radar recorded; a frame's id is `stem/` and six digits."""

    channel: str
    sensor: str
    stem: str
    width: int
    height: int
    seconds: Sequence[float]
    sequence: Sequence[int]


class MakeView(TypedDict):
    """A recording for the Rerun viewer."""

    recording: str
    from_s: NotRequired[float | None]
    until_s: NotRequired[float | None]


class MarkList(TypedDict):
    """Marks on frames of one camera, by frame."""

    cli: str
    recording: str
    channel: str
    first: int
    last: int
    marks: Sequence[Mapping[str, Any]]
    whole: bool
    hidden: NotRequired[str]


class Recording(TypedDict):
    """One uninterrupted capture by one vehicle."""

    id: str
    vehicle: str
    source_key: str
    source: str
    container: str
    start_ns: int
    duration_ns: int
    channels: Sequence[Channel]
    clock: str
    synthetic: NotRequired[bool]
    salvaged: NotRequired[str]
    replaces: NotRequired[str]
    calibrations: NotRequired[Sequence[Calibration]]


class RecordingItem(TypedDict):
    """A recording in a list."""

    id: str
    vehicle: str
    container: str
    start_ns: int
    start: str
    duration_ns: int
    cameras: int
    frames: int
    clock: str
    synthetic: bool
    salvaged: str
    source: str


class RecordingPage(TypedDict):
    """Recordings by id, and the sources that were refused."""

    cli: str
    items: Sequence[RecordingItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str
    refused: Sequence[Refusal]


class RecordingTold(TypedDict):
    """One recording."""

    cli: str
    recording: Recording
    location: str
    sweeps: Sequence[Mapping[str, Any]]


class RecordingsAsked(TypedDict):
    """Which recordings; all of them where none is named."""

    recordings: NotRequired[Sequence[str]]


class Refusal(TypedDict):
    """A source that was set aside; the rest of the ingest went on."""

    uri: str
    code: str
    reason: str
    remedy: str


class RowPage(TypedDict):
    """Rows of a table."""

    cli: str
    items: Sequence[Mapping[str, Any]]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str
    counts: Mapping[str, int]
    missing: Sequence[str]


class SignalCurve(TypedDict):
    """One signal; every stretch keeps its smallest and its largest value."""

    channel: str
    name: str
    unit: str
    recorded: int
    seconds: Sequence[float]
    values: Sequence[float | None]


class SignalCurves(TypedDict):
    """Signals between two times."""

    cli: str
    recording: str
    start_ns: int
    curves: Sequence[SignalCurve]


class SignalKind(TypedDict):
    """A signal of a recording."""

    channel: str
    name: str
    unit: str
    values: int
    start_ns: int
    end_ns: int


class SignalList(TypedDict):
    """Signals of a recording."""

    cli: str
    recording: str
    start_ns: int
    signals: Sequence[SignalKind]


class SweepItem(TypedDict):
    """A sweep of a lidar or radar."""

    frame_id: str
    channel: str
    sensor: str
    sequence: int
    time_ns: int
    points: int


class SweepList(TypedDict):
    """Sweeps of a recording by channel and sequence."""

    cli: str
    recording: str
    start_ns: int
    sweeps: Sequence[SweepItem]


class Timeline(TypedDict):
    """All lanes of a recording on one axis of time."""

    cli: str
    recording: str
    start_ns: int
    seconds: float
    lanes: Sequence[Lane]


class Trace(TypedDict):
    """Where one recording's vehicle was."""

    recording: str
    vehicle: str
    synthetic: bool
    origin: str
    seconds: Sequence[float]
    north: Sequence[float]
    east: Sequence[float]
    speed: Sequence[float | None]


class Traces(TypedDict):
    """Where vehicles were; recordings without a place are named."""

    cli: str
    traces: Sequence[Trace]
    missing: Sequence[str]
