"""Tracks: key frames that somebody drew, and the frames between them, written together.

Rows between key frames have `key` false; whoever changes a key frame through here has them made
anew, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow.compute as pc

from ringroad.domain.annotation import HUMAN
from ringroad.domain.errors import InvalidAnnotations, UsageError
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.answers import marks_of
from ringroad.label.interpolate import filled
from ringroad.label.rows import Mark
from ringroad.pipelines.label.records import ANNOTATIONS, batch_rows
from ringroad.pipelines.label.revisions import Edited, edit, unrevised_marks
from ringroad.pipelines.workspace import Workspace


def draw_track(
    workspace: Workspace,
    track: str,
    keys: Mapping[FrameId, Mark | None],
    frames: Sequence[FrameId],
    *,
    author: str,
    source: str = HUMAN,
    guideline: str = "",
    reason: str = "",
    expected: Mapping[FrameId, int] | None = None,
    times: Sequence[int] | None = None,
) -> Edited:
    """Add, change or take away key frames of a track, and fill what lies between.

    Args:
        workspace: where.
        track: its name.
        keys: frame -> what was drawn there; None takes the key frame away. Key frames drawn
            before stay as they are.
        frames: the frames that the track may be on, of one channel, in order of time.
        author: who drew it.
        source: one of `domain.annotation.SOURCES`.
        guideline: version that it was drawn under.
        reason: why.
        expected: frame -> the revision that was edited; the current one where it names none.
        times: of the frames; their sequence numbers without.

    Returns:
        The frames that changed, with their new revisions. Other annotations on them stay.

    Raises:
        UsageError: the track has no name, or a key frame is not among the frames.
        InvalidAnnotations: the shape changes on the way, or the guideline does not know it.
        StaleRevision: somebody changed a frame meanwhile; nothing was written.
    """
    if not track:
        raise UsageError("a track has a name", remedy="give it one that no other track has")
    if lost := sorted(set(keys) - set(frames)):
        raise UsageError("is not among the frames of the track", subject=lost[0])
    before, numbers = current_marks(workspace, frames)
    drawn = before | {
        frame: _with(before[frame], track, mark and replace(mark, track=track, key=True), frame)
        for frame, mark in keys.items()
    }
    after = _refilled(drawn, track, frames, times or [frame_parts(frame)[2] for frame in frames])
    changed = {frame: marks for frame, marks in after.items() if marks != before[frame]}
    if not changed:
        raise InvalidAnnotations(
            "nothing changes",
            subject=f"track {track}",
            remedy="see its key frames: ringroad labels tracks show TRACK",
        )
    at = {frame: numbers[frame] for frame in changed}
    return edit(
        workspace,
        changed,
        expected=at | {k: v for k, v in (expected or {}).items() if k in changed},
        author=author,
        source=source,
        guideline=guideline,
        reason=reason or f"track {track}",
    )


def edit_frames(
    workspace: Workspace,
    marks: Mapping[FrameId, Sequence[Mark]],
    *,
    expected: Mapping[FrameId, int],
    author: str,
    source: str = HUMAN,
    guideline: str = "",
    reason: str = "",
) -> Edited:
    """As `label_revisions.edit`, and what lies between changed key frames is made anew.

    The frames that a track is on already are filled again, and no others: to lengthen a track,
    `draw_track` takes the frames that it may be on.

    Raises:
        StaleRevision, InvalidAnnotations, UsageError: as `edit`, of neighbours too.
    """
    before, _ = current_marks(workspace, list(marks))
    changed: dict[FrameId, Sequence[Mark]] = dict(marks)
    at = dict(expected)
    for track in sorted(_changed_tracks(before, marks)):
        frames = _frames_of(workspace, track, marks)
        held, numbers = current_marks(workspace, frames)
        held |= {frame: list(changed[frame]) for frame in frames if frame in changed}
        after = _refilled(held, track, frames, [frame_parts(frame)[2] for frame in frames])
        for frame in frames:
            if after[frame] != held[frame]:
                changed[frame] = after[frame]
                at.setdefault(frame, numbers[frame])
    return edit(
        workspace,
        changed,
        expected=at,
        author=author,
        source=source,
        guideline=guideline,
        reason=reason,
    )


def current_marks(
    workspace: Workspace, frames: Sequence[FrameId]
) -> tuple[dict[FrameId, list[Mark]], dict[FrameId, int]]:
    """What frames hold now, and at which revisions; 0 where they have none."""
    heads = workspace.catalog.heads(frames)
    tables = {batch: batch_rows(workspace, batch) for batch in {h.batch for h in heads.values()}}
    bare = unrevised_marks(workspace, [frame for frame in frames if frame not in heads])
    marks = {
        frame: marks_of(tables[heads[frame].batch], frame)
        if frame in heads
        else bare.get(frame, [])
        for frame in frames
    }
    return marks, {frame: heads[frame].number if frame in heads else 0 for frame in frames}


def _refilled(
    marks: Mapping[FrameId, Sequence[Mark]],
    track: str,
    frames: Sequence[FrameId],
    times: Sequence[int],
) -> dict[FrameId, list[Mark]]:
    """What frames hold once a track was filled between its key frames."""
    keys = {
        frame: mark for frame in frames for mark in marks[frame] if mark.track == track and mark.key
    }
    made = filled(keys, frames, times) if keys else {}
    return {frame: _with(marks[frame], track, made.get(frame), frame) for frame in frames}


def _changed_tracks(
    before: Mapping[FrameId, Sequence[Mark]], after: Mapping[FrameId, Sequence[Mark]]
) -> set[str]:
    """Tracks whose key frames are not what they were."""
    found: set[str] = set()
    for frame, marks in after.items():
        old, new = (
            {
                mark.track: replace(mark, id="", guideline="")
                for mark in some
                if mark.track and mark.key
            }
            for some in (before[frame], marks)
        )
        found |= {track for track in {*old, *new} if old.get(track) != new.get(track)}
    return found


def _frames_of(workspace: Workspace, track: str, among: Mapping[FrameId, object]) -> list[FrameId]:
    """Frames that a track is on, in the channels of some frames, and these frames; in order."""
    channels = {frame_parts(frame)[:2] for frame in among}
    found = set(among) | frames_with(workspace, track)
    return sorted(
        (frame for frame in found if frame_parts(frame)[:2] in channels),
        key=lambda frame: frame_parts(frame)[1:],
    )


def frames_with(workspace: Workspace, track: str) -> set[FrameId]:
    """Frames that a track is on, or was before they were edited."""
    if ANNOTATIONS not in workspace.catalog.batch_tables():
        return set()
    rows = workspace.rows(ANNOTATIONS, columns=["frame_id", "track_id"])
    mine = rows.filter(pc.equal(rows.column("track_id"), track))
    return {FrameId(frame) for frame in mine.column("frame_id").to_pylist()}


def _with(marks: Sequence[Mark], track: str, made: Mark | None, frame: FrameId) -> list[Mark]:
    """What a frame holds once its mark of a track is another, or gone; the id stays."""
    old = next((mark for mark in marks if mark.track == track), None)
    kept = [mark for mark in marks if mark.track != track]
    if made is None:
        return kept
    name = made.id or (old.id if old and old.id else f"{frame}/{track}")
    mark = replace(made, id=name, guideline=old.guideline if old and _same(old, made) else "")
    return sorted([*kept, mark], key=lambda item: item.id)


def _same(old: Mark, new: Mark) -> bool:
    """Whether a mark was drawn just so before."""
    return replace(old, id="", guideline="") == replace(new, id="", guideline="")
