"""Channel maps: drafted from a recording, read back, applied."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from ringroad.domain.errors import InvalidConfig
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.channel_map import DOUBT, applied, draft, parse
from ringroad.ingest.read_mcap import McapReader
from ringroad.protocols.reader import Reading, ReadRequest
from ringroad.simulate.recording import RecordingSpec, simulate_recording


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    spec = RecordingSpec(
        name="r", vehicle="car", condition="day", seed=1, duration_s=1.0, rate_hz=10.0,
        start_ns=10**18, width=160, height=96,
    )  # fmt: skip
    path: Path = tmp_path_factory.mktemp("map") / "r.mcap"
    path.write_bytes(simulate_recording(spec).mcap)
    vehicle = vehicle_id("car")
    return McapReader().read(
        ReadRequest(
            path=path,
            source=digest_of(path.read_bytes()),
            recording=recording_id(vehicle, "r.mcap"),
            vehicle=vehicle,
            source_key="r.mcap",
        )
    )


def test_a_draft_changes_nothing_and_marks_doubts(reading: Reading) -> None:
    text = draft(reading)
    listed = [entry["channel"] for entry in tomllib.loads(text)["channels"]]
    assert listed == [channel.name for channel in reading.recording.channels]
    assert f"{DOUBT} where it sits on the vehicle is not known" in text
    again = applied(reading, parse(text))
    assert again.recording == reading.recording
    assert again.frames.equals(reading.frames)
    assert again.signals.equals(reading.signals)


def test_a_map_names_moves_scales_calibrates_and_leaves_out(reading: Reading) -> None:
    rules = parse("""
        [[channels]]
        channel = "/camera/front"
        name = "front"
        offset_ns = -5
        calibration = { translation_m = [1.5, 0, 1.4], rotation = [1, 0, 0, 0] }
        [[channels]]
        channel = "/vehicle/motion"
        signals.speed = { name = "velocity", unit = "km/h", scale = 3.6 }
        [[channels]]
        channel = "/imu"
        keep = false
    """)
    found = applied(reading, rules)
    names = [channel.name for channel in found.recording.channels]
    assert "front" in names
    assert "/imu" not in names
    assert set(found.frames["frame_id"].to_pylist()) == {
        f"car/r.mcap/front/{number:06d}" for number in range(10)
    }
    moved = found.frames["time_ns"].to_numpy() - reading.frames["time_ns"].to_numpy()
    assert set(moved.tolist()) == {-5}
    (pose,) = found.recording.calibrations
    assert (pose.channel, pose.translation_m) == ("front", (1.5, 0.0, 1.4))
    assert found.recording.start_ns == reading.recording.start_ns - 5
    kept = {(row["channel"], row["name"], row["unit"]) for row in found.signals.to_pylist()}
    assert ("/vehicle/motion", "velocity", "km/h") in kept
    assert not any(channel == "/imu" for channel, _, _ in kept)
    old = [r["value"] for r in reading.signals.to_pylist() if r["name"] == "speed"]
    new = [r["value"] for r in found.signals.to_pylist() if r["name"] == "velocity"]
    np.testing.assert_allclose(new, np.array(old) * 3.6)


def test_a_channel_that_is_not_there_is_noted(reading: Reading) -> None:
    found = applied(reading, parse('[[channels]]\nchannel = "/lidar"\n'))
    assert any("/lidar" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[channels]]\nchannel = 'a'\nsenzor = 'camera'", "senzor"),
        ("[[channels]]\nchannel = 'a'\nsensor = 'nose'", "nose"),
        ("[[channels]]\nname = 'a'", "names no channel"),
        ("[[channels]]\nchannel = 'a'\n[[channels]]\nchannel = 'a'", "two rules"),
        ("[[channels]]\nchannel = 'a'\ncalibration = { rotation = [1, 0] }", "4 numbers"),
        ("[[channels]]\nchannel = 'a'\nsignals.v = { scale = inf }", "no number"),
        ("channels = 3", "no channel map"),
        ("[[channels]", "no channel map"),
    ],
)
def test_a_wrong_map_is_one_clear_error(text: str, said: str) -> None:
    with pytest.raises(InvalidConfig, match=said) as raised:
        parse(text, subject="map.toml")
    assert raised.value.subject == "map.toml"


def test_two_channels_of_one_name_are_refused(reading: Reading) -> None:
    rules = parse('[[channels]]\nchannel = "/imu"\nname = "/gnss"\n')
    with pytest.raises(InvalidConfig, match="one name"):
        applied(reading, rules)
