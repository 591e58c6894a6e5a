"""State of the vehicle out of signals, and what atoms say of a real minute."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from ringroad.curate.scenario.ego import ego_state
from ringroad.curate.scenario.find import find_intervals
from ringroad.domain.ids import RecordingId
from ringroad.media.schemas import SIGNALS, TRACKS

HERE = RecordingId("car/drive")


def rows(name: str, seconds: np.ndarray, values: np.ndarray, unit: str = "m/s") -> pa.Table:
    count = len(seconds)
    columns = {
        "recording_id": [HERE] * count,
        "channel": ["log"] * count,
        "time_ns": np.round(seconds * 1e9).astype(np.int64),
        "name": [name] * count,
        "value": values,
        "unit": [unit] * count,
    }
    return pa.table(columns, schema=SIGNALS)


def held(ego: pa.Table) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for row in find_intervals(ego, TRACKS.empty_table(), recording=HERE).to_pylist():
        found.setdefault(row["atom"], []).append((row["start_ns"] / 1e9, row["end_ns"] / 1e9))
    return found


def test_ten_a_second_in_si_units() -> None:
    seconds = np.arange(0, 10, 0.02)
    ego = ego_state(rows("speed", seconds, 36.0 + 3.6 * seconds, "km/h"), HERE)
    assert set(np.diff(ego["time_ns"].to_numpy())) == {10**8}
    assert ego["speed_mps"].to_pylist()[0] == pytest.approx(10.0, abs=0.01)
    assert ego["accel_mps2"].to_numpy() == pytest.approx(1.0, abs=0.01)
    assert np.isnan(ego["yaw_rate_rps"].to_numpy()).all()
    assert np.isnan(ego["latitude"].to_numpy()).all()


def test_a_real_minute_brakes_and_gains_speed_and_neither_stops_nor_turns(test_data) -> None:
    log = next((test_data / "comma2k19").rglob("processed_log"))
    seconds = np.load(log / "CAN/speed/t")
    begin = np.load(log.parent / "global_pose/frame_times")[0]
    gyro = np.load(log / "IMU/gyro/value")
    parts = [rows("speed", seconds - begin, np.load(log / "CAN/speed/value")[:, 0])]
    for place, axis in enumerate("xyz"):
        name = f"imu.angular_velocity.{axis}"
        parts.append(rows(name, np.load(log / "IMU/gyro/t") - begin, gyro[:, place], "rad/s"))
    found = held(ego_state(pa.concat_tables(parts), HERE))
    # Read off a plot of CAN speed against time, before any atom was run over it. Between 24.2 s
    # and 24.9 s it may be called braking or not. Least speed is 8 m/s; the course over ground, out
    # of the data set's own poses, stays within 1.3 degrees.
    seen = {"accelerating": [(0.0, 8.9), (37.3, 40.5)], "braking": [(30.2, 32.8), (57.0, 60.0)]}
    doubtful = (24.2, 24.9)
    for atom, spans in seen.items():
        sure = [span for span in found[atom] if overlap(span, doubtful) == 0]
        assert len(sure) == len(spans)
        assert all(overlap(a, b) >= 0.7 for a, b in zip(sure, spans, strict=True))
    absent = {"stopped", "slow", "reversing", "turning-left", "turning-right", "hard-braking"}
    assert not absent & set(found)


def overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Of what either covers, the share that both do."""
    both = min(one[1], other[1]) - max(one[0], other[0])
    return max(0.0, both) / (max(one[1], other[1]) - min(one[0], other[0]))
