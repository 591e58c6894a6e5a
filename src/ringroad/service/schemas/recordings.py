"""Bodies about recordings, frames, what was found in them, and signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from ringroad.domain.recording import Recording, Refusal
from ringroad.service.schemas.bodies import Count, Given, Hidden, Name, PageOf, Told


class RecordingItem(BaseModel):
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


class RecordingPage(PageOf[RecordingItem]):
    """Recordings by id, and the sources that were refused."""

    refused: Sequence[Refusal]


class RecordingTold(Told):
    """One recording."""

    recording: Recording
    location: str = Field(description="Where its bytes lie; empty where they are in the blobs.")
    sweeps: Sequence[Mapping[str, Any]]


class FramePage(PageOf[Mapping[str, Any]]):
    """Camera frames by channel and sequence, as ingest wrote them."""


class FrameTold(Told):
    """One frame."""

    frame: Mapping[str, Any]
    picture: str = Field(description="Address of its picture.")
    before: str | None = Field(description="The frame before it in its channel.")
    after: str | None
    annotations: Mapping[str, Any] | None = Field(description="Batch and revision that count.")
    hidden: Hidden = ""


class RowPage(PageOf[Mapping[str, Any]]):
    """Rows of a table."""

    counts: Mapping[str, int] = Field(description="How many of each kind or severity.")
    missing: Sequence[str] = Field(description="Recordings that nobody looked at yet.")


class SignalKind(BaseModel):
    """A signal of a recording."""

    channel: str
    name: str
    unit: str
    values: Count
    start_ns: int
    end_ns: int


class SignalList(Told):
    """Signals of a recording."""

    recording: str
    start_ns: int
    signals: Sequence[SignalKind]


class SignalCurve(BaseModel):
    """One signal; every stretch keeps its smallest and its largest value."""

    channel: str
    name: str
    unit: str
    recorded: Count = Field(description="Values between the times asked for.")
    seconds: Sequence[float] = Field(description="Since the recording began.")
    values: Sequence[float | None]


class SignalCurves(Told):
    """Signals between two times."""

    recording: str
    start_ns: int
    curves: Sequence[SignalCurve]


class RecordingsAsked(Given):
    """Which recordings; all of them where none is named."""

    recordings: Annotated[tuple[Name, ...], Field(max_length=10_000)] = ()
