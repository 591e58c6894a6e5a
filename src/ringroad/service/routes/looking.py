"""What the inspector and the map look at: sweeps, traces, marks of a stretch of a camera."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import Path, Query, Request, Response

from ringroad.domain.errors import InputError
from ringroad.domain.ids import RecordingId
from ringroad.domain.recording import CAMERA, LIDAR, Recording
from ringroad.media.points.compact import MEDIA
from ringroad.pipelines.recordings import sweep_points
from ringroad.pipelines.recordings.held_rows import recording_of, signal_rows
from ringroad.pipelines.recordings.marks import annotation_rows, prediction_rows
from ringroad.pipelines.recordings.traces import Places, places_of, thinned
from ringroad.service.blind import hidden_from, is_blind
from ringroad.service.bulk import plain_rows
from ringroad.service.door import Who, command, holds, router_of, say_cli
from ringroad.service.held import frames_held
from ringroad.service.routes.recordings import KEPT
from ringroad.service.schemas.looking import (
    Lane,
    MarkList,
    SweepItem,
    SweepList,
    Timeline,
    Trace,
    Traces,
)
from ringroad.service.state import Here, Service

router = router_of("recordings")
OfRecording = Annotated[str, Query(max_length=1000)]
OfChannel = Annotated[str, Query(max_length=500)]
Sequence = Annotated[int, Query(ge=0, le=2**40)]
MOST_MARKS = 20_000
MOST_PLACES = 2_000
PLACES_OF_MANY = 200
"""Of each recording, where all of them are asked for."""


@router.get("/timeline")
def show_timeline(here: Here, response: Response, recording: OfRecording) -> Timeline:
    """When each camera, lidar and radar of a recording recorded: the axis of a page."""
    item = here.workspace.catalog.recording(RecordingId(recording))
    sensors = {channel.name: channel.sensor for channel in item.channels}
    lanes = [
        lane
        for rows, other in ((frames_held(here, item), CAMERA), (_sweeps(here, item), LIDAR))
        for lane in _lanes(item, rows, sensors, other)
    ]
    ends = [lane.seconds[-1] for lane in lanes if lane.seconds]
    return Timeline(
        recording=item.id,
        start_ns=item.start_ns,
        seconds=max([item.duration_ns / 1e9, *ends]),
        lanes=lanes,
        cli=say_cli(response, command("recordings", "show", item.id)),
    )


@router.get("/sweeps")
def list_sweeps(here: Here, response: Response, recording: OfRecording) -> SweepList:
    """Sweeps of the lidars and radars of a recording, by channel and sequence."""
    item = here.workspace.catalog.recording(RecordingId(recording))
    rows = _sweeps(here, item).select(list(SweepItem.model_fields)).to_pylist()
    return SweepList(
        recording=item.id,
        start_ns=item.start_ns,
        sweeps=[SweepItem(**row) for row in rows],
        cli=say_cli(response, command("recordings", "show", item.id)),
    )


@router.get(
    "/sweeps/{id:path}",
    response_class=Response,
    responses={
        200: {
            "content": {
                MEDIA: {"schema": {"type": "string", "format": "binary"}},
                sweep_points.PICTURE: {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
def show_sweep(
    here: Here,
    request: Request,
    id: Annotated[str, Path(max_length=1000)],
    most: Annotated[int, Query(ge=1, le=200_000)] = 30_000,
) -> Response:
    """A sweep in its sensor's coordinates, evenly thinned: seven bytes a point.

    After `RRP1` and two uint32, points here and points of the sweep, follow all x, y and z as int16
    in centimetres, then strengths as uint8. A scanning radar's sweep is its picture, as JPEG.
    """
    recording = recording_of(here.workspace, id)
    row = sweep_points.sweep_row(_sweeps(here, recording), id)
    etag = sweep_points.sweep_identity(row, most=most)
    headers = {"etag": f'"{etag}"', "cache-control": KEPT}
    if holds(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=headers)
    data = here.pictures.get(etag, lambda: sweep_points.sweep_bytes(here.workspace, row, most=most))
    response = Response(data, media_type=sweep_points.sweep_media(row), headers=headers)
    say_cli(response, command("recordings", "show", recording.id))
    return response


@router.get("/traces")
def list_traces(here: Here, response: Response, recording: OfRecording = "") -> Traces:
    """Where vehicles were: one recording in full, or all of them, thinned for a map."""
    catalog = here.workspace.catalog
    one = [catalog.recording(RecordingId(recording))] if recording else catalog.recordings()
    most = MOST_PLACES if recording else PLACES_OF_MANY
    found, missing = list[Trace](), list[str]()
    for item in one:
        trace = _trace(here, item, most)
        if trace is None:
            missing.append(item.id)
        else:
            found.append(trace)
    cli = command("recordings", "show", recording) if recording else command("recordings", "list")
    return Traces(traces=found, missing=missing, cli=say_cli(response, cli))


@router.get("/annotations")
def list_annotations(
    here: Here,
    who: Who,
    response: Response,
    recording: OfRecording,
    channel: OfChannel,
    first: Sequence = 0,
    last: Sequence = 999_999,
) -> MarkList:
    """Annotations that count, of the frames of one camera between two sequence numbers."""
    item = here.workspace.catalog.recording(RecordingId(recording))
    rows = None
    if not is_blind(who):
        rows = annotation_rows(here.workspace, item.id, channel, first=first, last=last)
    return _marks(who, response, item, (channel, first, last), rows)


@router.get("/predictions")
def list_predictions(
    here: Here,
    who: Who,
    response: Response,
    recording: OfRecording,
    channel: OfChannel,
    first: Sequence = 0,
    last: Sequence = 999_999,
) -> MarkList:
    """What models found on the frames of one camera between two sequence numbers."""
    item = here.workspace.catalog.recording(RecordingId(recording))
    rows = None
    if not is_blind(who):
        rows = prediction_rows(here.workspace, item.id, channel, first=first, last=last)
    return _marks(who, response, item, (channel, first, last), rows)


def _marks(
    who: Who,
    response: Response,
    item: Recording,
    stretch: tuple[str, int, int],
    rows: pa.Table | None,
) -> MarkList:
    channel, first, last = stretch
    return MarkList(
        recording=item.id,
        channel=channel,
        first=first,
        last=last,
        marks=[] if rows is None else plain_rows(rows.slice(0, MOST_MARKS)),
        whole=rows is None or rows.num_rows <= MOST_MARKS,
        hidden=hidden_from(who),
        cli=say_cli(response, command("recordings", "show", item.id)),
    )


def _lanes(item: Recording, rows: pa.Table, sensors: dict[str, str], other: str) -> Iterator[Lane]:
    """Channel by channel; rows are in order of channel and sequence."""
    for channel in sorted(pc.unique(rows["channel"]).to_pylist()):
        mine = rows.filter(pc.equal(rows["channel"], channel))
        sequence = mine["sequence"].to_numpy()
        counted = np.array_equal(sequence, np.arange(len(sequence)))
        seconds = (mine["time_ns"].to_numpy() - item.start_ns) / 1e9
        yield Lane(
            channel=channel,
            sensor=sensors.get(channel, other),
            stem=mine["frame_id"][0].as_py().rpartition("/")[0],
            width=mine["width"][0].as_py() if "width" in mine.column_names else 0,
            height=mine["height"][0].as_py() if "height" in mine.column_names else 0,
            seconds=np.round(seconds, 6).tolist(),
            sequence=[] if counted else sequence.tolist(),
        )


def _sweeps(here: Service, item: Recording) -> pa.Table:
    table: pa.Table = here.tables.get(
        f"sweeps {item.id} {item.source}", lambda: sweep_points.sweep_rows(here.workspace, item)
    )
    return table


def _trace(here: Service, item: Recording, most: int) -> Trace | None:
    """Thinned places are kept: a map of thousands of recordings reads their signals once."""

    def make() -> pa.Table | None:
        try:
            places = places_of(signal_rows(here.workspace, item))
        except InputError:
            return None
        return None if places is None else _as_rows(places, thinned(places, most))

    rows: Any = here.tables.get(f"trace {item.id} {item.source} {most}", make)
    if rows is None:
        return None
    seconds = (rows["time_ns"].to_numpy() - item.start_ns) / 1e9
    speed = rows["speed"].to_numpy()
    return Trace(
        recording=item.id,
        vehicle=item.vehicle,
        synthetic=item.synthetic,
        origin=rows.schema.metadata[b"origin"].decode(),
        seconds=np.round(seconds, 3).tolist(),
        north=rows["north"].to_pylist(),
        east=rows["east"].to_pylist(),
        speed=[None if value != value else round(value, 2) for value in speed.tolist()],
    )


def _as_rows(places: Places, kept: np.ndarray) -> pa.Table:
    names = ("time_ns", "north", "east", "speed")
    columns = {name: getattr(places, name)[kept] for name in names}
    return pa.table(columns).replace_schema_metadata({"origin": places.origin})
