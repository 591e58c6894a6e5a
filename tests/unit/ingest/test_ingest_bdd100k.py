from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.layout_bdd100k import Bdd100kLayout
from ringroad.media.pictures.images import encode_jpeg

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import write_clip
from layouts import read_folder

PICTURE = encode_jpeg(np.zeros((8, 16, 3), np.uint8))
NAME = "0000f77c-6257be58"
START_MS = 1_503_828_163_000
INFO = {
    "rideID": "r",
    "startTime": START_MS,
    "endTime": START_MS + 40_000,
    "locations": [
        {"timestamp": START_MS + 1000 * n, "latitude": 40.5, "longitude": -74, "speed": n - 1.0}
        for n in range(3)
    ],
    "gyro": [{"timestamp": START_MS + 20, "x": 0.1, "y": 0.2, "z": 0.3}],
    "accelerometer": [{"timestamp": START_MS + 20, "x": -1.0, "y": 0.0, "z": None}, {"x": 1}, 7],
}


@pytest.fixture
def data_set(tmp_path) -> Path:
    for name in ("videos/train", "info/100k/train", "images/100k/val", "images/track/val/a"):
        (tmp_path / name).mkdir(parents=True)
    write_clip(tmp_path / f"videos/train/{NAME}.mov", "h264_b_frames", count=8)
    (tmp_path / f"info/100k/train/{NAME}.json").write_text(json.dumps(INFO))
    for number in range(3):
        still = f"images/100k/val/cb5903ec-ab4d55f{number}.jpg"
        (tmp_path / still).write_bytes(PICTURE)
        track = f"images/track/val/a/{NAME}-000000{number + 1}.jpg"
        (tmp_path / track).write_bytes(PICTURE)
    return tmp_path


def test_a_video_is_a_recording_with_its_signals(data_set):
    found = {item.source.source_key: item for item in read_folder(data_set)}
    assert [*found] == ["videos/train/" + NAME, "images/100k/val", "images/track/val/a"]
    reading = found[f"videos/train/{NAME}"].reading
    assert reading.recording.container == "bdd100k"
    assert reading.recording.clock == "recorded"
    assert reading.frames.num_rows == 8
    assert reading.frames["time_ns"][0].as_py() == START_MS * 1_000_000
    assert len(found[f"videos/train/{NAME}"].bytes_of(reading.frames)) == 8
    rows = reading.signals.to_pylist()
    speeds = {row["time_ns"]: row["value"] for row in rows if row["name"] == "gnss.speed"}
    assert speeds == {(START_MS + 1000 * n) * 1_000_000: n - 1.0 for n in (1, 2)}
    assert {row["unit"] for row in rows if row["channel"] == "info/accelerometer"} == {"g"}
    assert sum(row["name"].startswith("phone.acceleration") for row in rows) == 2
    assert "accelerometer: 2 entries without a time" in "\n".join(reading.notes)
    last = (START_MS + 2000) * 1_000_000
    assert reading.recording.start_ns + reading.recording.duration_ns == last


def test_stills_are_recordings_without_a_clock(data_set):
    _, stills, track = read_folder(data_set)
    assert stills.reading.frames["time_ns"].to_pylist() == [0, 10**9, 2 * 10**9]
    assert track.reading.frames["time_ns"].to_pylist() == [0, 2 * 10**8, 4 * 10**8]
    assert stills.bytes_of(stills.reading.frames) == [PICTURE] * 3
    assert stills.reading.recording.clock == "declared"
    assert "their order says nothing" in stills.reading.notes[0]


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (b"{", "is no JSON"),
        (b"[" * 200_000, "is no JSON"),
        (b"[]", "is no JSON object"),
        (b'{"startTime": 1e300}', "no startTime"),
        (b'{"startTime": "now", "locations": {}}', "no startTime"),
    ],
)
def test_a_damaged_info_leaves_the_video(data_set, info, said):
    (data_set / f"info/100k/train/{NAME}.json").write_bytes(info)
    video, *_ = read_folder(data_set)
    assert video.reading.frames.num_rows == 8
    assert said in "\n".join(video.reading.notes)


def test_a_video_without_info_is_read_and_a_damaged_one_refused(data_set):
    (data_set / f"info/100k/train/{NAME}.json").unlink()
    video, *_ = read_folder(data_set)
    assert video.reading.recording.clock == "declared"
    assert "no info lies in" in "\n".join(video.reading.notes)
    (data_set / f"videos/train/{NAME}.mov").write_bytes(b"no video at all")
    with pytest.raises(UnreadableSource) as raised:
        read_folder(data_set)
    assert NAME in raised.value.place


def test_other_folders_are_not_ours(tmp_path):
    (tmp_path / "videos/train").mkdir(parents=True)
    (tmp_path / "videos/train/holiday.mov").write_bytes(b"")
    (tmp_path / "images").mkdir()
    (tmp_path / "images/beach.jpg").write_bytes(PICTURE)
    assert Bdd100kLayout().find(tmp_path) == ()
    assert Bdd100kLayout().find(tmp_path / "images") == ()
    assert Bdd100kLayout().find(tmp_path / "none") == ()


def test_real_stills_read_with_every_count(test_data):
    (found,) = read_folder(test_data / "bdd_stills")
    assert found.source.reader == "bdd100k"
    assert found.reading.frames.num_rows == 7
    assert set(found.reading.frames["width"].to_pylist()) == {1280}
    assert len(found.bytes_of(found.reading.frames)) == 7
