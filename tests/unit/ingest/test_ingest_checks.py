"""Low-rate checks: each finds its fault, none speaks on clean rows, limits and rows hold."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import InvalidConfig
from ringroad.domain.recording import Channel
from ringroad.ingest.checks import (
    CATALOGUE,
    CheckLimits,
    Finding,
    check_low_rate,
    finding_rows,
    lanes_of,
    limits_of,
    read_limits,
)
from ringroad.ingest.checks.findings import MOST, runs_of
from ringroad.ingest.checks.lanes import period_of
from ringroad.media.schemas import CHECKS
from ringroad.testing.clean_recordings import CleanSpec, RecordingTables, clean_recording
from ringroad.testing.faults_magnitudes import MAGNITUDES
from ringroad.testing.faults_pictures import PICTURE_FAULTS
from ringroad.testing.faults_recordings import FAULTS

GOLDEN = [
    "missing-frames",
    "repeated-times",
    "time-backwards",
    "rate-off",
    "channel-gap",
    "silent-start",
    "silent-end",
    "few-messages",
    "size-change",
    "clock-jump",
    "clock-drift",
    "clock-offset",
    "gnss-jump",
    "gnss-outage",
    "gnss-frozen",
    "imu-bias",
    "imu-saturation",
    "imu-gravity",
    "imu-frozen",
    "wheel-speed-off",
    "speed-range",
    "can-silence",
    "can-stuck",
    "calibration-focal-length",
    "calibration-principal-point",
    "calibration-rotation",
    "calibration-translation",
    "calibration-missing",
    "lidar-dropout",
    "sweep-rate",
    "salvaged",
    "no-clock",
    "frozen",
    "black",
    "over-exposed",
    "under-exposed",
    "blurred",
    "low-contrast",
    "occluded",
    "exposure-jump",
    "colour-cast",
]
SPEC = CleanSpec(duration_s=60.0, cameras=3, camera_hz=10.0, imu_hz=50.0, can_hz=20.0, can_ids=8)


@cache
def clean(seed: int = 7) -> RecordingTables:
    return clean_recording(seed, SPEC)


def findings(tables: RecordingTables, limits: CheckLimits | None = None) -> list[Finding]:
    lanes = lanes_of(tables.recording, tables.frames, tables.signals, tables.sweeps)
    return check_low_rate(lanes, limits or CheckLimits())


def only(tables: RecordingTables, check: str) -> Finding:
    (found,) = [item for item in findings(tables) if item.check == check]
    return found


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_the_names_are_these():
    assert list(CATALOGUE) == GOLDEN
    assert set(MAGNITUDES) == set(GOLDEN) == set(FAULTS) | set(PICTURE_FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_check_finds_its_fault_and_is_silent_without_it(name):
    assert name not in {item.check for item in findings(clean())}
    found = [item for item in findings(FAULTS[name](clean(), rng())) if item.check == name]
    assert found
    for item in found:
        assert item.start_ns <= item.end_ns
        assert item.message
        assert np.isfinite([item.value, item.limit]).all()


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(100, 10_000),
    duration_s=st.floats(8.0, 40.0),
    cameras=st.integers(0, 4),
    camera_hz=st.sampled_from([1.0, 7.5, 10.0, 29.97, 60.0]),
    gnss_hz=st.sampled_from([1.0, 5.0, 20.0]),
)
def test_steady_data_raises_no_finding(seed, duration_s, cameras, camera_hz, gnss_hz):
    spec = replace(SPEC, duration_s=duration_s, cameras=cameras, camera_hz=camera_hz)
    if cameras:
        assert findings(clean_recording(seed, replace(spec, gnss_hz=gnss_hz))) == []


@settings(max_examples=60, deadline=None)
@given(
    times=st.lists(st.integers(-(2**62), 2**62), max_size=40),
    values=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=40, max_size=40),
)
def test_no_rows_make_a_check_fail(times, values):
    base = clean()
    count = min(len(times), base.frames.num_rows, base.sweeps.num_rows)
    names = ["imu.linear_acceleration.x", "gnss.latitude", "speed", "can.0x0b0.bytes0-3"]
    rows = {"channel": ["/imu", "/gnss", "/vehicle/motion", "/can"], "name": names}
    signals = pa.table(
        {
            "recording_id": ["r"] * count,
            "channel": [rows["channel"][at % 4] for at in range(count)],
            "time_ns": times[:count],
            "name": [rows["name"][at % 4] for at in range(count)],
            "value": values[:count],
            "unit": ["m/s"] * count,
        },
        schema=base.signals.schema,
    )
    moved = pa.array(times[:count], pa.int64())
    frames, sweeps = (
        table.slice(0, count).set_column(
            table.schema.get_field_index("time_ns"), table.schema.field("time_ns"), moved
        )
        for table in (base.frames, base.sweeps)
    )
    with np.errstate(all="ignore"):
        found = findings(replace(base, frames=frames, signals=signals, sweeps=sweeps))
    finding_rows(base.recording.id, found, CheckLimits())


def test_a_gap_says_where_and_how_long():
    gap = only(FAULTS["channel-gap"](clean(), rng()), "channel-gap")
    lasts = (gap.end_ns - gap.start_ns) / 1e9
    assert lasts == pytest.approx(gap.value)
    assert lasts == pytest.approx(MAGNITUDES["channel-gap"]["seconds"], abs=0.25)


def test_identifiers_that_come_and_go_are_not_called_silent():
    come_and_go = clean()
    for seed in range(6):
        come_and_go = FAULTS["can-silence"](come_and_go, rng(seed))
    assert "can-silence" not in {item.check for item in findings(come_and_go)}


def test_a_drift_is_measured_in_ppm_of_the_odd_camera():
    drift = only(FAULTS["clock-drift"](clean(), rng()), "clock-drift")
    assert drift.value == pytest.approx(MAGNITUDES["clock-drift"]["ppm"], abs=80)


def test_a_jump_of_all_clocks_is_no_gap_of_each():
    found = {item.check for item in findings(FAULTS["clock-jump"](clean(), rng()))}
    assert "clock-jump" in found
    assert not found & {"channel-gap", "missing-frames", "can-silence"}


def test_the_rate_is_held_against_the_declared_one():
    limits = CheckLimits(nominal_hz={"/camera/1": 15.0})
    (found,) = findings(clean(), limits)
    assert (found.check, found.channel) == ("rate-off", "/camera/1")
    assert found.value == pytest.approx(1 / 3, abs=0.01)


def test_a_channel_without_messages_is_told():
    base = clean()
    empty = Channel(name="/camera/9", sensor="camera", encoding="jpeg", messages=0)
    recording = replace(base.recording, channels=(*base.recording.channels, empty))
    found = {(item.check, item.channel) for item in findings(replace(base, recording=recording))}
    assert ("few-messages", "/camera/9") in found


def test_losses_do_not_hide_the_rhythm():
    steps = np.diff(np.arange(1000)[rng().random(1000) < 0.35]) * 100
    assert period_of(steps) == 100
    assert period_of(rng().exponential(100, 500)) == 0
    assert period_of(np.zeros(50, np.int64)) == 0


def test_no_rows_at_all_are_no_error():
    base = clean()
    empty = {name: getattr(base, name).slice(0, 0) for name in ("frames", "signals", "sweeps")}
    quiet = replace(base.recording, channels=(), calibrations=())
    assert findings(replace(base, recording=quiet, **empty)) == []


def test_rows_keep_their_keys_and_order():
    found = findings(FAULTS["few-messages"](clean(), rng()))
    rows = finding_rows(clean().recording.id, found[::-1], CheckLimits())
    assert rows.schema == CHECKS
    assert rows.equals(finding_rows(clean().recording.id, found, CheckLimits()))
    keys = rows.column("check_id").to_pylist()
    assert len(set(keys)) == len(keys) > 0
    assert all(key.startswith("clean/7.mcap/") for key in keys)


def test_a_broken_file_does_not_give_a_million_rows():
    one = only(FAULTS["channel-gap"](clean(), rng()), "channel-gap")
    many = [replace(one, start_ns=one.start_ns + at) for at in range(MOST + 50)]
    rows = finding_rows(clean().recording.id, many, CheckLimits())
    assert rows.num_rows == MOST
    assert rows.column("message")[MOST - 1].as_py().endswith("; 50 more are not told")
    assert rows.column("message")[MOST - 2].as_py() == one.message


def test_checks_can_be_turned_off_and_weighed():
    found = findings(FAULTS["no-clock"](FAULTS["salvaged"](clean(), rng()), rng()))
    limits = CheckLimits(off=("no-clock",), severity={"salvaged": "info"})
    rows = finding_rows(clean().recording.id, found, limits)
    assert set(rows.column("check").to_pylist()) == {"salvaged"}
    assert rows.column("severity").to_pylist() == ["info"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"gap_s": -1.0},
        {"gap_s": float("nan")},
        {"missing_share": 1.5},
        {"off": ["no-such"]},
        {"severity": {"frozen": "fatal"}},
        {"severity": {"no-such": "info"}},
        {"nominal_hz": {"/camera": 0}},
        {"nominal_hz": {"/camera": "fast"}},
        {"speed_low_mps": 90.0},
        {"black_level": 90.0},
        {"run_pictures": 0},
        {"gap_seconds": 1.0},
        {"gap_s": "long"},
    ],
)
def test_limits_that_make_no_sense_are_errors(wrong):
    with pytest.raises(InvalidConfig) as caught:
        limits_of(wrong, subject="limits.toml")
    assert caught.value.subject == "limits.toml"


def test_limits_come_from_toml(tmp_path: Path):
    path = tmp_path / "limits.toml"
    path.write_text('[checks]\ngap_s = 4\noff = ["frozen"]\n[checks.nominal_hz]\n"/cam" = 30\n')
    limits = read_limits(path)
    assert (limits.gap_s, limits.off, dict(limits.nominal_hz)) == (4.0, ("frozen",), {"/cam": 30})
    assert limits_of(asdict(limits) | {"off": list(limits.off)}, subject="again") == limits
    path.write_text("[events]\n")
    with pytest.raises(InvalidConfig, match=r"\[checks\]"):
        read_limits(path)
    with pytest.raises(InvalidConfig):
        read_limits(tmp_path / "none.toml")


def test_runs_are_found_at_both_ends():
    wrong = np.array([True, True, False, True, False, True])
    assert runs_of(wrong) == [(0, 1), (3, 3), (5, 5)]
    assert runs_of(wrong, least=2) == [(0, 1)]
    assert runs_of(np.zeros(0, bool)) == []
