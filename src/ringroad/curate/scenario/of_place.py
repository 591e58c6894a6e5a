"""Atoms about where a track is, seen from the vehicle. Axes as in `schemas.TRACKS`."""

from __future__ import annotations

import numpy as np

from ringroad.curate.scenario.intervals import Intervals
from ringroad.curate.scenario.scene import Tracks
from ringroad.curate.scenario.stretches import of_tracks

LANE_M = 3.5
"""Width of a lane where no map tells."""
FAR_M = 80.0
CLOSE_M = 10.0
HIDDEN, SHOWN = 0.3, 0.7
EDGE_S = 0.5
"""How long a track counts as appearing or disappearing."""
NEAR_M = 40.0


def seen(tracks: Tracks) -> Intervals:
    """It is there at all."""
    return of_tracks(tracks, np.ones(len(tracks.track), bool))


def ahead(tracks: Tracks) -> Intervals:
    """It is in front, within 80 m; the value is the distance."""
    return of_tracks(tracks, (tracks.x > 0) & (tracks.x < FAR_M), tracks.x, fold=np.fmin)


def behind(tracks: Tracks) -> Intervals:
    """It is behind, within 80 m; the value is the distance."""
    return of_tracks(tracks, (tracks.x < 0) & (tracks.x > -FAR_M), -tracks.x, fold=np.fmin)


def on_left(tracks: Tracks) -> Intervals:
    """It is to the left of the vehicle's lane."""
    return of_tracks(tracks, tracks.aside > LANE_M / 2, tracks.aside, fold=np.fmin)


def on_right(tracks: Tracks) -> Intervals:
    """It is to the right of the vehicle's lane."""
    return of_tracks(tracks, tracks.aside < -LANE_M / 2, -tracks.aside, fold=np.fmin)


def close(tracks: Tracks) -> Intervals:
    """It is within 10 m; the value is the distance."""
    apart = np.hypot(tracks.x, tracks.y)
    return of_tracks(tracks, apart < CLOSE_M, apart, fold=np.fmin)


def in_ego_lane(tracks: Tracks) -> Intervals:
    """It is in the lane of the vehicle, in front or behind."""
    return of_tracks(tracks, np.abs(tracks.aside) < LANE_M / 2, np.abs(tracks.x), fold=np.fmin)


def in_left_lane(tracks: Tracks) -> Intervals:
    """It is in the next lane to the left."""
    return of_tracks(tracks, in_lane(tracks, 1), np.abs(tracks.x), fold=np.fmin)


def in_right_lane(tracks: Tracks) -> Intervals:
    """It is in the next lane to the right."""
    return of_tracks(tracks, in_lane(tracks, -1), np.abs(tracks.x), fold=np.fmin)


def alongside(tracks: Tracks) -> Intervals:
    """It overlaps the vehicle along the road, in a lane next to it; the value is metres aside."""
    beside = (tracks.gap < 0) & (in_lane(tracks, 1) | in_lane(tracks, -1))
    return of_tracks(tracks, beside, np.abs(tracks.aside), least_s=0.3, fold=np.fmin)


def occluded(tracks: Tracks) -> Intervals:
    """Less than a third of it is seen."""
    return of_tracks(tracks, tracks.visible < HIDDEN, tracks.visible, fold=np.fmin)


def visible(tracks: Tracks) -> Intervals:
    """More than two thirds of it are seen."""
    return of_tracks(tracks, tracks.visible > SHOWN, tracks.visible)


def appearing(tracks: Tracks) -> Intervals:
    """The first half second of a track, within 40 m; the value is the distance."""
    return _edge(tracks, last=False)


def disappearing(tracks: Tracks) -> Intervals:
    """The last half second of a track, within 40 m; the value is the distance."""
    return _edge(tracks, last=True)


def in_lane(tracks: Tracks, side: int) -> np.ndarray:
    """(n,) bool: in the lane so many to the left of the vehicle's."""
    return np.asarray(np.abs(tracks.aside - side * LANE_M) < LANE_M / 2)


def _edge(tracks: Tracks, *, last: bool) -> Intervals:
    first = np.flatnonzero(tracks.first)
    if last:
        ends = np.append(first[1:], len(tracks.track)) - 1
        edge = tracks.time_ns[ends][np.cumsum(tracks.first) - 1] if len(first) else tracks.time_ns
        since = edge - tracks.time_ns
    else:
        edge = tracks.time_ns[first][np.cumsum(tracks.first) - 1] if len(first) else tracks.time_ns
        since = tracks.time_ns - edge
    apart = np.hypot(tracks.x, tracks.y)
    return of_tracks(tracks, (since <= EDGE_S * 1e9) & (apart < NEAR_M), apart, fold=np.fmin)
