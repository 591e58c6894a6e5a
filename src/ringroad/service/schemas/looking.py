"""Bodies about what is looked at: sweeps, traces, marks on frames, maps, coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from ringroad.service.schemas.bodies import Count, Given, Hidden, Name, Told


class SweepItem(BaseModel):
    """A sweep of a lidar or radar."""

    frame_id: str
    channel: str
    sensor: str
    sequence: int
    time_ns: int
    points: int = Field(description="-1 where only decoding would tell.")


class SweepList(Told):
    """Sweeps of a recording by channel and sequence."""

    recording: str
    start_ns: int
    sweeps: Sequence[SweepItem]


class Lane(BaseModel):
    """When one camera, lidar or radar recorded; a frame's id is `stem/` and six digits."""

    channel: str
    sensor: str
    stem: str
    width: int
    height: int
    seconds: Sequence[float] = Field(description="Since the recording began.")
    sequence: Sequence[int] = Field(description="Of each frame; counted from 0 where empty.")


class Timeline(Told):
    """All lanes of a recording on one axis of time."""

    recording: str
    start_ns: int
    seconds: float = Field(description="Length of the axis.")
    lanes: Sequence[Lane]


class Trace(BaseModel):
    """Where one recording's vehicle was."""

    recording: str
    vehicle: str
    synthetic: bool
    origin: str = Field(description="`GNSS`: degrees; `poses`: metres of a map of its own.")
    seconds: Sequence[float] = Field(description="Since the recording began.")
    north: Sequence[float]
    east: Sequence[float]
    speed: Sequence[float | None] = Field(description="m/s.")


class Traces(Told):
    """Where vehicles were; recordings without a place are named."""

    traces: Sequence[Trace]
    missing: Sequence[str]


class MarkList(Told):
    """Marks on frames of one camera, by frame."""

    recording: str
    channel: str
    first: int
    last: int
    marks: Sequence[Mapping[str, Any]]
    whole: bool = Field(description="False where there are more marks than are told.")
    hidden: Hidden = ""


class MapTold(Told):
    """Frames on a plane; all lists are in one order."""

    space: str
    matched: Count
    embedded: Count = Field(description="Of the matched, those that are embedded.")
    shares: Sequence[float] = Field(description="Of all variance, that each axis holds.")
    colour: str
    names: Sequence[str] = Field(description="What codes mean.")
    codes: Sequence[int]
    x: Sequence[float]
    y: Sequence[float]
    stems: Sequence[str] = Field(description="Frame ids without their sequence numbers.")
    stem: Sequence[int] = Field(description="Place in `stems` of each frame.")
    sequence: Sequence[int] = Field(description="Written with six digits.")


class CoverageTold(Told):
    """What frames cover of the operational domain, and what is missing."""

    what: str
    frames: Count
    recordings: Count
    unit: str
    unknown: Mapping[str, float]
    attributes: Sequence[Mapping[str, Any]] = Field(description="Of the domain, with their values.")
    cells: Sequence[Mapping[str, Any]]
    single: Mapping[str, int]
    pairs: Mapping[str, int]
    gaps: Sequence[Mapping[str, Any]]
    against: str = ""
    holes: Sequence[Mapping[str, Any]] = ()
    campaign: str = Field(description="CAMPAIGN.toml that asks for what is missing.")
    no_trigger_for: Sequence[str]


class Compared(Told):
    """Two selections side by side."""

    names: Sequence[str]
    frames: Sequence[int]
    recordings: Sequence[int]
    shared_frames: Count
    shared_recordings: Count
    composition: Mapping[str, Mapping[str, Sequence[int]]]
    cells: Sequence[Mapping[str, Any]]
    likeness: Mapping[str, Any] | None = None


class ThinSelection(Given):
    """Leave near-duplicates out of a selection; the earliest of each stays."""

    name: Name = Field(description="A selection, or `all`.")
    save: Name
    radius: Annotated[float, Field(gt=0, le=2)] = 0.1
    within_recording: bool = False
    against: Annotated[str, Field(max_length=200)] = ""


class MakeView(Given):
    """A recording for the Rerun viewer."""

    recording: Annotated[str, Field(min_length=1, max_length=1000)]
    from_s: Annotated[float, Field(ge=0)] | None = Field(None, description="Since it began.")
    until_s: Annotated[float, Field(gt=0)] | None = None


class Stop(BaseModel):
    """A place of the loop: what is there, and what waits to go on from it."""

    name: str
    count: Count
    unit: str
    waiting: Count
    waits_for: str


class LoopTold(Told):
    """The loop as it stands."""

    workspace: str
    stops: Sequence[Stop]
    next: Sequence[Mapping[str, str]] = Field(description="What to do next: says, cli.")
    refused: Count
    judged: bool = Field(description="The funnel can be told.")
    hidden: Hidden = ""
