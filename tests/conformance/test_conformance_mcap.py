from __future__ import annotations

from pathlib import Path

import mcap.reader
import numpy as np
import pyarrow.compute as pc
import pytest
from bags import FRONT, REAR, START_NS, STEP_NS, picture, write_bag
from mcap.writer import CompressionType
from mcap_ros2.decoder import DecoderFactory

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import DigestMismatch, UnreadableSource, UsageError
from ringroad.ingest import read_mcap
from ringroad.media.containers.mcap_index import index_mcap
from ringroad.media.frames import read_decoded, read_frames
from ringroad.media.pictures.images import decode_image
from ringroad.protocols.reader import Reading

IMAGE = "sensor_msgs/msg/CompressedImage"
ONE_CAMERA = {FRONT: IMAGE}
VEHICLE = {
    FRONT: IMAGE,
    "/imu": "sensor_msgs/msg/Imu",
    "/gnss": "sensor_msgs/msg/NavSatFix",
    "/motion": "geometry_msgs/msg/TwistStamped",
    "/can": "can_msgs/msg/Frame",
    "/vehicle/steering": "std_msgs/msg/Float32",
    "/words": "std_msgs/msg/String",
}
KINDS = {
    "chunks_plain": {},
    "chunks_lz4": {"compression": CompressionType.LZ4},
    "chunks_zstd": {"compression": CompressionType.ZSTD},
    "no_chunks": {"chunked": False},
    "no_index": {"indexed": False},
    "one_chunk": {"chunk_size": 1 << 20},
}


@pytest.fixture(params=sorted(KINDS))
def bag(request, tmp_path) -> Path:
    return write_bag(tmp_path / f"{request.param}.mcap", VEHICLE, **KINDS[request.param])


def series(reading: Reading, name: str) -> list[float]:
    rows = reading.signals.filter(pc.equal(reading.signals["name"], name))
    return rows["value"].to_pylist()


def peer_times(path: Path) -> dict[str, list[int]]:
    """Log times per channel by the official reader."""
    found: dict[str, list[int]] = {}
    with path.open("rb") as file:
        for _, channel, message in mcap.reader.make_reader(file).iter_messages():
            found.setdefault(channel.topic, []).append(message.log_time)
    return found


def test_our_index_is_what_the_official_reader_iterates(bag):
    index = index_mcap(bag)
    ours = {
        index.channels[number].topic: np.sort(messages.log_ns).tolist()
        for number, messages in index.messages.items()
    }
    assert ours == peer_times(bag)


def test_every_picture_by_random_access(bag, read, source):
    reading = read(bag, "mcap")
    order = np.random.Generator(np.random.PCG64(3)).permutation(30).tolist()
    pixels = read_decoded(source(bag), InlineSandbox(), reading.frames, order)
    for sequence, got in zip(order, pixels, strict=True):
        np.testing.assert_array_equal(got, decode_image(picture(sequence)))
    assert reading.frames["time_ns"].to_pylist() == [START_NS + n * STEP_NS for n in range(30)]
    assert set(reading.frames["width"].to_pylist()) == {64}
    assert reading.recording.salvaged == ""


def test_signals_are_those_of_the_official_decoder(bag, read):
    reading = read(bag, "mcap")
    said: dict[str, list[object]] = {}
    with bag.open("rb") as file:
        reader = mcap.reader.make_reader(file, decoder_factories=[DecoderFactory()])
        for _, channel, _, message in reader.iter_decoded_messages():
            said.setdefault(channel.topic, []).append(message)
    expected = {
        "imu.angular_velocity.z": [m.angular_velocity.z for m in said["/imu"]],
        "imu.linear_acceleration.x": [m.linear_acceleration.x for m in said["/imu"]],
        "gnss.latitude": [m.latitude for m in said["/gnss"]],
        "gnss.status": [m.status.status for m in said["/gnss"]],
        "speed": [m.twist.linear.x for m in said["/motion"]],
        "yaw_rate": [m.twist.angular.z for m in said["/motion"]],
        "steering": [m.data for m in said["/vehicle/steering"]],
        "can.0x025.bytes0-3": [
            int.from_bytes(bytes(m.data[:4]), "big") for m in said["/can"] if m.id == 0x25
        ],
        "can.0x026.bytes4-7": [
            int.from_bytes(bytes(m.data[4:]), "big") for m in said["/can"] if m.id == 0x26
        ],
    }
    got = {name: series(reading, name) for name in expected}
    assert got == expected
    assert {c.name: c.messages for c in reading.recording.channels} == dict.fromkeys(VEHICLE, 30)


