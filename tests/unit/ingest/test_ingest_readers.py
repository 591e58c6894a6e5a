from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import xxhash

from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.reading import read_source
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.schemas import FRAMES, SIGNALS
from ringroad.media.video.container import decoder_of
from ringroad.protocols.reader import ReadRequest

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from bags import write_bag
from clips import write_clip


def request(path: Path, **more) -> ReadRequest:
    return ReadRequest(
        path=path,
        source=digest_of(path.name.encode()),
        recording=recording_id(vehicle_id("car"), path.name),
        vehicle=vehicle_id("car"),
        source_key=path.name,
        **more,
    )


@pytest.fixture(scope="module")
def sandbox():
    sandbox = SpawnSandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def pictures(tmp_path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        data = encode_jpeg(np.full((16, 24 + 8 * (number == 2), 3), 60 * number, np.uint8))
        (folder / f"{number}.jpg").write_bytes(data)
    (folder / "1.jpg").write_bytes(b"\xff\xd8\xff nothing")
    return folder


def test_pictures_lie_one_behind_the_other_and_a_bad_one_leaves_a_gap(pictures):
    files = tuple(sorted(path.name for path in pictures.iterdir()))
    reading = read_source("images", request(pictures, files=files, rate_hz=2.0))
    rows = reading.frames.to_pylist()
    whole = b"".join((pictures / name).read_bytes() for name in files)
    assert [row["sequence"] for row in rows] == [0, 2, 3]
    assert [row["time_ns"] for row in rows] == [0, 1_000_000_000, 1_500_000_000]
    assert [row["width"] for row in rows] == [24, 32, 24]
    for row in rows:
        data = whole[row["offset"] : row["offset"] + row["length"]]
        assert data == (pictures / f"{row['sequence']}.jpg").read_bytes()
        assert row["xxh3"] == xxhash.xxh3_64_intdigest(data)
    assert any(
        note.startswith("1 files are no pictures") and "1.jpg" in note for note in reading.notes
    )
    assert reading.recording.clock == "declared"
    assert reading.recording.channels[0].width == 24


def test_a_folder_without_one_picture_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(UnreadableSource, match=r"none of 1 files is a picture: a\.jpg"):
        read_source("images", request(tmp_path, files=("a.jpg",)))


def test_readings_come_whole_out_of_the_sandbox(tmp_path, pictures, sandbox):
    video = write_clip(tmp_path / "a.mp4", "hevc_open_gop")
    csv = tmp_path / "signals.csv"
    csv.write_text("time_s,speed_mps\n0,3\n0.1,4\nx,5\n")
    bag = write_bag(tmp_path / "a.mcap", {"/camera": "sensor_msgs/msg/CompressedImage"}, count=4)
    for reader, asked in {
        "video": request(video, signals=csv, start_ns=5),
        "mcap": request(bag),
        "images": request(pictures, files=("0.jpg", "3.jpg")),
    }.items():
        inside, here = sandbox.call(read_source, reader, asked), read_source(reader, asked)
        assert inside.recording == here.recording
        assert inside.notes == here.notes
        assert inside.cuts == here.cuts
        assert inside.frames.equals(here.frames, check_metadata=True)
        assert inside.signals.equals(here.signals)
        assert inside.frames.schema.equals(FRAMES)
        assert inside.signals.schema.equals(SIGNALS)


def test_a_video_carries_its_signals_and_its_decoder(tmp_path):
    csv = tmp_path / "signals.csv"
    csv.write_text("time_s,speed_mps\n0,3\n0.1,4\nx,5\n")
    video = write_clip(tmp_path / "a.mp4", "h264_b_frames")
    reading = read_source("video", request(video, signals=csv, start_ns=5))
    assert reading.signals["time_ns"].to_pylist() == [5, 100_000_005]
    assert reading.frames["time_ns"][0].as_py() == 5
    assert [channel.name for channel in reading.recording.channels] == ["camera", "signals"]
    assert any("line 4" in note for note in reading.notes)
    codec, extradata = decoder_of(reading.frames)
    assert codec == "h264"
    assert extradata[0] == 1  # avcC


def test_an_error_of_a_reader_names_the_file(tmp_path):
    with pytest.raises(UnreadableSource, match="FileNotFoundError") as raised:
        read_source("video", request(tmp_path / "gone.mp4"))
    assert "gone.mp4" in raised.value.subject


def test_a_refusal_crosses_the_sandbox(tmp_path, sandbox):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0")
    with pytest.raises(UnreadableSource, match="moov"):
        sandbox.call(read_source, "video", request(path))
