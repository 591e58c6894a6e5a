"""Tracks that no thing could have left: flicker, jumps, sizes and states that come and go.

Needs no network. Scores are not chances: they grow with how far a track is beyond what the same
track does elsewhere, and stand below those of `errors` that are all but certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.errors import Suspect
from ringroad.label.identity import recording_of
from ringroad.label.rows import Mark

FLICKER = "flicker"
JUMP = "jump"
RESIZED = "size"
STATE_FLICKER = "state-flicker"
LONGEST_GAP = 2
"""Frames that a track may be gone for and still be taken for a flicker."""
JUMP_SIDES = 1.0
"""Sides of its own box that a thing may move beyond its usual step, per frame."""
RESIZE = 0.5
"""Log of the factor by which a side may change beyond what is usual, per frame."""

Track = list[tuple[int, FrameId, Mark]]
"""Place of the frame in the recording, the frame, the mark."""


def track_errors(marks: Mapping[FrameId, Sequence[Mark]]) -> list[Suspect]:
    """Suspects of all tracks, worst first; frames that were looked at count, others do not."""
    places: dict[str, dict[FrameId, int]] = defaultdict(dict)
    for frame in sorted(marks, key=lambda frame: (recording_of(frame), _sequence(frame))):
        recording = recording_of(frame)
        places[recording][frame] = len(places[recording])
    tracks: dict[tuple[str, str], Track] = defaultdict(list)
    for recording, frames in places.items():
        for frame, place in frames.items():
            for mark in marks[frame]:
                if mark.track:
                    tracks[recording, mark.track].append((place, frame, mark))
    order = {recording: list(frames) for recording, frames in places.items()}
    found = [
        suspect
        for (recording, _), track in sorted(tracks.items())
        for suspect in (*_gaps(track, order[recording]), *_moves(track), *_states(track))
    ]
    return sorted(found, key=lambda item: (-item.chance, item.frame, item.kind))


def _sequence(frame: FrameId) -> tuple[int, str]:
    try:
        return frame_parts(frame)[2], ""
    except ValueError:  # a name that is no frame id: in the order of names
        return 0, frame


def _gaps(track: Track, order: Sequence[FrameId]) -> list[Suspect]:
    """Frames between two of the track on which it is missing; and its lonely first or last."""
    found = []
    for (before, _, first), (after, _, second) in pairwise(track):
        gone = after - before - 1
        for missing in range(before + 1, after) if gone <= LONGEST_GAP else ():
            share = (missing - before) / (after - before)
            where = replace(first, **{
                side: getattr(first, side) * (1 - share) + getattr(second, side) * share
                for side in "xywh"
            }, id="", key=False)  # fmt: skip
            found.append(
                Suspect(
                    frame=order[missing],
                    kind=FLICKER,
                    chance=0.9 / gone,
                    where=where,
                    reason=f"track {first.track} is here before and after, and not on this frame",
                    instead=first.category,
                )
            )
    return found


def _moves(track: Track) -> list[Suspect]:
    """Steps and changes of size that are far beyond those that the track makes otherwise."""
    if len(track) < 4:
        return []
    boxes = np.array([(m.x + m.w / 2, m.y + m.h / 2, m.w, m.h) for _, _, m in track])
    gaps = np.diff([place for place, _, _ in track])
    steps = np.diff(boxes[:, :2], axis=0) / gaps[:, None]
    sides = np.sqrt(np.maximum(boxes[:-1, 2] * boxes[:-1, 3], 1.0))
    usual = np.median(steps, axis=0)
    beyond = np.linalg.norm(steps - usual, axis=1) / sides
    sizes = np.diff(np.log(np.maximum(boxes[:, 2:], 1.0)), axis=0) / gaps[:, None]
    grown = np.abs(sizes - np.median(sizes, axis=0)).max(axis=1)
    found = []
    for kind, excess, limit, unit in (
        (JUMP, beyond, JUMP_SIDES, "of its own sides in one frame beyond its usual step"),
        (RESIZED, grown, RESIZE, "log units of a side in one frame beyond what is usual"),
    ):
        for at in np.flatnonzero(excess > limit).tolist():
            _, frame, mark = track[at + 1]
            found.append(
                Suspect(
                    frame=frame,
                    kind=kind,
                    chance=float(0.9 * (1.0 - limit / excess[at])),
                    where=mark,
                    reason=f"track {mark.track} moves {excess[at]:.1f} {unit}"
                    if kind == JUMP
                    else f"track {mark.track} changes by {excess[at]:.1f} {unit}",
                )
            )
    return found


def _states(track: Track) -> list[Suspect]:
    """A state, or a category, that differs on one frame from what stands before and after."""
    found = []
    for before, now, after in zip(track, track[1:], track[2:], strict=False):
        told = [(m.category, m.light_state) for _, _, m in (before, now, after)]
        if told[0] == told[2] != told[1] and after[0] - before[0] <= LONGEST_GAP + 1:
            mark = now[2]
            usual = told[0][1] or told[0][0]
            found.append(
                Suspect(
                    frame=now[1],
                    kind=STATE_FLICKER,
                    chance=0.8,
                    where=mark,
                    reason=f"track {mark.track} is {usual} before and after",
                    instead=usual,
                )
            )
    return found
