"""Videos a frame a message, encoded by x264 and x265 and written by mcap-ros2-support."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import CompressionType

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.media.frames import read_decoded

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import (
    START_NS,
    STEP_NS,
    VIDEO,
    Message,
    OneFile,
    annexb_frames,
    decoded,
    read,
    stamp,
    write_ros2,
)

COUNT, GROUP = 24, 8


def said(frames: list[bytes], first: int = 0) -> list[Message]:
    return [
        (
            "/cam/video", VIDEO, START_NS + number * STEP_NS + 11,
            {
                "timestamp": stamp(START_NS + number * STEP_NS),
                "frame_id": "cam", "data": data, "format": "h264",
            },
        )
        for number, data in enumerate(frames)
        if number >= first
    ]  # fmt: skip


@pytest.fixture(scope="module", params=["h264", "hevc"])
def stream(request) -> tuple[str, list[bytes]]:
    return request.param, annexb_frames(request.param, COUNT)


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.ZSTD])
def test_any_frame_is_what_sequential_decoding_gives(
    tmp_path: Path, stream: tuple[str, list[bytes]], compression: CompressionType
) -> None:
    codec, frames = stream
    path = write_ros2(tmp_path / "a.mcap", said(frames), compression)
    reading = read(path)
    rows = reading.frames
    assert rows["encoding"].to_pylist() == [codec] * COUNT
    assert np.flatnonzero(rows["key"].to_numpy()).tolist() == [*range(0, COUNT, GROUP)]
    starts = [number - number % GROUP for number in range(COUNT)]
    assert rows["start_sequence"].to_pylist() == starts
    assert rows["time_ns"].to_pylist() == [START_NS + n * STEP_NS for n in range(COUNT)]
    (channel,) = reading.recording.channels
    assert (channel.width, channel.height, channel.messages) == (96, 64, COUNT)
    whole = decoded(codec, frames)
    for wanted in ([0], [COUNT - 1], [9, 2, 17], [*range(COUNT)]):
        found = read_decoded(OneFile(path), InlineSandbox(), rows, wanted)
        for pixels, number in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(pixels, whole[number])


def test_a_stream_joined_in_the_middle_starts_at_its_first_key_frame(
    tmp_path: Path, stream: tuple[str, list[bytes]]
) -> None:
    codec, frames = stream
    path = write_ros2(tmp_path / "a.mcap", said(frames, first=3))
    reading = read(path)
    assert len(reading.frames) == COUNT - GROUP
    assert reading.frames["time_ns"][0].as_py() == START_NS + GROUP * STEP_NS
    assert "5 frames refer to pictures that are not there: left out" in " / ".join(reading.notes)
    whole = decoded(codec, frames)
    found = read_decoded(OneFile(path), InlineSandbox(), reading.frames, [0, 4])
    np.testing.assert_array_equal(found[0], whole[GROUP])
    np.testing.assert_array_equal(found[1], whole[GROUP + 4])


def test_a_stream_without_a_key_frame_is_refused(
    tmp_path: Path, stream: tuple[str, list[bytes]]
) -> None:
    path = write_ros2(tmp_path / "a.mcap", said(stream[1][1:GROUP]))
    with pytest.raises(UnreadableSource, match="none of 7 messages holds a frame"):
        read(path)


@pytest.mark.parametrize("junk", [b"", b"\0\0\1", b"\0" * 4000, b"\x82\x49\x83\x42\0" * 99])
def test_other_codecs_and_rubbish_are_refused(tmp_path: Path, junk: bytes) -> None:
    with pytest.raises(UnreadableSource):
        read(write_ros2(tmp_path / "a.mcap", said([junk] * 3)))
