from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ringroad.domain.ids import RecordingId
from ringroad.ingest.events.find import find_events
from ringroad.ingest.events.found import KINDS
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.events.near import TRACKS
from ringroad.ingest.events.spans import spans_over
from ringroad.media.arrow import to_bytes
from ringroad.media.schemas import EVENTS, SIGNALS
from ringroad.simulate.town import build_town
from ringroad.simulate.traffic import advance, build_traffic
from ringroad.testing.drives import drive

HERE = RecordingId("car/a")
START_NS = 1_790_000_000_000_000_000
SLACK_NS = 500_000_000


def rows(name: str, seconds: np.ndarray, values: np.ndarray, unit: str = "m/s") -> pa.Table:
    count = len(seconds)
    return pa.table(
        {
            "recording_id": [HERE] * count,
            "channel": [name.partition(".")[0]] * count,
            "time_ns": START_NS + np.round(seconds * 1e9).astype(np.int64),
            "name": [name] * count,
            "value": np.asarray(values, np.float64),
            "unit": [unit] * count,
        },
        schema=SIGNALS,
    )


def kinds(signals: pa.Table, **options: object) -> list[str]:
    return find_events(signals, recording=HERE, **options)["event"].to_pylist()


def matched(truth: pa.Table, found: pa.Table) -> tuple[dict[str, list[int]], set[str]]:
    """Kind -> hits, misses and false alarms; and all kinds that were found."""
    left = {row["event_id"]: row for row in found.to_pylist()}
    count: dict[str, list[int]] = {}
    for row in truth.to_pylist():
        hits = [
            at
            for at, other in left.items()
            if other["event"] == row["event"]
            and other["start_ns"] <= row["end_ns"] + SLACK_NS
            and other["end_ns"] >= row["start_ns"] - SLACK_NS
        ]
        tally = count.setdefault(row["event"], [0, 0, 0])
        tally[0 if hits else 1] += 1
        left.pop(hits[0], None) if hits else None
    for row in left.values():
        count.setdefault(row["event"], [0, 0, 0])[2] += 1
    return count, set(found["event"].to_pylist())


def test_what_was_driven_on_purpose_is_found_and_little_else():
    total = {kind: np.zeros(3, int) for kind in KINDS}
    for seed in range(100, 106):
        made = drive(seed, manoeuvres=40, recording=HERE, start_ns=START_NS)
        found = find_events(made.signals, recording=HERE)
        for kind, tally in matched(made.events, found)[0].items():
            total[kind] += tally
    driven = {kind: tally for kind, tally in total.items() if tally.any()}
    assert set(driven) == set(KINDS) - {"speeding", "near-miss"}
    for kind, (hits, misses, alarms) in driven.items():
        assert hits / (hits + misses) >= 0.98, kind
        assert hits / (hits + alarms) >= 0.95, kind


def test_places_alone_tell_stops_and_turns():
    made = drive(3, manoeuvres=30, recording=HERE, start_ns=START_NS, noise=0.5)
    names = np.array(made.signals["name"].to_pylist())
    places = made.signals.filter(pa.array(np.char.startswith(names, "gnss.")))
    # A U-turn at walking pace is not among them: places do not tell where the vehicle points.
    wanted = {"stop", "standstill", "start", "hard-brake", "turn-left", "turn-right"}
    tallies, _ = matched(made.events, find_events(places, recording=HERE))
    for kind in wanted & set(tallies):
        hits, misses, _alarms = tallies[kind]
        assert hits / (hits + misses) >= 0.8, kind


def test_rows_are_of_the_schema_ordered_and_equal_bit_for_bit():
    made = drive(5, manoeuvres=12, recording=HERE, start_ns=START_NS)
    found = find_events(made.signals, recording=HERE)
    assert found.schema == EVENTS
    starts = found["start_ns"].to_numpy()
    assert (np.diff(starts) >= 0).all()
    assert (found["end_ns"].to_numpy() >= starts).all()
    assert len(set(found["event_id"].to_pylist())) == found.num_rows
    shuffled = made.signals.take(np.random.Generator(np.random.PCG64(1)).permutation(
        made.signals.num_rows))  # fmt: skip
    assert to_bytes(find_events(shuffled, recording=HERE)) == to_bytes(found)


