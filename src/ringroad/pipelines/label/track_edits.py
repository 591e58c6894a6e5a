"""Whole tracks: listed, looked at, given key frames, cut, joined and renamed.

Whatever changes is a new revision of each frame that it touches, all in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pyarrow.compute as pc

from ringroad.domain.errors import UnknownName, UsageError
from ringroad.domain.ids import FrameId, RecordingId, frame_parts
from ringroad.label.interpolate import AFTER, OUTSIDE, filled
from ringroad.label.rows import Mark
from ringroad.pipelines.label.export import frames_of, leaving_of
from ringroad.pipelines.label.revisions import Edited, edit
from ringroad.pipelines.label.tracks import current_marks, draw_track, frames_with
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackLine:
    """A track in short."""

    channel: str
    """`recording/channel`."""
    track: str
    category: str
    """Several are a likely error, and stand with commas."""
    frames: int
    keys: int
    """Frames that somebody drew; the others are interpolated."""
    first: FrameId
    last: FrameId


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackNow:
    """A track as it is now, in order of its frames."""

    channel: str
    track: str
    marks: Mapping[FrameId, Mark]
    held: Mapping[FrameId, Sequence[Mark]]
    """All that its frames hold."""
    numbers: Mapping[FrameId, int]
    """Revisions of its frames."""


def tracks_of(workspace: Workspace, what: str) -> list[TrackLine]:
    """Tracks among annotations, by channel and name.

    Args:
        workspace: where from.
        what: a dataset version, a selection, a batch, a recording, or `all`.
    """
    rows = leaving_of(workspace, what).rows
    rows = rows.filter(pc.not_equal(rows["track_id"], ""))
    found: dict[tuple[str, str], list[tuple[int, FrameId, str, bool]]] = {}
    names = ("frame_id", "track_id", "category", "key")
    for frame, track, category, key in zip(*(rows[n].to_pylist() for n in names), strict=True):
        channel, number = _place(FrameId(frame))
        found.setdefault((channel, track), []).append((number, frame, category, key))
    return [
        _line(channel, track, sorted(items)) for (channel, track), items in sorted(found.items())
    ]


def track_now(workspace: Workspace, track: str, *, channel: str = "") -> TrackNow:
    """A track by its name; the channel is needed where several have one of that name.

    Raises:
        UnknownName: no frame has such a track now.
        UsageError: several channels have one.
    """
    frames = sorted(frames_with(workspace, track), key=_place)
    held, numbers = current_marks(workspace, frames)
    marks = {f: m for f in frames for m in held[f] if m.track == track}
    channels = sorted({_place(frame)[0] for frame in marks})
    if channel:
        channels = [name for name in channels if name == channel]
    if not channels:
        where = f" in {channel}" if channel else ""
        raise UnknownName(
            f"no track is called so{where}", subject=track, remedy="ringroad labels tracks list"
        )
    if len(channels) > 1:
        raise UsageError(
            f"is in {len(channels)} channels: {', '.join(channels)}",
            subject=f"track {track}",
            remedy="say which: --channel RECORDING/CHANNEL",
        )
    mine = [frame for frame in marks if _place(frame)[0] == channels[0]]
    return TrackNow(
        channel=channels[0],
        track=track,
        marks={frame: marks[frame] for frame in mine},
        held={frame: held[frame] for frame in mine},
        numbers={frame: numbers[frame] for frame in mine},
    )


def set_key(
    workspace: Workspace,
    track: str,
    frame: FrameId,
    mark: Mark | None,
    *,
    by: str,
    reason: str = "",
) -> Edited:
    """Draw a key frame of a track, new or not, or take one away; what lies between is filled.

    Raises:
        UnknownName: there is no such frame.
        InvalidAnnotations, StaleRevision: as `draw_track`.
    """
    channel = _place(frame)[0]
    recording = frame_parts(frame)[0]
    every = frames_of(workspace, [RecordingId(recording)])
    frames = sorted((one for one in every if _place(one)[0] == channel), key=_place)
    if frame not in frames:
        raise UnknownName("is no frame", subject=frame, remedy="see what there is: ringroad search")
    return draw_track(
        workspace, track, {frame: mark}, frames, author=by, reason=reason or f"track {track}"
    )


def rename_track(
    workspace: Workspace, track: str, to: str, *, by: str, channel: str = "", reason: str = ""
) -> Edited:
    """Give a track another name. Raises UsageError where the channel has one of that name."""
    now = track_now(workspace, track, channel=channel)
    _check_free(workspace, to, now.channel)
    made = {frame: replace(mark, track=to) for frame, mark in now.marks.items()}
    return _written(workspace, now, made, by, reason or f"track {track} is {to}")


def split_track(
    workspace: Workspace, track: str, at: FrameId, to: str, *, by: str, reason: str = ""
) -> Edited:
    """Cut a track: from a frame on it is another. Both ends at the cut become key frames.

    Raises:
        UsageError: nothing of it lies before the frame or from it on, or the name is taken.
        UnknownName: the frame's channel has no such track.
    """
    now = track_now(workspace, track, channel=_place(at)[0])
    _check_free(workspace, to, now.channel)
    frames = list(now.marks)
    later = [frame for frame in frames if _place(frame) >= _place(at)]
    if not later or len(later) == len(frames):
        raise UsageError(
            f"lies on {frames[0]} to {frames[-1]}: nothing is cut at {at}",
            subject=f"track {track}",
            remedy="name a frame after its first, up to its last",
        )
    made = {frame: replace(now.marks[frame], track=to) for frame in later}
    made[later[0]] = replace(made[later[0]], key=True)
    end = frames[len(frames) - len(later) - 1]
    made[end] = replace(now.marks[end], key=True)
    return _written(workspace, now, made, by, reason or f"track {track} cut at {at}")


def merge_tracks(
    workspace: Workspace,
    track: str,
    other: str,
    *,
    by: str,
    channel: str = "",
    fill: bool = False,
    reason: str = "",
) -> Edited:
    """Join another track to one: they were one thing.

    Args:
        workspace: where.
        track: the name that stays.
        other: the track that becomes a part of it.
        by: who says so.
        channel: of both.
        fill: interpolate frames that neither was on; the thing is taken as hidden there without.
        reason: why.

    Raises:
        UsageError: both are on one frame.
        UnknownName: one of them is not there.
    """
    now = track_now(workspace, track, channel=channel)
    more = track_now(workspace, other, channel=now.channel)
    if both := sorted(set(now.marks) & set(more.marks), key=_place):
        raise UsageError(
            f"tracks {track} and {other} are both on it: they are two things",
            subject=both[0],
            remedy="remove one of the two marks first, or leave the tracks apart",
        )
    joined = {**now.marks, **{f: replace(m, track=track) for f, m in more.marks.items()}}
    frames = sorted(joined, key=_place)
    made = {frame: joined[frame] for frame in frames}
    for first, last in pairwise(frames):
        if (first in more.marks) != (last in more.marks):
            made[first], made[last] = _seam(made[first], made[last], fill=fill)
    whole = replace(now, held={**now.held, **more.held}, numbers={**now.numbers, **more.numbers})
    if fill:
        whole, made = _bridged(workspace, whole, made)
    return _written(workspace, whole, made, by, reason or f"track {other} is {track}")


def _seam(first: Mark, last: Mark, *, fill: bool) -> tuple[Mark, Mark]:
    """Both sides of a join are key frames; nothing lies between them unless it is to be filled."""
    attributes = {name: value for name, value in first.attributes.items() if name != OUTSIDE}
    if not fill or first.shape != last.shape:
        attributes[OUTSIDE] = AFTER
    return replace(first, key=True, attributes=attributes), replace(last, key=True)


def _bridged(
    workspace: Workspace, now: TrackNow, made: Mapping[FrameId, Mark]
) -> tuple[TrackNow, dict[FrameId, Mark]]:
    """The track with the frames between its parts."""
    recording = frame_parts(next(iter(made)))[0]
    every = frames_of(workspace, [RecordingId(recording)])
    frames = sorted((f for f in every if _place(f)[0] == now.channel), key=_place)
    keys = {frame: mark for frame, mark in made.items() if mark.key}
    line = filled(keys, frames, [_place(frame)[1] for frame in frames])
    fresh = {f: replace(m, id=f"{f}/{now.track}") for f, m in line.items() if f not in made}
    held, numbers = current_marks(workspace, list(fresh))
    return (
        replace(now, held={**now.held, **held}, numbers={**now.numbers, **numbers}),
        {**made, **fresh},
    )


def _written(
    workspace: Workspace, now: TrackNow, made: Mapping[FrameId, Mark], by: str, reason: str
) -> Edited:
    """Write marks of one track in place of those with their ids."""
    changed = {
        frame: sorted(
            [*(old for old in now.held[frame] if old.id != mark.id), mark], key=lambda one: one.id
        )
        for frame, mark in made.items()
        if mark not in now.held[frame]
    }
    expected = {frame: now.numbers[frame] for frame in changed}
    return edit(workspace, changed, expected=expected, author=by, reason=reason)


def _check_free(workspace: Workspace, name: str, channel: str) -> None:
    if not name:
        raise UsageError("a track has a name", remedy="give it one that no other track has")
    try:
        track_now(workspace, name, channel=channel)
    except UnknownName:
        return
    raise UsageError(
        f"{channel} has a track of that name",
        subject=f"track {name}",
        remedy=f"take another name, or join the two: ringroad labels tracks merge {name} OTHER",
    )


def _line(channel: str, track: str, items: Sequence[tuple[int, FrameId, str, bool]]) -> TrackLine:
    return TrackLine(
        channel=channel,
        track=track,
        category=", ".join(sorted({category for _, _, category, _ in items})),
        frames=len(items),
        keys=sum(key for _, _, _, key in items),
        first=items[0][1],
        last=items[-1][1],
    )


def _place(frame: FrameId) -> tuple[str, int]:
    recording, channel, number = frame_parts(frame)
    return f"{recording}/{channel}", number
