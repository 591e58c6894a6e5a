"""Atoms against the script of synthetic hours, and against what a reader of them would expect."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import pyarrow as pa
import pytest

from ringroad.curate.scenario.atoms import ATOMS
from ringroad.curate.scenario.find import find_intervals
from ringroad.domain.ids import RecordingId
from ringroad.media.arrow import to_bytes
from ringroad.media.schemas import EGO, INTERVALS, TRACKS
from ringroad.testing.interval_scores import scores
from ringroad.testing.traffic_hours import hour

S = 10**9


def test_there_are_over_forty_and_each_says_what_it_is() -> None:
    assert len(ATOMS) >= 40
    assert all(atom.says.endswith(".") or atom.says.endswith(";") for atom in ATOMS.values())
    assert len({atom.says for atom in ATOMS.values()}) == len(ATOMS)


def test_what_the_script_says_is_found() -> None:
    hours = [hour(seed) for seed in (200, 201)]
    each = [
        scores(one, find_intervals(one.ego, one.tracks, recording=RecordingId(one.recording)))
        for one in hours
    ]
    names = sorted({name for found in each for name in found})
    total = {name: reduce(add, [found[name] for found in each if name in found]) for name in names}
    assert len(total) == 20
    low = {name: score for name, score in total.items() if score.f1 < 0.94}
    assert not low
    assert np.mean([score.f1 for score in total.values()]) >= 0.95


def test_hours_repeat() -> None:
    first, second = hour(3, seconds=300), hour(3, seconds=300)
    assert first.ego.equals(second.ego)
    assert first.tracks.equals(second.tracks)
    recording = RecordingId(first.recording)
    rows = find_intervals(first.ego, first.tracks, recording=recording)
    again = find_intervals(second.ego, second.tracks, recording=recording)
    assert to_bytes(rows) == to_bytes(again)
    assert rows.schema.equals(INTERVALS)
    assert len(set(rows["interval_id"].to_pylist())) == rows.num_rows


def test_the_order_of_rows_does_not_matter() -> None:
    one = hour(4, seconds=200)
    mixed = one.tracks.take(np.random.Generator(np.random.PCG64(0)).permutation(len(one.tracks)))
    recording = RecordingId(one.recording)
    rows = find_intervals(one.ego, one.tracks, recording=recording)
    again = find_intervals(one.ego, mixed, recording=recording)
    assert to_bytes(rows) == to_bytes(again)


def ego(seconds: float, *, speed: float = 10.0) -> pa.Table:
    """Straight on, evenly."""
    count = int(seconds * 10)
    columns = {
        "recording_id": ["car/drive"] * count,
        "time_ns": [n * S // 10 for n in range(count)],
        "speed_mps": [speed] * count,
        "accel_mps2": [0.0] * count,
        "yaw_rate_rps": [0.0] * count,
        "latitude": [float("nan")] * count,
        "longitude": [float("nan")] * count,
    }
    return pa.table(columns, schema=EGO)


def track(
    x: np.ndarray, y: np.ndarray, *, vx: float, vy: float = 0.0, category: str = "car"
) -> pa.Table:
    """One track, ten rows a second."""
    count = len(x)
    columns = {
        "recording_id": ["car/drive"] * count,
        "track_id": ["a"] * count,
        "category": [category] * count,
        "time_ns": [n * S // 10 for n in range(count)],
        "x_m": x,
        "y_m": y,
        "vx_mps": [vx] * count,
        "vy_mps": [vy] * count,
        "heading_rad": [0.0] * count,
        "length_m": [4.0] * count,
        "width_m": [1.8] * count,
        "visible": [1.0] * count,
    }
    return pa.table(columns, schema=TRACKS)


def held(tracks: pa.Table, *, speed: float = 10.0) -> dict[str, list[tuple[float, float, float]]]:
    """Atom -> start, end in seconds and value."""
    seconds = (tracks["time_ns"].to_numpy().max() / S) + 1
    rows = find_intervals(ego(seconds, speed=speed), tracks, recording=RecordingId("car/drive"))
    found: dict[str, list[tuple[float, float, float]]] = {}
    for row in rows.to_pylist():
        span = (row["start_ns"] / S, row["end_ns"] / S, row["value"])
        found.setdefault(row["atom"], []).append(span)
    return found


def test_following_tells_the_least_time_gap() -> None:
    x = np.linspace(40, 20, 50)
    found = held(track(x, np.zeros(50), vx=6.0))
    (span,) = found["following"]
    assert span[2] == pytest.approx((20 - 2 - 3.8) / 10, abs=0.01)
    assert "tailgating-us" not in found
    assert found["closing-in"][0][2] == pytest.approx((20 - 2 - 3.8) / 4, abs=0.05)
    assert "category:car" in found


def test_a_velocity_that_nobody_measured_is_derived() -> None:
    x = 60 - 16.0 * np.arange(40) / 10
    rows = track(x, np.full(40, 3.5), vx=float("nan"), vy=float("nan"))
    (span,) = held(rows)["oncoming"]
    assert span[2] == pytest.approx(6.0, abs=0.1)


def test_a_gap_in_a_track_ends_what_held() -> None:
    whole = track(np.full(60, 30.0), np.zeros(60), vx=10.0)
    times = whole["time_ns"].to_numpy()
    found = held(whole.filter((times < 2 * S) | (times > 3 * S)))
    assert len(found["seen"]) == 2
    assert len(found["leading"]) == 2


def test_nothing_comes_of_nothing() -> None:
    rows = find_intervals(
        EGO.empty_table(), TRACKS.empty_table(), recording=RecordingId("car/drive")
    )
    assert rows.num_rows == 0
    assert rows.schema.equals(INTERVALS)
    alone = find_intervals(
        EGO.empty_table(), track(np.full(20, 9.0), np.zeros(20), vx=0.0),
        recording=RecordingId("car/drive"),
    )  # fmt: skip
    assert "stationary" in alone["atom"].to_pylist()
