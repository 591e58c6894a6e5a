"""Tracks over neighbouring frames: seen, interpolated before they are written, and written."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.pipelines.label.guidelines import guideline_named
from ringroad.pipelines.label.stretch import filled_between, stretch_of
from ringroad.pipelines.label.tracks import draw_track as draw
from ringroad.pipelines.recordings.held_rows import recording_of
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.held import frames_held
from ringroad.service.schemas.label_frames import (
    Edited,
    StretchTold,
    TrackFilled,
    TrackGiven,
    TrackKeys,
)
from ringroad.service.state import Here, Service

router = router_of("label")
Count = Annotated[int, Query(ge=0, le=500)]


@router.get("/labelling/stretch")
def show_stretch(
    here: Here,
    response: Response,
    frame: Annotated[str, Query(max_length=1000)],
    before: Count = 20,
    after: Count = 20,
) -> StretchTold:
    """A frame and its neighbours in its camera, with the annotations that they hold now."""
    recording = recording_of(here.workspace, frame)
    rows = frames_held(here, recording)
    at = FrameId(frame)
    return StretchTold(
        recording=recording.id,
        frames=stretch_of(here.workspace, rows, at, before=before, after=after),
        channel=frame_parts(at)[1],
        cli=say_cli(response, command("labels", "revisions", frame)),
    )


@router.post("/labelling/tracks:fill")
def fill_track(here: Here, body: TrackKeys) -> TrackFilled:
    """What lies between key frames, as `POST /labelling/tracks` would write it. Writes nothing."""
    frames = _of_one_camera(here, body.frames)
    keys = {FrameId(at): mark.mark() for at, mark in body.keys.items()}
    return TrackFilled(marks={str(at): mark for at, mark in filled_between(keys, frames).items()})


@router.post("/labelling/tracks")
def draw_track(here: Here, who: Who, response: Response, body: TrackGiven) -> Edited:
    """Add, change or take away key frames of a track; what lies between is made anew.

    The frames that change get new revisions, all or none. Where `expected` names a revision that
    has moved on, 412 says who was first.
    """
    frames = _of_one_camera(here, body.frames)
    version = guideline_named(here.workspace, body.guideline)[1].digest if body.guideline else ""
    done = draw(
        here.workspace,
        body.track,
        {FrameId(at): None if mark is None else mark.mark() for at, mark in body.keys.items()},
        frames,
        author=who.who,
        guideline=version,
        reason=body.reason,
        expected={FrameId(at): number for at, number in body.expected.items()},
    )
    return Edited(
        revisions={str(at): number for at, number in done.numbers.items()},
        batch=done.batch.id,
        cli=say_cli(response, command("labels", "revisions", min(done.numbers))),
    )


def _of_one_camera(here: Service, frames: tuple[str, ...]) -> list[FrameId]:
    """Frames that there are, of one camera, in order of time. Raises UnknownName."""
    recording = recording_of(here.workspace, frames[0])
    known = set(frames_held(here, recording)["frame_id"].to_pylist())
    channel = frame_parts(FrameId(frames[0]))[1]
    for frame in frames:
        if frame not in known or frame_parts(FrameId(frame))[1] != channel:
            raise UnknownName(
                f"is no frame of camera {channel} of {recording.id}",
                subject=frame[:200],
                remedy="a track is on frames of one camera: GET /labelling/stretch lists them",
            )
    return sorted({FrameId(frame) for frame in frames}, key=lambda at: frame_parts(at)[2])
