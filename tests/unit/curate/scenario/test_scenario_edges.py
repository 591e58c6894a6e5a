"""What atoms say where measurements are odd: rates, holes, backwards, nobody knows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from test_scenario_atoms import S, ego, held, track

from ringroad.curate.scenario.find import find_intervals
from ringroad.curate.scenario.scene import ego_of
from ringroad.domain.ids import RecordingId
from ringroad.media.schemas import EGO, NAME, TRACKS
from ringroad.testing.interval_scores import scores
from ringroad.testing.traffic_hours import SCRIPTED, hour

HERE = RecordingId("car/drive")


def atoms_of(state: pa.Table, tracks: pa.Table) -> set[str]:
    return set(find_intervals(state, tracks, recording=HERE)["atom"].to_pylist())


def put(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(
        place, rows.schema.field(name), values.cast(rows.schema.field(name).type)
    )


def test_driving_backwards_is_not_standing() -> None:
    found = atoms_of(ego(5, speed=-3.0), TRACKS.empty_table())
    assert {"reversing", "moving", "slow"} <= found
    assert "stopped" not in found


def test_one_rise_of_speed_is_one_though_it_wavers() -> None:
    accel = np.zeros(120)
    accel[20:80] = 0.9 + 0.35 * np.sin(np.arange(60) / 4)  # from 0.55 to 1.25
    rows = find_intervals(
        put(ego(12), "accel_mps2", pa.array(accel.astype(np.float32))),
        TRACKS.empty_table(),
        recording=HERE,
    )
    mine = [row for row in rows.to_pylist() if row["atom"] == "accelerating"]
    assert [(row["start_ns"] / S, row["end_ns"] / S) for row in mine] == [(2.0, 7.9)]
    weak = put(ego(12), "accel_mps2", pa.array(np.full(120, 0.7, np.float32)))
    assert "accelerating" not in atoms_of(weak, TRACKS.empty_table())


@pytest.mark.parametrize("hz", [2, 10, 20])
@pytest.mark.parametrize(("count", "many"), [(3, False), (4, False), (5, True)])
def test_a_crowd_counts_people_and_not_rows(hz: int, count: int, many: bool) -> None:
    parts = []
    for person in range(count):
        size = 3 * hz
        one = track(np.full(size, 9.0 + person), np.full(size, 6.0), vx=0.0, category="pedestrian")
        one = put(one, "time_ns", pa.array([at * S // hz for at in range(size)]))
        name = pa.array([f"p{person}"] * size).dictionary_encode().cast(NAME)
        parts.append(put(one, "track_id", name))
    found = atoms_of(ego(4), pa.concat_tables(parts).unify_dictionaries())
    assert ("crowd" in found) == many


def test_what_is_bridged_is_not_a_time_at_which_nobody_saw_it() -> None:
    aside = np.zeros(60)
    aside[20] = 5.0  # a moment of noise, right before the track is lost
    whole = track(np.full(60, 30.0), aside, vx=10.0)
    times = whole["time_ns"].to_numpy()
    kept = whole.filter(pa.array((times <= 2 * S) | (times > 3.2 * S)))
    spans = [(start, end) for start, end, _ in held(kept)["leading"]]
    assert spans == [(0.0, 1.9), (3.3, 5.9)]


def test_nothing_is_compared_with_a_speed_that_nobody_knows() -> None:
    near = track(60 - 16.0 * np.arange(30) / 10, np.zeros(30), vx=-6.0)
    found = atoms_of(EGO.empty_table(), near)
    assert {"ahead", "driving", "oncoming"} <= found
    assert not {"approaching", "closing-in", "following", "close-pass"} & found
    derived = track(np.full(30, 20.0), np.zeros(30), vx=float("nan"), vy=float("nan"))
    assert not {"stationary", "driving", "blocking", "leading"} & atoms_of(
        EGO.empty_table(), derived
    )


def test_the_state_has_no_value_in_a_hole() -> None:
    times = ego(60)["time_ns"].to_numpy()
    known = ego_of(ego(60).filter(pa.array((times < 20 * S) | (times > 40 * S))))
    at = known.at(known.speed, np.array([10 * S, 30 * S, 50 * S, 61 * S]))
    assert np.isnan(at).tolist() == [False, True, False, True]


@pytest.mark.parametrize("seconds", [1.5, 2.0, 3.0, 4.0, 6.0, 8.0])
@pytest.mark.parametrize("into", [True, False])
def test_a_change_of_lanes_is_as_long_as_it_takes(seconds: float, into: bool) -> None:
    count, steps = 200, int(seconds * 10)
    ramp = np.linspace(0, 1, steps)
    away = np.concatenate([np.zeros(60), ramp * ramp * (3 - 2 * ramp), np.ones(140 - steps)])
    aside = 3.5 * (1 - away if into else away)
    noise = 0.15 * np.random.Generator(np.random.PCG64(3)).standard_normal((2, count))
    name = "cut-in" if into else "cut-out"
    (span,) = held(track(28.0 + noise[0], aside + noise[1], vx=10.0))[name]
    both = min(span[1], 6 + seconds) - max(span[0], 6)
    assert both / (max(span[1], 6 + seconds) - min(span[0], 6)) > 0.6


def test_rows_that_say_the_same_time_count_alike_in_any_order() -> None:
    far, near = (track(np.full(30, x), np.zeros(30), vx=10.0) for x in (30.0, 9.0))
    one = find_intervals(ego(5), pa.concat_tables([far, near]), recording=HERE)
    other = find_intervals(ego(5), pa.concat_tables([near, far]), recording=HERE)
    assert one.equals(other) or repr(one.to_pylist()) == repr(other.to_pylist())


def test_what_is_found_and_never_true_counts_against_an_atom() -> None:
    short = hour(7, seconds=30)
    assert set(short.truth) == set(SCRIPTED)
    never = next(atom for atom in SCRIPTED if not len(short.truth[atom]))
    rows = find_intervals(short.ego, short.tracks, recording=RecordingId(short.recording))
    row = rows.slice(0, 1)
    false = put(row, "atom", pa.array([never]))
    assert scores(short, pa.concat_tables([rows, false]))[never].found >= 1


def test_one_found_interval_hits_one_true_one_at_most() -> None:
    short = hour(7, seconds=30)
    halves = np.array([[-1, 0, 5 * S], [-1, 5 * S, 10 * S]])
    short.truth["stopped"] = halves
    rows = find_intervals(ego(10, speed=0.0), TRACKS.empty_table(), recording=HERE)
    whole = put(
        rows.filter(pa.array([name == "stopped" for name in rows["atom"].to_pylist()])),
        "end_ns",
        pa.array([10 * S]),
    )
    assert scores(short, whole)["stopped"].hits == 1
