"""Stretches of time in which something held, and what can be made of them. Finds nothing itself.

All operations run over arrays, for all recordings and tracks at once. Both ends of an interval
belong to it, and all is in whole nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

VEHICLE = -1
"""The track of intervals that are about the vehicle itself, or about no track in particular."""
_LARGEST = 2**62
FIELDS = ("recording", "track", "start_ns", "end_ns", "value")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """(n,) intervals by recording, track and start; those of one track do not touch.

    Attributes:
        recording: int32, a recording's number.
        track: int32, a track's number in its recording, or `VEHICLE`.
        start_ns: int64, the first moment at which it held.
        end_ns: int64, the last.
        value: float32, how strongly; NaN where nothing is measured.
    """

    recording: np.ndarray
    track: np.ndarray
    start_ns: np.ndarray
    end_ns: np.ndarray
    value: np.ndarray

    def __len__(self) -> int:
        return len(self.recording)

    def take(self, which: np.ndarray) -> Intervals:
        """Some of them, by mask or by rising places."""
        return Intervals(**{name: getattr(self, name)[which] for name in FIELDS})

    @property
    def group(self) -> np.ndarray:
        """(n,) int64 that is equal for intervals of one track of one recording, and rises."""
        whole: np.ndarray = (self.recording.astype(np.int64) << 32) + (self.track + 1)
        return whole


def intervals(
    recording: np.ndarray,
    track: np.ndarray,
    start_ns: np.ndarray,
    end_ns: np.ndarray,
    value: np.ndarray | None = None,
) -> Intervals:
    """Put intervals in order; those of one track that touch or overlap become one.

    The value of a merged one is the largest of its parts. Intervals that end before they start
    are left out.
    """
    values = np.full(len(recording), np.nan) if value is None else value
    whole = Intervals(
        recording=np.asarray(recording, np.int32),
        track=np.asarray(track, np.int32),
        start_ns=np.asarray(start_ns, np.int64),
        end_ns=np.asarray(end_ns, np.int64),
        value=np.asarray(values, np.float32),
    )
    if (whole.end_ns < whole.start_ns).any():
        whole = whole.take(whole.end_ns >= whole.start_ns)
    return _merged(whole)


def none() -> Intervals:
    """No intervals."""
    nothing = np.empty(0)
    return intervals(nothing, nothing, nothing, nothing)


def union(first: Intervals, second: Intervals) -> Intervals:
    """Moments at which either held, of the same track."""
    return intervals(*(np.concatenate([getattr(first, n), getattr(second, n)]) for n in FIELDS))


def intersect(first: Intervals, second: Intervals, *, same_track: bool) -> Intervals:
    """Moments at which both held.

    Args:
        first: with tracks or without.
        second: as well.
        same_track: of one track, or of the vehicle; else of one recording, and what comes of it
            is about no track. The value is the first one's.
    """
    if not same_track:
        first, second = drop_tracks(first), drop_tracks(second)
    ours, theirs = _pairs(first, second)
    return intervals(
        first.recording[ours],
        first.track[ours],
        np.maximum(first.start_ns[ours], second.start_ns[theirs]),
        np.minimum(first.end_ns[ours], second.end_ns[theirs]),
        first.value[ours],
    )


def complement(held: Intervals, spans: Intervals) -> Intervals:
    """Moments of `spans` at which `held` did not: of each track or recording that spans name."""
    ours, theirs = _pairs(spans, held)
    # Between the parts of a span that held lie the parts at which it did not.
    cut_start = held.start_ns[theirs]
    cut_end = held.end_ns[theirs]
    owner = np.concatenate([np.arange(len(spans)), ours])
    opens = np.concatenate([spans.start_ns, cut_end + 1])
    order = np.lexsort((opens, owner))
    owner, opens = owner[order], opens[order]
    closes = np.concatenate([cut_start - 1, spans.end_ns])
    owners = np.concatenate([ours, np.arange(len(spans))])
    closes = closes[np.lexsort((closes, owners))]
    opens = np.maximum(opens, spans.start_ns[owner])
    closes = np.minimum(closes, spans.end_ns[owner])
    return intervals(spans.recording[owner], spans.track[owner], opens, closes)


def then(first: Intervals, second: Intervals, *, within_ns: int, same_track: bool) -> Intervals:
    """The first, followed by the second: from the start of one to the end of the other.

    The second starts after the first started, and no later than `within_ns` after it ended.
    Each first is followed by the earliest second that does.
    """
    if not same_track:
        first, second = drop_tracks(first), drop_tracks(second)
    if not len(first) or not len(second):
        return none()
    key, other = _line(
        (first.recording, first.track, first.start_ns + 1),
        (second.recording, second.track, second.start_ns),
    )
    at = np.searchsorted(other, key, side="left")
    there = at < len(second)
    at = np.minimum(at, len(second) - 1)
    there &= second.group[at] == first.group
    there &= second.start_ns[at] - within_ns <= first.end_ns
    follows = at[there]
    return intervals(
        first.recording[there],
        first.track[there],
        first.start_ns[there],
        np.maximum(first.end_ns[there], second.end_ns[follows]),
        first.value[there],
    )


def at_least(held: Intervals, duration_ns: int) -> Intervals:
    """Those that lasted so long."""
    return held.take(held.end_ns - held.start_ns >= duration_ns)


def widen(held: Intervals, before_ns: int, after_ns: int) -> Intervals:
    """Each from so long before to so long after."""
    return intervals(
        held.recording, held.track, held.start_ns - before_ns, held.end_ns + after_ns, held.value
    )


def drop_tracks(held: Intervals) -> Intervals:
    """Moments at which it held of any track."""
    if not len(held) or (held.track == VEHICLE).all():
        return held
    nobody = np.full(len(held), VEHICLE, np.int32)
    return intervals(held.recording, nobody, held.start_ns, held.end_ns, held.value)


def contains(held: Intervals, recording: np.ndarray, time_ns: np.ndarray) -> np.ndarray:
    """(n,) bool: which moments of recordings lie within any interval.

    Args:
        held: of any tracks.
        recording: (n,) int, the recordings' numbers.
        time_ns: (n,) int64.
    """
    flat = drop_tracks(held)
    found = np.zeros(len(time_ns), dtype=bool)
    if not len(flat) or not len(time_ns):
        return found
    nobody = np.full(len(time_ns), VEHICLE)
    key, line = _line((recording, nobody, time_ns), (flat.recording, flat.track, flat.start_ns))
    at = np.searchsorted(line, key, side="right") - 1
    inside = at >= 0
    at = np.maximum(at, 0)
    found[:] = inside & (flat.recording[at] == recording) & (time_ns <= flat.end_ns[at])
    return found


def _merged(whole: Intervals) -> Intervals:
    """In order, those of one track that touch joined."""
    if len(whole) < 2:
        return whole
    order = np.lexsort((whole.start_ns, whole.track, whole.recording))
    whole = whole.take(order)
    group = whole.group
    reach = _running_max(whole.end_ns, group)
    fresh = np.ones(len(whole), dtype=bool)
    fresh[1:] = (group[1:] != group[:-1]) | (whole.start_ns[1:] > reach[:-1] + 1)
    if fresh.all():
        return whole
    first = np.flatnonzero(fresh)
    return Intervals(
        recording=whole.recording[first],
        track=whole.track[first],
        start_ns=whole.start_ns[first],
        end_ns=np.maximum.reduceat(whole.end_ns, first),
        value=np.fmax.reduceat(whole.value, first),
    )


def _running_max(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Largest value so far within each run of equal groups; groups rise."""
    # Ranks keep the order of times and stay small, so that a group's number fits above them.
    ranks = np.empty(len(values), dtype=np.int64)
    order = np.argsort(values, kind="stable")
    ranks[order] = np.arange(len(values))
    run = np.cumsum(np.concatenate([[0], (group[1:] != group[:-1]).astype(np.int64)]))
    best = np.maximum.accumulate(run * len(values) + ranks) - run * len(values)
    found: np.ndarray = values[order[best]]
    return found


