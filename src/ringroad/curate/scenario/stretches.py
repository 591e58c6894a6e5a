"""From what holds at each moment to stretches of time, without the jitter of measurements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ringroad.curate.scenario.intervals import VEHICLE, Intervals, intervals
from ringroad.curate.scenario.scene import Ego, Tracks
from ringroad.domain.time import SECOND_NS

GAP_S = 0.5
"""A track that is not seen for longer ends what held."""
BRIDGE_S = 0.3
"""Moments so short at which it did not hold are passed over: noise crosses limits."""

Fold = Callable[..., np.ndarray]
"""`np.fmax` or `np.fmin`: which of its values stands for a stretch."""


def of_ego(
    ego: Ego,
    holds: np.ndarray,
    values: np.ndarray | None = None,
    *,
    least_s: float = 0.0,
    fold: np.ufunc = np.fmax,
    bridge_s: float = BRIDGE_S,
    reached: np.ndarray | None = None,
) -> Intervals:
    """Stretches in which something holds of the vehicle: (n,) bool, by time.

    Those in which `reached`, (n,) bool, never holds are left out: so one limit begins a stretch
    and a lower one ends it.
    """
    nobody = np.full(len(holds), VEHICLE, np.int32)
    found = _stretches(nobody, ego.time_ns, holds, values, least_s, fold, bridge_s)
    if reached is None:
        return found
    moments = ego.time_ns[reached]
    low = np.searchsorted(moments, found.start_ns, side="left")
    return found.take(np.searchsorted(moments, found.end_ns, side="right") > low)


def of_tracks(
    tracks: Tracks,
    holds: np.ndarray,
    values: np.ndarray | None = None,
    *,
    least_s: float = 0.0,
    fold: np.ufunc = np.fmax,
    bridge_s: float = BRIDGE_S,
) -> Intervals:
    """Stretches in which something holds of each track: (n,) bool, by track and time.

    Args:
        tracks: all rows.
        holds: which of them.
        values: (n,) what is measured; the strongest of a stretch stands for it.
        least_s: shorter stretches are left out.
        fold: which is the strongest.
        bridge_s: breaks that are passed over.
    """
    return _stretches(tracks.track, tracks.time_ns, holds, values, least_s, fold, bridge_s)


def _stretches(
    track: np.ndarray,
    time_ns: np.ndarray,
    holds: np.ndarray,
    values: np.ndarray | None,
    least_s: float,
    fold: np.ufunc,
    bridge_s: float,
) -> Intervals:
    at = np.flatnonzero(holds)
    if not len(at):
        return intervals(*(np.empty(0) for _ in range(4)))
    lost = np.zeros(len(time_ns), np.int64)  # how often a track was not seen for too long
    lost[1:] = np.cumsum(np.diff(time_ns) > GAP_S * SECOND_NS)
    track, time_ns, lost = track[at], time_ns[at], lost[at]
    begins = np.ones(len(at), dtype=bool)
    apart = np.diff(time_ns)
    skipped = np.diff(at) > 1  # rows between them at which it did not hold
    broken = (lost[1:] != lost[:-1]) | (skipped & (apart > bridge_s * SECOND_NS))
    begins[1:] = (track[1:] != track[:-1]) | broken
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(at)) - 1
    start, end = time_ns[first], time_ns[last]
    strongest = np.full(len(first), np.nan)
    if values is not None:
        strongest = fold.reduceat(values[at], first)
    kept = end - start >= least_s * SECOND_NS
    found = np.zeros(int(kept.sum()), np.int32)
    return intervals(found, track[first][kept], start[kept], end[kept], strongest[kept])