def test_equal_files_give_equal_rows(tmp_path, read):
    """How a file is chunked and compressed shows in where bytes lie, and nowhere else."""
    where = {"source", "offset", "length", "compression", "chunk_offset", "chunk_length"}
    told = []
    for name, options in KINDS.items():
        (tmp_path / name).mkdir()
        reading = read(write_bag(tmp_path / name / "a.mcap", VEHICLE, **options), "mcap")
        told.append((reading.frames.drop_columns([*where]), reading.signals))
    for frames, signals in told[1:]:
        assert frames.equals(told[0][0])
        assert signals.equals(told[0][1])


def test_two_cameras(tmp_path, read, source):
    path = write_bag(tmp_path / "two.mcap", {FRONT: IMAGE, REAR: IMAGE}, count=6)
    frames = read(path, "mcap").frames
    assert frames["channel"].to_pylist() == [FRONT] * 6 + [REAR] * 6
    ids = [f"car/two.mcap/%2Fcamera%2F{name}/{n:06d}" for n in (4, 0) for name in ("rear", "front")]
    pixels = read_frames(source(path), InlineSandbox(), frames, ids, size=(32, 24))
    again = read_frames(source(path), InlineSandbox(), frames, ids[::-1], size=(32, 24))
    np.testing.assert_array_equal(pixels, again[::-1])
    np.testing.assert_array_equal(pixels[0], pixels[1])  # equal pictures on both
    assert not np.array_equal(pixels[0], pixels[2])
    with pytest.raises(UsageError, match="several channels"):
        read_decoded(source(path), InlineSandbox(), frames, [0])


def test_a_broken_chunk_is_left_out_and_told(tmp_path, read, source):
    path = write_bag(tmp_path / "whole.mcap", VEHICLE)
    whole = read(path, "mcap")
    chunks = index_mcap(path).chunks
    data = bytearray(path.read_bytes())
    data[chunks[2].records + chunks[2].length // 2] ^= 1
    broken = tmp_path / "whole.mcap"
    broken.write_bytes(data)
    reading = read(broken, "mcap")
    lost = whole.frames.num_rows - reading.frames.num_rows
    assert 0 < lost < 15
    assert f"1 of {len(chunks)} chunks are damaged" in reading.recording.salvaged
    assert f"{FRONT} lost {lost} messages, {lost * 0.1:.2f} s" in reading.recording.salvaged
    assert any("does not match its checksum" in note for note in reading.notes)
    kept = set(reading.frames["frame_id"].to_pylist())
    rows = whole.frames.filter(
        pc.is_in(whole.frames["frame_id"], value_set=reading.frames["frame_id"].combine_chunks())
    )
    assert kept < set(whole.frames["frame_id"].to_pylist())
    assert rows["time_ns"].to_pylist() == reading.frames["time_ns"].to_pylist()
    last = reading.frames["sequence"].to_pylist()[-1:]
    pixels = read_decoded(source(broken), InlineSandbox(), reading.frames, last)
    np.testing.assert_array_equal(pixels[0], decode_image(picture(29)))


@pytest.mark.parametrize("kind", ["chunks_plain", "chunks_zstd", "chunks_lz4"])
def test_chunks_that_are_not_there(tmp_path, read, kind):
    path = write_bag(tmp_path / "bag.mcap", ONE_CAMERA, **KINDS[kind])
    data = bytearray(path.read_bytes())
    for chunk in index_mcap(path).chunks[1:3]:
        data[chunk.start : chunk.end] = bytes(chunk.end - chunk.start)
    path.write_bytes(data)
    reading = read(path, "mcap")
    assert "2 of" in reading.recording.salvaged
    assert 0 < reading.frames.num_rows < 30


def test_a_file_of_broken_chunks_is_refused(tmp_path, read):
    path = write_bag(tmp_path / "bag.mcap", ONE_CAMERA)
    data = bytearray(path.read_bytes())
    for chunk in index_mcap(path).chunks:
        data[chunk.records + 50] ^= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableSource, match="chunks are damaged"):
        read(path, "mcap")