def _pairs(first: Intervals, second: Intervals) -> tuple[np.ndarray, np.ndarray]:
    """Places of all pairs of one track that overlap. Those of `second` must not overlap."""
    if not len(first) or not len(second):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing
    starts, line = _line(
        (first.recording, first.track, first.start_ns),
        (second.recording, second.track, second.end_ns),
    )
    low = np.searchsorted(line, starts, side="left")
    ends, line = _line(
        (first.recording, first.track, first.end_ns),
        (second.recording, second.track, second.start_ns),
    )
    high = np.searchsorted(line, ends, side="right")
    count = np.maximum(high - low, 0)
    ours = np.repeat(np.arange(len(first)), count)
    before = np.cumsum(count) - count
    theirs = np.arange(len(ours)) - np.repeat(before, count) + np.repeat(low, count)
    return ours, theirs


def _line(
    first: tuple[np.ndarray, np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of (recording, track, time) on one line of whole numbers that keeps their order."""
    sizes = (len(first[0]), len(second[0]))
    recording, track, time_ns = (
        np.concatenate([one, other]).astype(np.int64)
        for one, other in zip(first, second, strict=True)
    )
    began = np.full(int(recording.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(began, recording, time_ns)
    since = time_ns - began[recording]
    tracks, width = int(track.max()) + 2, int(since.max()) + 2
    if len(began) * tracks * width > _LARGEST:  # ranks of what there is are smaller
        group = recording * tracks + track + 1
        groups, times = np.unique(group), np.unique(since)
        line = np.searchsorted(groups, group) * (len(times) + 1) + np.searchsorted(times, since)
    else:
        line = (recording * tracks + track + 1) * width + since
    return line[: sizes[0]], line[sizes[0] :]