def test_simulated_traffic_stops_where_it_is_known_to():
    traffic = build_traffic(build_town(0, length_m=500.0), 0)
    speed = np.zeros(26 * 20)
    for tick in range(len(speed)):
        advance(traffic, tick / 20)
        speed[tick] = traffic.ego.speed
    still = np.flatnonzero(speed < EventLimits().standing_mps)
    found = find_events(rows("speed", np.arange(len(speed)) / 20, speed), recording=HERE)
    assert found["event"].to_pylist() == ["stop", "standstill", "start"]
    stand = found.to_pylist()[1]
    assert stand["start_ns"] <= START_NS + still[0] * 50_000_000 <= stand["end_ns"]
    assert stand["end_ns"] >= START_NS + still[-1] * 50_000_000


def test_a_real_straight_minute_has_bumps_and_no_manoeuvre(test_data: Path):
    log = next((test_data / "comma2k19").rglob("processed_log"))

    def load(name: str) -> np.ndarray:
        values: np.ndarray = np.load(log / name)
        return values

    begin = load("CAN/speed/t")[0]
    parts = [rows("speed", load("CAN/speed/t") - begin, load("CAN/speed/value")[:, 0])]
    for place, axis in enumerate("xyz"):
        for kind, sensor, unit in (
            ("linear_acceleration", "accelerometer", "m/s2"),
            ("angular_velocity", "gyro", "rad/s"),
        ):
            seconds = load(f"IMU/{sensor}/t") - begin
            values = load(f"IMU/{sensor}/value")[:, place]
            parts.append(rows(f"imu.{kind}.{axis}", seconds, values, unit))
    found = find_events(pa.concat_tables(parts), recording=HERE)
    # Its own poses stay within 0.5 m of a straight line, its speed changes by less than 0.25 g.
    assert set(found["event"].to_pylist()) == {"bump"}
    # The IMU lies upside down there: gravity is felt at -9.7 along z.
    places = np.load(log.parent / "global_pose" / "frame_positions")
    ahead = (places[-1] - places[0]) / np.linalg.norm(places[-1] - places[0])
    left = np.cross(places[0] / np.linalg.norm(places[0]), ahead)
    assert np.abs((places - places[0]) @ left).max() < 0.5


def test_an_imu_upside_down_turns_the_same_way():
    made = drive(7, manoeuvres=20, recording=HERE, start_ns=START_NS)
    table = made.signals
    names = np.array(table["name"].to_pylist())
    flip = np.isin(names, ["imu.angular_velocity.z", "imu.linear_acceleration.z"])
    values = np.where(flip, -1, 1) * table["value"].to_numpy()
    over = table.set_column(4, SIGNALS.field("value"), pa.array(values))
    wanted = [kind for kind in kinds(table) if "left" in kind or "right" in kind]
    assert wanted
    assert [kind for kind in kinds(over) if "left" in kind or "right" in kind] == wanted


def test_nothing_is_found_across_a_gap():
    seconds = np.concatenate([np.arange(0, 10, 0.1), np.arange(14, 24, 0.1)])
    speed = np.where(seconds < 12, 20.0, 2.0)
    assert kinds(rows("speed", seconds, speed)) == []
    near = np.concatenate([np.arange(0, 10, 0.1), np.arange(11.5, 24, 0.1)])
    assert kinds(rows("speed", near, np.where(near < 11, 20.0, 2.0))) == ["hard-brake"]