@pytest.mark.parametrize("kind", ["chunks_plain", "chunks_zstd", "no_chunks"])
def test_a_file_cut_off_keeps_its_whole_chunks(tmp_path, read, source, kind):
    path = write_bag(tmp_path / "bag.mcap", VEHICLE, **KINDS[kind])
    data = path.read_bytes()
    whole = read(path, "mcap")
    path.write_bytes(data[: len(data) * 2 // 3])
    reading = read(path, "mcap")
    kept = reading.frames.num_rows
    assert 10 < kept < 25
    assert reading.frames["time_ns"].to_pylist() == whole.frames["time_ns"].to_pylist()[:kept]
    assert "cut off before its index was written" in reading.recording.salvaged
    if kind != "no_chunks":
        assert f"{FRONT} lost at least 0." in reading.recording.salvaged
    pixels = read_decoded(source(path), InlineSandbox(), reading.frames, [kept - 1])
    np.testing.assert_array_equal(pixels[0], decode_image(picture(kept - 1)))


def test_a_file_cut_off_at_once_is_refused(tmp_path, read):
    path = write_bag(tmp_path / "bag.mcap", ONE_CAMERA)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UnreadableSource, match="holds no message: the file was cut off"):
        read(path, "mcap")


def test_a_file_of_words_is_refused(tmp_path, read):
    path = write_bag(tmp_path / "bag.mcap", {"/words": "std_msgs/msg/String"})
    with pytest.raises(UnreadableSource, match="std_msgs/msg/String") as raised:
        read(path, "mcap")
    assert "CompressedImage" in raised.value.remedy


def test_stamps_are_taken_for_time_while_the_clocks_agree(tmp_path, read):
    near = read(write_bag(tmp_path / "near.mcap", ONE_CAMERA, late_ns=40_000_000), "mcap")
    assert near.frames["time_ns"][0].as_py() == START_NS
    far = read(write_bag(tmp_path / "far.mcap", ONE_CAMERA, late_ns=90 * 10**9), "mcap")
    assert far.frames["time_ns"][0].as_py() == START_NS + 90 * 10**9
    assert any("clock" in note for note in far.notes)


@pytest.mark.parametrize("kind", ["chunks_plain", "chunks_zstd"])
def test_a_picture_that_changed_after_ingest_is_not_given_out(tmp_path, read, source, kind):
    path = write_bag(tmp_path / "bag.mcap", ONE_CAMERA, **KINDS[kind])
    frames = read(path, "mcap").frames
    other = write_bag(tmp_path / "other.mcap", ONE_CAMERA, **KINDS[kind])
    data = bytearray(other.read_bytes())
    row = frames.slice(3, 1).to_pylist()[0]
    plain = row["chunk_offset"] < 0
    begin = row["offset"] if plain else row["chunk_offset"] + 100
    for at in range(
        begin + 200, begin + (row["length"] if plain else row["chunk_length"] - 200), 90
    ):
        data[at] ^= 255
    other.write_bytes(data)
    with pytest.raises((DigestMismatch, UnreadableSource), match="frames 3 to 3"):
        read_decoded(source(other), InlineSandbox(), frames, [3])


def test_signals_stay_a_small_share_of_the_source(tmp_path, read, monkeypatch):
    path = write_bag(tmp_path / "bag.mcap", VEHICLE, count=60)
    assert len(series(read(path, "mcap"), "imu.angular_velocity.x")) == 60
    monkeypatch.setattr(read_mcap, "LANE_RATE_HZ", 2.0)
    reading = read(path, "mcap")
    assert len(series(reading, "imu.angular_velocity.x")) == 12  # 10 Hz to 2
    assert any("thinned" in note for note in reading.notes)
