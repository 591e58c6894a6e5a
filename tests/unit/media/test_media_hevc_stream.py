from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.media.video.container import decode_packets, hashed, presentation
from ringroad.media.video.hevc_stream import index_hevc_stream

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import sequential, write_clip


def test_any_frame_of_a_stream_decodes_from_its_key_frame(tmp_path):
    path = write_clip(tmp_path / "a.hevc", "hevc_stream", count=30)
    index, whole = index_hevc_stream(path), sequential(path)
    columns = presentation(index, hashed(path, index.samples))
    assert columns["sequence"].tolist() == columns["position"].tolist() == list(range(30))
    assert columns["offset"][0] == 0
    assert columns["offset"][-1] + columns["length"][-1] == path.stat().st_size
    assert (index.width, index.height) == (96, 64)
    assert columns["key"].sum() == 4
    data = path.read_bytes()
    packets = [
        data[begin : begin + size]
        for begin, size in zip(columns["offset"], columns["length"], strict=True)
    ]
    for wanted in (0, 7, 13, 29):
        start = int(columns["start_sequence"][wanted])
        labels = list(range(start, wanted + 1))
        (pixels,) = decode_packets(
            "hevc", index.extradata, packets[start : wanted + 1], labels, [wanted], None
        )
        np.testing.assert_array_equal(pixels, whole[wanted])


@pytest.mark.parametrize("kept", [slice(0), slice(0, 40), slice(-60, None)])
def test_what_does_not_begin_with_a_key_frame_is_refused(tmp_path, kept):
    path = write_clip(tmp_path / "a.hevc", "hevc_stream", count=8)
    path.write_bytes(path.read_bytes()[kept])
    with pytest.raises(UnreadableSource, match=r"is no HEVC stream|does not begin with a frame"):
        index_hevc_stream(path)


def test_frames_that_are_not_stored_as_they_are_shown_are_refused(tmp_path):
    path = write_clip(tmp_path / "a.hevc", "hevc_stream_b_frames", count=12)
    with pytest.raises(UnreadableSource, match="another order"):
        index_hevc_stream(path)
