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
) -> Intervals:
    """Stretches in which something holds of the vehicle: (n,) bool, by time."""
    nobody = np.full(len(holds), VEHICLE, np.int32)
    return _stretches(nobody, ego.time_ns, holds, values, least_s, fold, bridge_s)


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
    track, time_ns = track[at], time_ns[at]
    begins = np.ones(len(at), dtype=bool)
    apart = np.diff(time_ns)
    skipped = np.diff(at) > 1  # rows between them at which it did not hold
    broken = np.where(skipped, apart > bridge_s * SECOND_NS, apart > GAP_S * SECOND_NS)
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
