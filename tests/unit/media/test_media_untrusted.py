"""Whatever lies in a file, a reader answers, or refuses with one clear error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.containers.mcap_index import index_mcap
from ringroad.media.messages.mcap import damaged_chunks, find_images, look, read_values, without
from ringroad.media.messages.ros2 import IMAGE, READERS
from ringroad.media.video.container import index_video

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from bags import write_bag
from clips import write_clip

EDITS = st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), min_size=1, max_size=8)
SMALL = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "a.mp4", "h264_moov_first", count=8)


@pytest.fixture(scope="module")
def fragments(tmp_path_factory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "a.mp4", "h264_fragmented", count=16)


@pytest.fixture(scope="module")
def bag(tmp_path_factory) -> Path:
    channels = {"/a": IMAGE, "/b": "sensor_msgs/msg/Imu"}
    return write_bag(tmp_path_factory.mktemp("bag") / "a.mcap", channels, count=6)


def edited(data: bytes, edits: list[tuple[float, int]], begin: int, end: int) -> bytes:
    changed = bytearray(data)
    for share, value in edits:
        changed[begin + int(share * (end - begin))] = value
    return bytes(changed)


def answer(read: Callable[[Path], object], path: Path) -> object | None:
    """What the reader finds, or None where it refuses and says what to do."""
    try:
        return read(path)
    except UnreadableSource as refusal:
        if not refusal.remedy:
            raise AssertionError("a refusal without a remedy") from refusal
        return None


def read_whole(path: Path) -> int:
    """All that ingest does with an MCAP file; how many channels were read."""
    index = index_mcap(path)
    index = without(index, sorted(damaged_chunks(path, index)))
    read = 0
    for number in index.messages:
        channel = index.channels.get(number)
        if channel is not None and channel.kind == IMAGE:
            images = find_images(path, index, number)
            assert len(look(path, index, images).xxh3) == len(images.offset)
            read += 1
        elif channel is not None and channel.kind in READERS:
            read += bool(read_values(path, index, number))
    return read


@SMALL
@given(edits=EDITS)
def test_a_damaged_index_of_a_video(tmp_path, video, edits):
    path = tmp_path / "a.mp4"
    data = video.read_bytes()
    path.write_bytes(edited(data, edits, 0, data.index(b"mdat")))
    index = answer(index_video, path)
    if index is not None:
        samples = index.samples
        assert len(samples.pts)
        assert (samples.offset + samples.size <= len(data)).all()
        assert (samples.offset >= 0).all()


@SMALL
@given(edits=EDITS)
def test_damaged_fragments(tmp_path, fragments, edits):
    path = tmp_path / "a.mp4"
    data = fragments.read_bytes()
    path.write_bytes(edited(data, edits, 0, len(data)))
    index = answer(index_video, path)
    assert index is None or len(index.samples.pts)


@SMALL
@given(edits=EDITS, cut=st.one_of(st.none(), st.floats(0, 1)))
def test_a_damaged_mcap(tmp_path, bag, edits, cut):
    path = tmp_path / "a.mcap"
    whole = bag.read_bytes()
    data = edited(whole, edits, 8, len(whole))
    path.write_bytes(data if cut is None else data[: int(cut * len(data))])
    answer(read_whole, path)


@SMALL
@given(edits=EDITS)
def test_a_damaged_summary_of_an_mcap(tmp_path, bag, edits):
    """Its checksum does not hold, so the records are walked and nothing is lost."""
    path = tmp_path / "a.mcap"
    data = bag.read_bytes()
    path.write_bytes(edited(data, edits, len(data) - 500, len(data) - 60))
    assert answer(read_whole, path) == 2
