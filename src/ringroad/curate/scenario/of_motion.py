"""Atoms about how a track moves, by itself and against the vehicle."""

from __future__ import annotations

import numpy as np

from ringroad.curate.scenario.intervals import Intervals
from ringroad.curate.scenario.of_place import LANE_M
from ringroad.curate.scenario.scene import ON_FOOT, VEHICLES, Tracks
from ringroad.curate.scenario.stretches import of_tracks
from ringroad.domain.time import SECOND_NS

STILL_MPS = 0.6
ROLLING_MPS = 1.5
CLOSING_MPS = 1.0
HEADWAY_S = 3.0
BRIDGE_S = 1.5
"""Who is ahead stays so over a moment in which a bend or noise says otherwise."""
SHORT_S = 1.0
COLLISION_S = 4.0
"""Time to collision at which drivers begin to respond (R. van der Horst, J. Hogema, 1993)."""
BRAKE_MPS2 = 2.0
PASS_M = 1.5
"""Clear distance aside below which passing is close; laws ask for 1.5 m beside cyclists."""
HALF_CAR_M = 0.95
ALWAYS = 0.9
CROWD, CROWD_M = 5, 25.0
DENSE, DENSE_M = 8, 60.0


def stationary(tracks: Tracks) -> Intervals:
    """It stands."""
    return of_tracks(tracks, tracks.pace < STILL_MPS, least_s=0.5)


def driving(tracks: Tracks) -> Intervals:
    """It moves; the value is its speed."""
    return of_tracks(tracks, tracks.pace > ROLLING_MPS, tracks.pace, least_s=0.3)


def oncoming(tracks: Tracks) -> Intervals:
    """It drives against the vehicle's direction; the value is its speed."""
    return of_tracks(tracks, _along(tracks, -1), tracks.pace, least_s=0.3)


def same_direction(tracks: Tracks) -> Intervals:
    """It drives in the vehicle's direction; the value is its speed."""
    return of_tracks(tracks, _along(tracks, 1), tracks.pace, least_s=0.3)


def crossing_direction(tracks: Tracks) -> Intervals:
    """It moves across the vehicle's direction; the value is its speed."""
    across = (np.abs(tracks.vy) > np.abs(tracks.vx)) & (np.abs(tracks.vy) > STILL_MPS)
    return of_tracks(tracks, across, np.abs(tracks.vy), least_s=0.3)


def approaching(tracks: Tracks) -> Intervals:
    """It comes nearer at over 1 m/s; the value is how fast."""
    near = _range_rate(tracks)
    return of_tracks(tracks, near < -CLOSING_MPS, -near, least_s=0.3)


def receding(tracks: Tracks) -> Intervals:
    """It goes away at over 1 m/s; the value is how fast."""
    away = _range_rate(tracks)
    return of_tracks(tracks, away > CLOSING_MPS, away, least_s=0.3)


def leading(tracks: Tracks) -> Intervals:
    """A vehicle drives in the same direction ahead in the lane; the value is the gap in m."""
    return of_tracks(
        tracks, leads(tracks), tracks.gap, least_s=0.5, fold=np.fmin, bridge_s=BRIDGE_S
    )


def following(tracks: Tracks) -> Intervals:
    """The vehicle follows it by less than 3 s; the value is the least time gap in s.

    Time gap: distance between bumpers by the follower's speed (SAE J2944, 2015).
    """
    time_gap = _quotient(tracks.gap, tracks.speed)
    holds = leads(tracks) & (tracks.speed > 3.0) & (time_gap < HEADWAY_S)
    return of_tracks(tracks, holds, time_gap, least_s=0.5, fold=np.fmin, bridge_s=BRIDGE_S)


def tailgating_us(tracks: Tracks) -> Intervals:
    """It follows the vehicle by less than 1 s; the value is the least time gap in s."""
    time_gap = _quotient(tracks.gap, tracks.vx)
    lane = (np.abs(tracks.aside) < LANE_M / 2) & (tracks.x < 0) & (tracks.gap > 0)
    holds = lane & tracks.is_a(*VEHICLES) & (tracks.vx > 5.0) & (time_gap < SHORT_S)
    return of_tracks(tracks, holds, time_gap, least_s=0.5, fold=np.fmin, bridge_s=BRIDGE_S)


def closing_in(tracks: Tracks) -> Intervals:
    """A collision is under 4 s away if nobody changes speed; the value is the least such time.

    Time to collision: distance by closing speed (J. Hayward, 1972), in the vehicle's lane.
    """
    left = _quotient(tracks.gap, tracks.closing)
    lane = (np.abs(tracks.aside) < LANE_M / 2) & (tracks.gap > 0)
    holds = lane & (tracks.closing > CLOSING_MPS) & (left < COLLISION_S)
    return of_tracks(tracks, holds, left, least_s=0.2, fold=np.fmin)


def leader_brakes(tracks: Tracks) -> Intervals:
    """The vehicle ahead in the lane loses speed at over 2 m/s2; the value is how hard."""
    slowing = -acceleration(tracks)
    return of_tracks(tracks, leads(tracks) & (slowing > BRAKE_MPS2), slowing, least_s=0.3)


def braking_track(tracks: Tracks) -> Intervals:
    """It loses speed at over 2 m/s2; the value is how hard."""
    slowing = -acceleration(tracks)
    return of_tracks(tracks, slowing > BRAKE_MPS2, slowing, least_s=0.3)