def test_units_and_limits_are_kept():
    seconds = np.arange(0, 20, 0.1)
    assert kinds(rows("speed", seconds, np.full(200, 140.0), "km/h")) == ["speeding"]
    slow = EventLimits(speeding_mps=45.0)
    assert kinds(rows("speed", seconds, np.full(200, 140.0), "km/h"), limits=slow) == []
    with pytest.raises(ValueError, match="ttc_s is at most ttc_end_s"):
        EventLimits(ttc_s=3.0)
    with pytest.raises(ValueError, match="brake_mps2 is a positive number"):
        EventLimits(brake_mps2=float("nan"))


@pytest.mark.parametrize("times", [[-(2**63), 2**63 - 1], [0, 10**18, 2 * 10**18], [5], []])
def test_absurd_times_cost_nothing(times):
    table = rows("speed", np.zeros(len(times)), np.full(len(times), 10.0))
    assert kinds(table.set_column(2, SIGNALS.field("time_ns"), pa.array(times, pa.int64()))) == []


def test_near_misses_by_time_to_collision():
    seconds = np.arange(0, 8, 0.1)
    gap = np.maximum(40 - 10 * np.minimum(seconds, 3.2), 8.0)
    closing = np.where(seconds < 3.2, 10.0, 0.0)
    times = START_NS + np.round(seconds * 1e9).astype(np.int64)

    def table(closing: np.ndarray) -> pa.Table:
        track = pa.table(
            {"track_id": ["a"] * 80, "time_ns": times, "gap_m": gap, "closing_mps": closing},
            schema=TRACKS,
        )
        far = pa.table(
            {"track_id": ["b"], "time_ns": [START_NS], "gap_m": [90.0], "closing_mps": [30.0]},
            schema=TRACKS,
        )
        return pa.concat_tables([track, far])

    found = find_events(SIGNALS.empty_table(), recording=HERE, tracks=table(closing))
    (row,) = found.to_pylist()
    assert row["event"] == "near-miss"
    assert row["value"] == pytest.approx(0.9, abs=0.02)
    assert row["start_ns"] == START_NS + 1_500_000_000  # 2.5 s to collision at 25 m
    none = find_events(SIGNALS.empty_table(), recording=HERE, tracks=table(closing / 4))
    assert none.num_rows == 0


@settings(max_examples=200, deadline=None)
@given(
    arrays(np.float64, st.integers(0, 60), elements=st.floats(-3, 3) | st.just(float("nan"))),
    st.integers(1, 4),
)
def test_spans_hold_and_reach(values, shortest):
    found = spans_over(values, reach=2.0, hold=1.0, shortest=shortest)
    inside = np.zeros(len(values), bool)
    for begin, end in found:
        part = values[begin:end]
        assert len(part) >= shortest
        assert (part >= 1).all()
        assert part.max() >= 2
        inside[begin:end] = True
        assert begin == 0 or not values[begin - 1] >= 1
        assert end == len(values) or not values[end] >= 1
    if shortest == 1:
        assert not (values[~inside] >= 2).any()


NAMES = ["speed", "yaw_rate", "steering_angle", "gnss.latitude", "gnss.longitude"] + [
    f"imu.{kind}.{axis}" for kind in ("linear_acceleration", "angular_velocity") for axis in "xyz"
]
VALUES = st.floats(-50, 50) | st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            arrays(np.float64, st.integers(1, 80), elements=VALUES),
            st.floats(0.001, 3),
            st.sampled_from(["m/s", "deg", "rad/s", "g", "furlongs"]),
        ),
        max_size=6,
    )
)
def test_no_signal_however_absurd_breaks_the_search(given_signals):
    parts = [
        rows(name, np.arange(len(values)) * step, values, unit)
        for name, values, step, unit in given_signals
    ]
    table = pa.concat_tables(parts) if parts else SIGNALS.empty_table()
    found = find_events(table, recording=HERE)
    assert found.schema == EVENTS
    assert len(set(found["event_id"].to_pylist())) == found.num_rows
    assert set(found["event"].to_pylist()) <= set(KINDS)
