from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.video.annexb import START, annexb, codec_of, is_key, stream_of, units
from ringroad.media.video.container import decode_packets, index_video

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import CLIPS, sequential, write_clip

NAMES = ["h264_b_frames", "h264_open_gop", "hevc_open_gop", "hevc_closed_gop", "hevc_10_bit"]


@pytest.mark.parametrize("name", NAMES)
def test_frames_decode_to_the_same_pictures_without_the_container(tmp_path, name):
    assert name in CLIPS
    path = write_clip(tmp_path / "a.mp4", name, count=20)
    index, data = index_video(path), path.read_bytes()
    stream = stream_of(index.codec, index.extradata)
    places = zip(index.samples.offset, index.samples.size, index.samples.key, strict=True)
    frames = [annexb(stream, data[at : at + size], key=bool(key)) for at, size, key in places]
    order = np.argsort(np.argsort(index.samples.pts)).tolist()
    found = decode_packets(index.codec, b"", frames, order, sorted(order), None)
    for ours, theirs in zip(found, sequential(path), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert [is_key(index.codec, frame) for frame in frames] == index.samples.key.tolist()
    assert {codec_of(frame) for frame in frames} == {index.codec}


def test_a_player_that_knows_nothing_of_us_reads_the_stream(tmp_path):
    path = write_clip(tmp_path / "a.mp4", "h264_b_frames", count=20)
    index, data = index_video(path), path.read_bytes()
    stream = stream_of(index.codec, index.extradata)
    places = zip(index.samples.offset, index.samples.size, index.samples.key, strict=True)
    raw = tmp_path / "a.h264"
    raw.write_bytes(
        b"".join(annexb(stream, data[at : at + size], key=bool(key)) for at, size, key in places)
    )
    with av.open(str(raw)) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    np.testing.assert_array_equal(np.stack(shown), np.stack(sequential(path)))


def test_parameter_sets_stand_behind_the_delimiter_and_once():
    sets = START + b"\x67sps" + START + b"\x68pps"
    stream = stream_of("h264", sets)
    picture = START + b"\x65idr"
    delimiter = START + b"\x09\xf0"
    assert annexb(stream, picture, key=True) == sets + picture
    assert annexb(stream, delimiter + picture, key=True) == delimiter + sets + picture
    assert annexb(stream, sets + picture, key=True) == sets + picture
    assert annexb(stream, picture, key=False) == picture


@given(
    parts=st.lists(st.tuples(st.integers(1, 31), st.binary(max_size=20)), min_size=1, max_size=6),
    long=st.booleans(),
)
def test_units_are_found_again(parts, long):
    code = START if long else START[1:]
    bodies = [bytes([kind]) + bytes(b | 1 for b in body) for kind, body in parts]
    data = b"".join(code + body for body in bodies)
    found = [(kind, data[begin:end]) for kind, begin, end in units("h264", data)]
    assert found == [(kind, body) for (kind, _), body in zip(parts, bodies, strict=True)]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@given(extradata=st.binary(min_size=1, max_size=60), packet=st.binary(max_size=60))
def test_damaged_bytes_have_one_error(codec, extradata, packet):
    is_key(codec, packet)
    codec_of(packet)
    with suppress(UnreadableSource):
        annexb(stream_of(codec, extradata), packet, key=True)
