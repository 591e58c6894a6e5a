"""Chooses frames worth a label by tracks and time: nothing is asked of a network. Reads no file.

First frames that show tracks at their best, those that serve most tracks before others; then, up
to what each recording may have, the frames farthest in time from those already chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

REACH_NS = 500_000_000
"""A frame farther than this from a moment does not show it."""
SEEN = 0.5
"""Share of a thing that has to be seen for a moment of it to be a good one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """One track in one recording: (n,) times that rise, distances in metres, shares seen."""

    recording: int
    time_ns: np.ndarray
    distance_m: np.ndarray
    visible: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeyFrames:
    """What was chosen.

    Attributes:
        rows: places among the candidates, by recording and time.
        served: tracks of which a frame was chosen.
        tracks: tracks that some candidate shows.
    """

    rows: np.ndarray
    served: int
    tracks: int


def key_moments(track: Seen, count: int) -> list[int]:
    """Times of a track that are worth a frame: where it is nearest, then as far apart as can be.

    Moments at which less than `SEEN` of it is seen count only where there are no others.
    """
    good = track.visible >= SEEN
    times = track.time_ns[good] if good.any() else track.time_ns
    near = track.distance_m[good] if good.any() else track.distance_m
    chosen = [int(times[int(np.argmin(near))])]
    while len(chosen) < min(count, len(times)):
        apart = np.abs(times[:, None] - np.array(chosen)).min(axis=1)
        if not apart.max():
            break
        chosen.append(int(times[int(apart.argmax())]))
    return chosen


def key_frames(
    times_ns: np.ndarray,
    recordings: np.ndarray,
    tracks: Sequence[Seen],
    *,
    per_track: int,
    per_recording: int,
    min_gap_ns: int,
) -> KeyFrames:
    """Choose among candidates.

    Args:
        times_ns: (n,) of the candidates.
        recordings: (n,) number of each one's recording.
        tracks: what was tracked in these recordings; none for time alone.
        per_track: how many moments of each track are wanted.
        per_recording: at most so many frames of each.
        min_gap_ns: two frames of one recording lie at least so far apart.
    """
    served, shown = 0, 0
    rows: list[int] = []
    for recording in np.unique(recordings).tolist():
        own = np.flatnonzero(recordings == recording)
        own = own[np.argsort(times_ns[own], kind="stable")]
        times = times_ns[own]
        wishes = [
            [at for moment in key_moments(track, per_track) if (at := _at(times, moment)) >= 0]
            for track in tracks
            if track.recording == recording
        ]
        wishes = [wish for wish in wishes if wish]
        chosen = _serving(times, wishes, per_recording, min_gap_ns)
        served += sum(bool(set(wish) & set(chosen)) for wish in wishes)
        shown += len(wishes)
        chosen = _spread(times, chosen, per_recording, min_gap_ns)
        rows += own[sorted(chosen)].tolist()
    return KeyFrames(rows=np.array(rows, np.int64), served=served, tracks=shown)


def _at(times: np.ndarray, moment: int) -> int:
    """Place of the frame nearest to a moment; -1 where none is near enough."""
    after = int(np.searchsorted(times, moment))
    near = min(
        (at for at in (after - 1, after) if 0 <= at < len(times)),
        key=lambda at: abs(int(times[at]) - moment),
    )
    return near if abs(int(times[near]) - moment) <= REACH_NS else -1


def _serving(
    times: np.ndarray, wishes: Sequence[Sequence[int]], most: int, gap_ns: int
) -> list[int]:
    """Frames that serve most wishes first; a track with no frame yet counts double."""
    weight = np.zeros(len(times))
    open_wishes = [(track, at) for track, wish in enumerate(wishes) for at in wish]
    have: set[int] = set()
    free = np.ones(len(times), bool)
    chosen: list[int] = []
    while open_wishes and len(chosen) < most:
        weight[:] = 0
        for track, at in open_wishes:
            weight[at] += 1 if track in have else 2
        weight[~free] = 0
        best = int(weight.argmax())
        if not weight[best]:
            break
        chosen.append(best)
        _close(times, free, best, gap_ns)
        have |= {track for track, at in open_wishes if at == best}
        open_wishes = [wish for wish in open_wishes if wish[1] != best]
    return chosen


def _spread(times: np.ndarray, chosen: list[int], most: int, gap_ns: int) -> list[int]:
    """More frames, each as far in time as can be from all before it."""
    found = list(chosen)
    free = np.ones(len(times), bool)
    for at in found:
        _close(times, free, at, gap_ns)
    if not found and most and len(times):
        found.append(int(np.abs(times - (times[0] + times[-1]) // 2).argmin()))
        _close(times, free, found[0], gap_ns)
    apart = np.abs(times[:, None] - times[found]).min(axis=1) if found else np.empty(0)
    while len(found) < most and free.any():
        at = int(np.where(free, apart, -1).argmax())
        found.append(at)
        _close(times, free, at, gap_ns)
        apart = np.minimum(apart, np.abs(times - times[at]))
    return found


def _close(times: np.ndarray, free: np.ndarray, at: int, gap_ns: int) -> None:
    free[np.abs(times - times[at]) < gap_ns] = False
    free[at] = False