def parked(tracks: Tracks) -> Intervals:
    """A vehicle stands beside the lane for nearly as long as it is seen, two seconds at least."""
    still = tracks.is_a(*VEHICLES) & (tracks.pace < STILL_MPS)
    beside = np.abs(tracks.aside) > LANE_M / 2
    count = len(tracks.names)
    rows = np.bincount(tracks.track, minlength=count)
    always = np.bincount(tracks.track[still & beside], minlength=count) >= ALWAYS * rows
    return of_tracks(tracks, still & always[tracks.track], least_s=2.0)


def blocking(tracks: Tracks) -> Intervals:
    """Something stands ahead in the vehicle's lane, within 50 m; the value is the gap in m."""
    holds = (
        (np.abs(tracks.aside) < LANE_M / 2)
        & (tracks.gap > 0)
        & (tracks.x > 0)
        & (tracks.x < 50)
        & (tracks.pace < STILL_MPS)
    )
    return of_tracks(tracks, holds, tracks.gap, least_s=1.0, fold=np.fmin)


def close_pass(tracks: Tracks) -> Intervals:
    """The vehicle passes it with less than 1.5 m between them; the value is that distance."""
    clear = np.abs(tracks.aside) - HALF_CAR_M - tracks.width / 2
    differs = np.abs(tracks.vx - tracks.speed) > 2.0
    holds = (tracks.gap < 0) & (clear > 0) & (clear < PASS_M) & differs
    return of_tracks(tracks, holds, clear, fold=np.fmin)


def crowd(tracks: Tracks) -> Intervals:
    """One of five people or more within 25 m; the value is how many."""
    near = tracks.is_a(*ON_FOOT) & (np.hypot(tracks.x, tracks.y) < CROWD_M)
    many = _together(tracks, near)
    return of_tracks(tracks, near & (many >= CROWD), many, least_s=0.5)


def dense_traffic(tracks: Tracks) -> Intervals:
    """One of eight vehicles or more within 60 m; the value is how many."""
    near = tracks.is_a(*VEHICLES) & (np.hypot(tracks.x, tracks.y) < DENSE_M)
    many = _together(tracks, near)
    return of_tracks(tracks, near & (many >= DENSE), many, least_s=0.5)


def leads(tracks: Tracks) -> np.ndarray:
    """(n,) bool: a vehicle ahead in the lane, not moving against it, within 100 m."""
    return np.asarray(
        (np.abs(tracks.aside) < LANE_M / 2)
        & (tracks.gap > 0)
        & (tracks.x > 0)
        & (tracks.x < 100)
        & (tracks.vx > -1.0)
        & tracks.is_a(*VEHICLES)
    )


def acceleration(tracks: Tracks) -> np.ndarray:
    """(n,) m/s2 along the way it goes, over a second; NaN near the ends of a track."""
    half = 5  # rows: half a second at ten a second
    here = np.arange(len(tracks.track))
    before, after = np.maximum(here - half, 0), np.minimum(here + half, len(here) - 1)
    one = (tracks.track[before] == tracks.track) & (tracks.track[after] == tracks.track)
    seconds = (tracks.time_ns[after] - tracks.time_ns[before]) / SECOND_NS
    mean = _smooth(tracks, tracks.pace)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: np.ndarray = np.where(
            one & (seconds > 0) & (seconds < 2.5), (mean[after] - mean[before]) / seconds, np.nan
        )
    return found


def _smooth(tracks: Tracks, values: np.ndarray) -> np.ndarray:
    """Mean of three neighbours of a track."""
    total, count = values.copy(), np.ones(len(values))
    for shift in (-1, 1):
        other = np.roll(np.arange(len(values)), shift)
        same = tracks.track[other] == tracks.track
        total += np.where(same, values[other], 0)
        count += same
    return np.asarray(total / count)


def _along(tracks: Tracks, way: int) -> np.ndarray:
    along = (way * tracks.vx > ROLLING_MPS) & (np.abs(tracks.vx) > np.abs(tracks.vy))
    return np.asarray(along & ~tracks.is_a(*ON_FOOT))


def _range_rate(tracks: Tracks) -> np.ndarray:
    """How the straight distance changes, m/s; the vehicle moves along x."""
    apart = np.maximum(np.hypot(tracks.x, tracks.y), 0.5)
    return np.asarray((tracks.x * (tracks.vx - tracks.speed) + tracks.y * tracks.vy) / apart)


def _quotient(length: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Seconds; infinite where nothing moves that way."""
    return np.asarray(np.where(speed > 0.1, length / np.maximum(speed, 0.1), np.inf))


def _together(tracks: Tracks, which: np.ndarray) -> np.ndarray:
    """(n,) of how many tracks some rows lie within the same tenth of a second."""
    tenth = tracks.time_ns // (SECOND_NS // 10)
    if not len(tenth):
        return np.zeros(0)
    places, inverse = np.unique(tenth, return_inverse=True)
    # A track that is seen more often counts once: its rows lie together, by time.
    tracks_of, moments = tracks.track[which], inverse[which]
    fresh = np.ones(len(moments), bool)
    fresh[1:] = (tracks_of[1:] != tracks_of[:-1]) | (moments[1:] != moments[:-1])
    count = np.bincount(moments[fresh], minlength=len(places))
    return np.asarray(count[inverse], dtype=np.float64)
