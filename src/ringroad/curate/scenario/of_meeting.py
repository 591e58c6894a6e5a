"""Atoms about what a track does to the vehicle's way: cutting in, crossing, overtaking."""

from __future__ import annotations

import numpy as np

from ringroad.curate.scenario.intervals import Intervals, intervals
from ringroad.curate.scenario.of_place import LANE_M
from ringroad.curate.scenario.scene import VEHICLES, Tracks
from ringroad.curate.scenario.stretches import of_tracks
from ringroad.domain.time import SECOND_NS

INSIDE_M, OUTSIDE_M = 1.2, 2.2
"""Nearer to the middle of the lane it is in it, farther it is out; between it is as it was."""
CUT_BEFORE_S, CUT_AFTER_S = 1.0, 0.5
"""What a change of lanes lasts at least, around the moment that tells of it."""
SIDEWAYS_MPS = 0.25
"""As long as it drifts on faster than this, the change of lanes lasts."""
SIDEWAYS_ROWS = 7
"""To either side, for how fast it drifts: 0.7 s at ten a second, so that noise cancels."""
LASTING_S = 0.5
CUT_M = 60.0
PATH_M, PATH_AHEAD_M = 6.0, 50.0
ACROSS_MPS = 0.5
PASS_ASIDE_M = 1.5 * LANE_M + 0.5


def cut_in(tracks: Tracks) -> Intervals:
    """A vehicle comes into the lane ahead from the side; the value is the gap in m then."""
    return _changes(tracks, into=True)


def cut_out(tracks: Tracks) -> Intervals:
    """A vehicle leaves the lane ahead to the side; the value is the gap in m then."""
    return _changes(tracks, into=False)


def crossing_path(tracks: Tracks) -> Intervals:
    """It crosses the vehicle's path ahead; the value is the least distance in m."""
    left, right = crossing_left_to_right(tracks), crossing_right_to_left(tracks)
    names = ("recording", "track", "start_ns", "end_ns", "value")
    return intervals(*(np.concatenate([getattr(left, n), getattr(right, n)]) for n in names))


def crossing_left_to_right(tracks: Tracks) -> Intervals:
    """It crosses the vehicle's path ahead, from the left."""
    return _crossing(tracks, -1)


def crossing_right_to_left(tracks: Tracks) -> Intervals:
    """It crosses the vehicle's path ahead, from the right."""
    return _crossing(tracks, 1)


def overtaken(tracks: Tracks) -> Intervals:
    """The vehicle overtakes it: it drives the same way and falls back from ahead to behind."""
    return _passing(tracks, -1)


def overtaking_us(tracks: Tracks) -> Intervals:
    """It overtakes the vehicle: it drives the same way and comes from behind to ahead."""
    return _passing(tracks, 1)


def _changes(tracks: Tracks, *, into: bool) -> Intervals:
    """Around the moments at which a track changes between inside and outside of the lane."""
    aside = np.abs(tracks.aside)
    state = np.where(aside < INSIDE_M, 1, np.where(aside > OUTSIDE_M, 0, -1))
    state = _as_before(tracks, _lasting(tracks, state))
    change = np.zeros(len(state), bool)
    if into:
        change[1:] = (state[1:] == 1) & (state[:-1] == 0)
    else:
        change[1:] = (state[1:] == 0) & (state[:-1] == 1)
    change &= ~tracks.first & tracks.is_a(*VEHICLES)
    change &= (tracks.gap > 0) & (tracks.x > 0) & (tracks.x < CUT_M) & (tracks.vx > 1.0)
    change &= tracks.speed > 1.0
    at = np.flatnonzero(change)
    drift = _drift(tracks) * np.sign(tracks.aside)
    low, high = _run_around(tracks, -drift if into else drift, at)
    return intervals(
        np.zeros(len(at)),
        tracks.track[at],
        np.minimum(tracks.time_ns[low], tracks.time_ns[at] - round(CUT_BEFORE_S * SECOND_NS)),
        np.maximum(tracks.time_ns[high], tracks.time_ns[at] + round(CUT_AFTER_S * SECOND_NS)),
        tracks.gap[at],
    )


