"""`ringroad labels tracks`: things over several frames: listed, drawn, cut, joined, renamed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.errors import UnknownName, UsageError
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.answers import marks_to
from ringroad.label.interpolate import AFTER, OUTSIDE
from ringroad.label.rows import Mark
from ringroad.pipelines.label import track_edits as edits
from ringroad.pipelines.label.revisions import Edited
from ringroad.pipelines.workspace import Workspace

BY = click.option("--by", required=True, help="Who says so.")
REASON = click.option("--reason", default="", help="Why.")
CHANNEL = click.option(
    "--channel", default="", help="RECORDING/CHANNEL, where several have a track of that name."
)


@click.group()
def tracks() -> None:
    """Tracks among annotations. Changes are revisions of all frames that they touch."""


@command(tracks, name="list")
@click.argument("what", default="all")
def list_(door: Door, what: str) -> None:
    """Tracks of WHAT: a dataset version, a selection, a batch, a recording, or all."""
    with opened(door) as workspace:
        found = edits.tracks_of(workspace, what)
    lines = [
        f"{item.channel}  {item.track:12} {item.category:12} {item.frames:5} frames, "
        f"{item.keys} drawn  {_number(item.first)} to {_number(item.last)}"
        for item in found
    ]
    door.give({"tracks": [asdict(item) for item in found]}, "\n".join(lines) or "no tracks")


@command(tracks)
@click.argument("track")
@CHANNEL
def show(door: Door, track: str, channel: str) -> None:
    """TRACK frame by frame: where it is, and which frames somebody drew."""
    with opened(door) as workspace:
        now = edits.track_now(workspace, track, channel=channel)
    marks = marks_to(list(now.marks.values()))
    frames = [
        {"frame": frame, "revision": now.numbers[frame], **told, "key": mark.key}
        for (frame, mark), told in zip(now.marks.items(), marks, strict=True)
    ]
    lines = [_shown(frame, mark) for frame, mark in now.marks.items()]
    door.give({"channel": now.channel, "track": track, "frames": frames}, "\n".join(lines))


@command(tracks)
@click.argument("track")
@click.argument("frame")
@click.option("--box", required=True, help="X,Y,W,H in pixels as recorded.")
@click.option("--category", default="", help="Of a new track; others have theirs.")
@click.option("--ends", is_flag=True, help="It is not seen from here to its next key frame.")
@BY
@REASON
def key(
    door: Door, track: str, frame: str, box: str, category: str, by: str, reason: str, *, ends: bool
) -> None:
    """Draw TRACK on FRAME as a box; frames up to the next key frames are interpolated anew.

    A name that no track of the channel has begins a new one.
    """
    at = FrameId(frame)
    with opened(door) as workspace:
        mark = _drawn(workspace, track, at, category=category, box=box, ends=ends)
        made = edits.set_key(workspace, track, at, mark, by=by, reason=reason)
    _give(door, made)


@command(tracks)
@click.argument("track")
@click.argument("frame")
@BY
@REASON
def unkey(door: Door, track: str, frame: str, by: str, reason: str) -> None:
    """Take the key frame of TRACK on FRAME away; interpolated, if others lie on both sides."""
    with opened(door) as workspace:
        made = edits.set_key(workspace, track, FrameId(frame), None, by=by, reason=reason)
    _give(door, made)


@command(tracks)
@click.argument("track")
@click.option("--at", "frame", required=True, help="The first frame of the second part.")
@click.option("--to", required=True, help="Name of the second part.")
@BY
@REASON
def split(door: Door, track: str, frame: str, to: str, by: str, reason: str) -> None:
    """Cut TRACK in two: it went over from one thing to another."""
    with opened(door) as workspace:
        made = edits.split_track(workspace, track, FrameId(frame), to, by=by, reason=reason)
    _give(door, made)


@command(tracks)
@click.argument("track")
@click.argument("other")
@click.option(
    "--fill", is_flag=True, help="Interpolate between the two; it is hidden there without."
)
@CHANNEL
@BY
@REASON
def merge(
    door: Door, track: str, other: str, channel: str, by: str, reason: str, *, fill: bool
) -> None:
    """Join OTHER to TRACK: they are one thing."""
    with opened(door) as workspace:
        made = edits.merge_tracks(
            workspace, track, other, by=by, channel=channel, fill=fill, reason=reason
        )
    _give(door, made)


@command(tracks)
@click.argument("track")
@click.argument("to")
@CHANNEL
@BY
@REASON
def rename(door: Door, track: str, to: str, channel: str, by: str, reason: str) -> None:
    """Call TRACK by another name."""
    with opened(door) as workspace:
        made = edits.rename_track(workspace, track, to, by=by, channel=channel, reason=reason)
    _give(door, made)


def _drawn(
    workspace: Workspace, track: str, frame: FrameId, *, category: str, box: str, ends: bool
) -> Mark:
    """A box of the track, like its others but for its place."""
    x, y, w, h = _sides(box)
    channel = "/".join(frame.split("/")[:-1])
    try:
        marks = edits.track_now(workspace, track, channel=channel).marks
        before = [mark for at, mark in marks.items() if _order(at) <= _order(frame)]
        like = (before or list(marks.values()))[-1 if before else 0]
    except UnknownName as error:
        if not category:
            raise UsageError(
                "a new track needs a category", subject=f"track {track}", remedy="say --category"
            ) from error
        like = Mark(category=category, x=x, y=y, w=w, h=h)
    attributes = {name: value for name, value in like.attributes.items() if name != OUTSIDE}
    if ends:
        attributes[OUTSIDE] = AFTER
    return Mark(
        category=category or like.category,
        x=x,
        y=y,
        w=w,
        h=h,
        light_state=like.light_state,
        attributes=attributes,
        track=track,
    )


def _sides(box: str) -> tuple[float, float, float, float]:
    try:
        x, y, w, h = (float(side) for side in box.split(","))
    except ValueError as error:
        raise UsageError("is no box", subject=box, remedy="say X,Y,W,H in pixels") from error
    return x, y, w, h


def _order(frame: FrameId) -> int:
    return frame_parts(frame)[2]


def _number(frame: FrameId) -> str:
    return frame.rpartition("/")[2]


def _shown(frame: FrameId, mark: Mark) -> str:
    how = "drawn " if mark.key else "      "
    more = "".join(f"  {name}={value}" for name, value in sorted(mark.attributes.items()))
    state = f"  {mark.light_state}" if mark.light_state else ""
    place = f"{mark.x:8.1f} {mark.y:8.1f} {mark.w:8.1f} {mark.h:8.1f}"
    return f"{frame}  {how} {mark.category} {mark.shape}  {place}{state}{more}"


def _give(door: Door, made: Edited) -> None:
    value: dict[str, Any] = {"annotations": made.batch.id, "revisions": dict(made.numbers)}
    door.give(value, f"{len(made.numbers)} frames have a new revision")
