"""Key frames: tracks are served, budgets and gaps are kept, nothing stands twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ringroad.curate.key_frames import Seen, key_frames, key_moments

SECOND = 1_000_000_000


def track(recording: int, first: float, last: float, nearest: float) -> Seen:
    times = np.arange(first, last, 0.1)
    return Seen(
        recording=recording,
        time_ns=(times * SECOND).astype(np.int64),
        distance_m=5 + np.abs(times - nearest),
        visible=np.ones(len(times)),
    )


def test_a_track_is_shown_where_it_is_nearest_then_far_from_there() -> None:
    first, second = key_moments(track(0, 0, 10, 4), 2)
    assert abs(first - 4 * SECOND) < SECOND
    assert second >= 9.8 * SECOND
    hidden = track(0, 0, 10, 4)
    seen = Seen(
        recording=0,
        time_ns=hidden.time_ns,
        distance_m=hidden.distance_m,
        visible=np.where(hidden.time_ns < 6 * SECOND, 0.1, 1.0),
    )
    assert key_moments(seen, 1)[0] >= 6 * SECOND


def test_one_frame_serves_tracks_that_are_near_at_one_time() -> None:
    times = np.arange(0, 60, 0.5) * SECOND
    tracks = [track(0, 10, 30, 20), track(0, 15, 40, 20), track(0, 50, 58, 55)]
    found = key_frames(
        times, np.zeros(len(times), int), tracks, per_track=1, per_recording=2, min_gap_ns=SECOND
    )
    assert (found.served, found.tracks, len(found.rows)) == (3, 3, 2)
    assert sorted((times[found.rows] / SECOND).round().tolist()) == [20.0, 55.0]


def test_without_tracks_frames_are_spread_in_time() -> None:
    times = np.arange(100) * SECOND
    found = key_frames(
        times, np.zeros(100, int), [], per_track=2, per_recording=5, min_gap_ns=SECOND
    )
    assert np.diff(times[found.rows]).min() >= 20 * SECOND
    assert found.tracks == 0


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 200)), min_size=1, max_size=80),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 150), st.integers(1, 50)), max_size=6),
    st.integers(1, 3),
    st.integers(1, 6),
    st.integers(0, 20),
)
def test_budgets_and_gaps_are_kept(
    frames: list[tuple[int, int]],
    things: list[tuple[int, int, int]],
    per_track: int,
    per_recording: int,
    gap_s: int,
) -> None:
    recordings = np.array([recording for recording, _ in frames])
    times = np.array([time * SECOND for _, time in frames])
    tracks = [track(recording, first, first + long, first) for recording, first, long in things]
    found = key_frames(
        times,
        recordings,
        tracks,
        per_track=per_track,
        per_recording=per_recording,
        min_gap_ns=gap_s * SECOND,
    )
    assert len(set(found.rows.tolist())) == len(found.rows)
    assert found.served <= found.tracks <= len(tracks)
    for recording in set(recordings.tolist()):
        own = np.sort(times[found.rows[recordings[found.rows] == recording]])
        assert 1 <= len(own) <= per_recording
        assert not len(own) > 1 or np.diff(own).min() >= gap_s * SECOND