def _run_around(tracks: Tracks, drift: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last row of the run of drifting rows that each of some rows is in, else itself."""
    on = drift > SIDEWAYS_MPS
    begins = tracks.first.copy()
    begins[1:] |= on[1:] != on[:-1]
    first = np.flatnonzero(begins)
    run = np.cumsum(begins)[at] - 1
    last = np.append(first[1:], len(on)) - 1
    return np.where(on[at], first[run], at), np.where(on[at], last[run], at)


def _drift(tracks: Tracks) -> np.ndarray:
    """(n,) m/s to the left of the vehicle's path: least-squares slope over neighbours of a track.

    Not the measured velocity: in a bend, that is along axes which turn with the vehicle.
    """
    count = len(tracks.track)
    if not count:
        return np.zeros(0)
    here, starts = np.arange(count), np.flatnonzero(tracks.first)
    which = np.cumsum(tracks.first) - 1
    low = np.maximum(here - SIDEWAYS_ROWS, starts[which])
    high = np.minimum(here + SIDEWAYS_ROWS + 1, np.append(starts[1:], count)[which])
    t = (tracks.time_ns - tracks.time_ns[starts][which]) / SECOND_NS
    y = tracks.aside - tracks.aside[starts][which]

    def over(values: np.ndarray) -> np.ndarray:
        total = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(total[high] - total[low])

    n, sum_t, sum_y = high - low, over(t), over(y)
    spread = n * over(t * t) - sum_t**2
    steep = (n * over(t * y) - sum_t * sum_y) / np.where(spread > 0.01, spread, np.inf)
    return np.asarray(steep)


def _lasting(tracks: Tracks, state: np.ndarray) -> np.ndarray:
    """Where it is inside or outside for a moment only, it is neither."""
    begins = tracks.first.copy()
    begins[1:] |= state[1:] != state[:-1]
    first = np.flatnonzero(begins)
    if not len(first):
        return state
    last = np.append(first[1:], len(state)) - 1
    brief = tracks.time_ns[last] - tracks.time_ns[first] < LASTING_S * SECOND_NS
    return np.asarray(np.where(brief[np.cumsum(begins) - 1], -1, state))


def _as_before(tracks: Tracks, state: np.ndarray) -> np.ndarray:
    """Where it is neither, what it was last in its track; -1 where it never was."""
    here = np.arange(len(state))
    known = np.where((state >= 0) | tracks.first, here, 0)
    return np.asarray(state[np.maximum.accumulate(known)]) if len(state) else state


def _crossing(tracks: Tracks, way: int) -> Intervals:
    """Moves across, near the path ahead, and the path lies between where it began and ended."""
    across = way * tracks.vy
    moving = (across > ACROSS_MPS) & (np.abs(tracks.vy) > np.abs(tracks.vx))
    near = (tracks.x > 0) & (tracks.x < PATH_AHEAD_M) & (np.abs(tracks.aside) < PATH_M)
    held = moving & near
    found = of_tracks(tracks, held, tracks.x, least_s=0.4, fold=np.fmin)
    low = of_tracks(tracks, held, way * tracks.aside, least_s=0.4, fold=np.fmin)
    high = of_tracks(tracks, held, way * tracks.aside, least_s=0.4, fold=np.fmax)
    return found.take((low.value < -0.5) & (high.value > 0.5))


def _passing(tracks: Tracks, way: int) -> Intervals:
    """Beside the vehicle in a lane next to it, from one end of it to the other."""
    beside = (np.abs(tracks.aside) > LANE_M / 2) & (np.abs(tracks.aside) < PASS_ASIDE_M)
    same = (tracks.vx > 1.5) & tracks.is_a(*VEHICLES, "cyclist", "bicycle")
    faster = way * (tracks.vx - tracks.speed) > 0.5
    held = beside & same & faster & (np.abs(tracks.x) < 20)
    found = of_tracks(tracks, held, np.abs(tracks.aside), least_s=0.3, fold=np.fmin)
    low = of_tracks(tracks, held, way * tracks.x, least_s=0.3, fold=np.fmin)
    high = of_tracks(tracks, held, way * tracks.x, least_s=0.3, fold=np.fmax)
    return found.take((low.value < -2.0) & (high.value > 5.0))
