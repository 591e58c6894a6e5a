from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import SECOND_NS
from ringroad.media.video.container import (
    VideoIndex,
    container_of,
    decode_packets,
    hashed,
    index_video,
    presentation,
)
from ringroad.media.video.mp4 import Samples

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import moving, write_clip


def index_of(pts: list[int], keys: list[bool], timescale: int = 25) -> VideoIndex:
    """An index of packets of ten bytes that lie one behind the other."""
    count = len(pts)
    samples = Samples(
        offset=10 * np.arange(count),
        size=np.full(count, 10),
        pts=np.array(pts, np.int64),
        key=np.array(keys),
    )
    return VideoIndex(
        codec="hevc",
        extradata=b"",
        width=16,
        height=16,
        timescale=timescale,
        samples=samples,
        declared=count,
    )


def rows_of(index: VideoIndex) -> dict[str, np.ndarray]:
    return presentation(index, np.zeros(len(index.samples.pts), np.uint64))


def test_rows_stand_in_the_order_in_which_frames_are_shown():
    # Decode order I0 P3 B1 B2, then an open group: I6 B4 B5 (shown before I6), P7.
    index = index_of([0, 3, 1, 2, 6, 4, 5, 7], [True, *[False] * 3, True, *[False] * 3])
    rows = rows_of(index)
    assert rows["sequence"].tolist() == list(range(8))
    assert rows["position"].tolist() == [0, 2, 3, 1, 5, 6, 4, 7]
    assert rows["offset"].tolist() == [0, 20, 30, 10, 50, 60, 40, 70]
    assert rows["start_sequence"].tolist() == [0, 0, 0, 0, 0, 0, 6, 6]
    assert np.flatnonzero(rows["key"]).tolist() == [0, 6]


@given(
    steps=st.lists(st.integers(1, 10**7), min_size=1, max_size=20),
    first=st.integers(-(10**12), 10**12),
    timescale=st.integers(1, 2**32 - 1),
)
def test_times_are_the_nearest_nanosecond(steps, first, timescale):
    pts = (first + np.cumsum([0, *steps])).tolist()
    times = rows_of(index_of(pts, [True] * len(pts), timescale))["time_ns"].tolist()
    for time_ns, ticks in zip(times, pts, strict=True):
        assert abs(time_ns - Fraction((ticks - first) * SECOND_NS, timescale)) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\0\0\0\x18ftypisom", "mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mp4"),
        (b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"RIFF\0\0\0\0WAVEfmt ", ""),
        ((b"G" + bytes(187)) * 2, "MPEG transport stream"),
        (b"G" + bytes(300), ""),
        (b"", ""),
    ],
)
def test_containers_are_known_by_their_first_bytes(head, container):
    assert container_of(head) == container


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "a.mp4", "h264_all_key", count=4)


def packets_of(path: Path, index: VideoIndex) -> list[bytes]:
    data = path.read_bytes()
    places = zip(index.samples.offset, index.samples.size, strict=True)
    return [data[offset : offset + size] for offset, size in places]


def test_a_frame_is_decoded_to_the_size_that_is_asked_for(clip):
    index = index_video(clip)
    packets = packets_of(clip, index)
    pixels = decode_packets("h264", index.extradata, packets, [5, 6, 7, 8], [6, 8], (48, 32))
    assert pixels.shape == (2, 32, 48, 3)
    assert np.abs(pixels[1].mean() - moving(4)[3].mean()) < 12


def test_frames_that_do_not_come_out_are_counted(clip):
    index = index_video(clip)
    packets = packets_of(clip, index)
    packets[2] = bytes(len(packets[2]))
    with pytest.raises(UnreadableSource) as raised:
        decode_packets("h264", index.extradata, packets, [0, 1, 2, 3], [0, 2], None)
    assert raised.value.remedy
    with pytest.raises(UnreadableSource, match="1 of 2 frames did not decode") as raised:
        decode_packets("h264", index.extradata, packets[:2], [0, 1], [1, 3], None)
    assert raised.value.place == "frame 3"


@pytest.mark.parametrize("codec", ["mjpeg", "no_codec"])
def test_other_codecs_are_not_handed_to_a_decoder(codec):
    with pytest.raises(UnreadableSource, match=f"{codec} is not read"):
        decode_packets(codec, b"", [b"\xff\xd8\xff"], [0], [0], None)


def test_a_file_that_became_shorter_is_told(tmp_path, clip):
    index = index_video(clip)
    shorter = tmp_path / "a.mp4"
    shorter.write_bytes(clip.read_bytes()[: int(index.samples.offset[-1]) + 1])
    with pytest.raises(UnreadableSource, match="became shorter"):
        hashed(shorter, index.samples)
