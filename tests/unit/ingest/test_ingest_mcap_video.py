"""Videos in MCAP, a frame a message, as recorders of Foxglove write them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import xxhash
from mcap.writer import CompressionType, Writer

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.read_mcap import McapReader
from ringroad.media.export.ros2_types import DEFINITIONS
from ringroad.media.export.ros2_write import video_message
from ringroad.media.frames import read_decoded
from ringroad.media.messages.ros2 import VIDEO
from ringroad.media.video.annexb import annexb, stream_of
from ringroad.media.video.container import index_video
from ringroad.protocols.reader import Reading, ReadRequest

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import sequential, write_clip

START = 1_790_000_000_123_456_789
STEP = 50_000_000


class File:
    """Sources over one file."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()

    def read_range(self, source, offset, length, *, xxh3=None):
        found = self.data[offset : offset + length]
        assert xxh3 is None or xxhash.xxh3_64_intdigest(found) == xxh3
        return found

    def location(self, source):
        return None


def frames_of(folder: Path, name: str) -> tuple[str, list[tuple[int, bytes]], list[np.ndarray]]:
    """Codec, rank in time and bytes of each frame in decode order, and the pictures."""
    path = write_clip(folder / f"{name}.mp4", name, count=24)
    index, data = index_video(path), path.read_bytes()
    stream = stream_of(index.codec, index.extradata)
    rank = np.argsort(np.argsort(index.samples.pts)).tolist()
    places = zip(index.samples.offset, index.samples.size, index.samples.key, strict=True)
    bodies = [annexb(stream, data[at : at + size], key=bool(key)) for at, size, key in places]
    return index.codec, list(zip(rank, bodies, strict=True)), sequential(path)


def write(path: Path, topics: dict[str, tuple[str, list[tuple[int, bytes]]]], **options) -> Path:
    """Topic -> codec, and time in steps and bytes of its frames in the order of decoding."""
    with path.open("wb") as sink:
        file = Writer(sink, chunk_size=2048, **options)
        file.start(profile="ros2", library="test")
        schema = file.register_schema(VIDEO, "ros2msg", DEFINITIONS[VIDEO].encode())
        for topic, (codec, frames) in topics.items():
            channel = file.register_channel(topic, "cdr", schema)
            for number, (rank, body) in enumerate(frames):
                time_ns = START + rank * STEP
                said = video_message(time_ns, "camera", codec, body)
                file.add_message(channel, START + number * STEP, said, START + number * STEP)
        file.finish()
    return path


def read(path: Path) -> Reading:
    vehicle = vehicle_id("car")
    return McapReader().read(
        ReadRequest(
            path=path,
            source=digest_of(path.read_bytes()),
            recording=recording_id(vehicle, path.name),
            vehicle=vehicle,
            source_key=path.name,
        )
    )


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.ZSTD])
@pytest.mark.parametrize("name", ["h264_b_frames", "hevc_closed_gop"])
def test_every_frame_decodes_as_it_did(tmp_path, name, compression):
    codec, frames, pictures = frames_of(tmp_path, name)
    path = write(tmp_path / "a.mcap", {"/cam": (codec, frames)}, compression=compression)
    reading = read(path)
    assert reading.frames["time_ns"].to_pylist() == [START + at * STEP for at in range(24)]
    (channel,) = reading.recording.channels
    assert (channel.encoding, channel.width, channel.height) == (codec, 96, 64)
    found = read_decoded(File(path), InlineSandbox(), reading.frames, [*range(24)])
    np.testing.assert_array_equal(found, np.stack(pictures))


def test_cameras_of_two_codecs_in_one_file(tmp_path):
    topics, shown = {}, {}
    for topic, name in (("/left", "h264_b_frames"), ("/right", "hevc_closed_gop")):
        codec, frames, shown[topic] = frames_of(tmp_path, name)
        topics[topic] = (codec, frames)
    path = write(tmp_path / "a.mcap", topics)
    whole = read(path).frames
    for topic, pictures in shown.items():
        rows = whole.filter([name == topic for name in whole["channel"].to_pylist()])
        found = read_decoded(File(path), InlineSandbox(), rows, [5, 20])
        np.testing.assert_array_equal(found, np.stack([pictures[5], pictures[20]]))


def test_frames_before_the_first_key_frame_are_left_out_and_told(tmp_path):
    codec, frames, pictures = frames_of(tmp_path, "h264_b_frames")
    path = write(tmp_path / "a.mcap", {"/cam": (codec, frames[5:])})
    reading = read(path)
    times = reading.frames["time_ns"].to_pylist()
    assert times[0] == START + 12 * STEP
    assert any("7 frames refer to pictures that are not there" in note for note in reading.notes)
    found = read_decoded(File(path), InlineSandbox(), reading.frames, [0])
    np.testing.assert_array_equal(found[0], pictures[12])


def test_frames_behind_a_damaged_chunk_are_left_out_up_to_the_next_key_frame(tmp_path):
    codec, frames, pictures = frames_of(tmp_path, "h264_b_frames")
    plain = {"compression": CompressionType.NONE}
    path = write(tmp_path / "a.mcap", {"/cam": (codec, frames)}, **plain)
    lost = frames[3][1]
    data = path.read_bytes()
    at = data.index(lost) + len(lost) // 2
    path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
    reading = read(path)
    assert "damaged" in reading.recording.salvaged
    left = [(at - START) // STEP for at in reading.frames["time_ns"].to_pylist()]
    assert set(range(12, 24)) <= set(left)
    assert not {frames[3][0], frames[11][0]} & set(left)
    every = reading.frames["sequence"].to_pylist()
    found = read_decoded(File(path), InlineSandbox(), reading.frames, every)
    np.testing.assert_array_equal(found, np.stack([pictures[at] for at in left]))


@pytest.mark.parametrize("body", [b"", b"\0\0\0\1", b"no video at all", b"\0\0\1\x65\x88"])
def test_what_is_no_video_is_refused(tmp_path, body):
    path = write(tmp_path / "a.mcap", {"/cam": ("h264", [(0, body), (1, body)])})
    with pytest.raises(UnreadableSource, match="none of 2 messages holds a frame that decodes"):
        read(path)
