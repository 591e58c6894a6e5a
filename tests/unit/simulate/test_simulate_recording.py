"""Recordings: same seed, same bytes; read by others' readers and by ours; truth inside pictures."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory

from ringroad.curate.describe import condition_of
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.read_mcap import McapReader
from ringroad.media.pictures.images import decode_image
from ringroad.protocols.reader import ReadRequest
from ringroad.simulate.fleet import fleet_specs
from ringroad.simulate.recording import (
    CAMERA_TOPIC,
    RecordingSpec,
    SimulatedRecording,
    simulate_recording,
)

CONDITIONS = ("day", "dusk", "night")
CATEGORIES = {"car", "pedestrian", "cyclist", "sign", "light"}


def spec_of(condition: str = "day", seed: int = 11, duration_s: float = 4.0) -> RecordingSpec:
    return RecordingSpec(
        name=f"{condition}-{seed}",
        vehicle="fleet",
        condition=condition,
        seed=seed,
        duration_s=duration_s,
        rate_hz=2.0,
        start_ns=1_790_000_000_000_000_000,
    )


@pytest.fixture(scope="module")
def recordings() -> dict[str, SimulatedRecording]:
    return {condition: simulate_recording(spec_of(condition)) for condition in CONDITIONS}


def _pictures(recording: SimulatedRecording) -> list[np.ndarray]:
    reader = make_reader(io.BytesIO(recording.mcap), decoder_factories=[DecoderFactory()])
    return [
        decode_image(bytes(decoded.data))
        for _, _, _, decoded in reader.iter_decoded_messages(topics=[CAMERA_TOPIC])
    ]


def test_equal_specifications_give_equal_bytes_in_another_process(
    recordings: dict[str, SimulatedRecording],
) -> None:
    program = (
        "import hashlib\n"
        "from ringroad.simulate.recording import RecordingSpec, simulate_recording\n"
        f"made = simulate_recording({spec_of('night')!r})\n"
        "print(hashlib.sha256(made.mcap).hexdigest(), made.truth.num_rows)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    here = recordings["night"]
    assert told == [hashlib.sha256(here.mcap).hexdigest(), str(here.truth.num_rows)]


def test_another_seed_gives_another_recording(recordings: dict[str, SimulatedRecording]) -> None:
    other = simulate_recording(spec_of("day", seed=12))
    assert other.mcap != recordings["day"].mcap
    assert not other.truth.equals(recordings["day"].truth)


def test_the_official_reader_decodes_every_channel(
    recordings: dict[str, SimulatedRecording],
) -> None:
    reader = make_reader(io.BytesIO(recordings["day"].mcap), decoder_factories=[DecoderFactory()])
    seen: Counter[str] = Counter()
    last: dict[str, int] = {}
    for schema, channel, message, decoded in reader.iter_decoded_messages():
        assert schema is not None
        stamp = decoded.header.stamp
        assert stamp.sec * 10**9 + stamp.nanosec == message.log_time
        assert message.log_time >= last.get(channel.topic, 0)
        last[channel.topic] = message.log_time
        seen[channel.topic] += 1
    assert seen == {
        CAMERA_TOPIC: 8, "/imu": 80, "/gnss": 20, "/vehicle/motion": 80, "/vehicle/can": 80,
    }  # fmt: skip


def test_our_reader_finds_the_frames_that_the_truth_names(
    recordings: dict[str, SimulatedRecording], tmp_path: Path
) -> None:
    path = tmp_path / "day-11.mcap"
    path.write_bytes(recordings["day"].mcap)
    vehicle = vehicle_id("fleet")
    read = McapReader().read(
        ReadRequest(
            path=path,
            source=digest_of(recordings["day"].mcap),
            recording=recording_id(vehicle, path.name),
            vehicle=vehicle,
            source_key=path.name,
        )
    )
    truth = set(recordings["day"].truth["frame_id"].to_pylist())
    assert set(read.frames["frame_id"].to_pylist()) == truth
    assert len(truth) == 8


@pytest.mark.parametrize("condition", CONDITIONS)
def test_boxes_lie_inside_the_picture_and_name_known_categories(
    recordings: dict[str, SimulatedRecording], condition: str
) -> None:
    truth = recordings[condition].truth
    boxes = truth.filter(pc.not_equal(truth["category"], ""))
    x, y, w, h = (boxes[name].to_numpy() for name in "xywh")
    assert (x >= 0).all()
    assert (y >= 0).all()
    assert (x + w <= 640).all()
    assert (y + h <= 384).all()
    assert (w >= 7).all()
    assert (h >= 7).all()
    assert set(boxes["category"].to_pylist()) <= CATEGORIES
    assert len(boxes) > 20


def test_the_same_drive_has_the_same_boxes_by_day_and_by_night(
    recordings: dict[str, SimulatedRecording],
) -> None:
    def places(condition: str) -> pa.Table:
        return recordings[condition].truth.select(["category", "x", "y", "w", "h"])

    assert places("day").equals(places("night"))


def test_day_is_brighter_than_dusk_than_night_and_is_described_as_such(
    recordings: dict[str, SimulatedRecording],
) -> None:
    pictures = {name: _pictures(recording) for name, recording in recordings.items()}
    means = [float(np.mean(pictures[condition])) for condition in CONDITIONS]
    assert means[0] > means[1] > means[2]
    for condition, found in pictures.items():
        assert {condition_of(picture) for picture in found} == {condition}


def test_the_path_leads_ahead_and_lanes_stay_in_the_picture(
    recordings: dict[str, SimulatedRecording],
) -> None:
    lanes = recordings["day"].lanes.to_pylist()
    assert {row["kind"] for row in lanes} == {"lane", "path"}
    for row in lanes:
        points = np.array(row["points"]).reshape(-1, 2)
        assert ((points >= 0) & (points < (640, 384))).all()
    assert any(len(row["points"]) > 6 for row in lanes if row["kind"] == "path")


def test_an_unknown_condition_is_refused_by_name() -> None:
    with pytest.raises(UnknownName, match="fog"):
        simulate_recording(spec_of("fog"))


def test_no_two_recordings_of_a_fleet_share_seed_name_or_start() -> None:
    specs = fleet_specs(
        3, counts={"day": 300, "night": 300}, duration_s=1.0, rate_hz=1.0, start_ns=0
    )
    for name in ("seed", "name", "start_ns"):
        assert len({getattr(spec, name) for spec in specs}) == 600
    assert specs == fleet_specs(
        3, counts={"day": 300, "night": 300}, duration_s=1.0, rate_hz=1.0, start_ns=0
    )
