from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from clips import CLIPS, sequential, write_clip

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import Location
from ringroad.domain.time import SECOND_NS
from ringroad.media.frames import iterate_decoded, read_decoded
from ringroad.media.video.container import index_video
from ringroad.protocols.reader import Reading
from ringroad.store.copying import copy_in
from ringroad.store.identify import identify
from ringroad.store.sources import PlacedSources

REAL = [
    "video/udacity_solidWhiteRight_960x540_25fps.mp4",
    "video/udacity_test_video_1280x720_25fps.mp4",
    "video/udacity_project_video_0-8s_1280x720_25fps.mp4",
    "kitti_raw_drive/image_02_frames_0000-0047_10hz_1242x374.hevc.mp4",
]


@pytest.fixture(scope="session", params=sorted(CLIPS))
def clip(request, tmp_path_factory) -> Path:
    suffix = CLIPS[request.param][3]
    return write_clip(tmp_path_factory.mktemp("clips") / f"{request.param}.{suffix}", request.param)


def packets(path: Path) -> list[tuple[int, int, int, bool]]:
    """What a demuxer says of every packet: offset, size, pts from the first one, key."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        found = [
            (packet.pos, packet.size, packet.pts, packet.is_keyframe)
            for packet in container.demux(stream)
            if packet.size
        ]
    first = min(pts for _, _, pts, _ in found)
    return [(offset, size, pts - first, key) for offset, size, pts, key in found]


def own_packets(path: Path) -> list[tuple[int, int, int, bool]]:
    samples = index_video(path).samples
    first = samples.pts.min()
    columns = (samples.offset, samples.size, samples.pts - first, samples.key)
    return list(zip(*(part.tolist() for part in columns), strict=True))


def in_random_order(path: Path, reading: Reading, source, *, piece: int) -> None:
    """Each frame equals what decoding from the start gives, whatever is asked for with it."""
    expected = sequential(path)
    order = np.random.Generator(np.random.PCG64(5)).permutation(reading.frames.num_rows).tolist()
    assert len(order) == len(expected)
    for begin in range(0, len(order), piece):
        asked = order[begin : begin + piece]
        pixels = read_decoded(source(path), InlineSandbox(), reading.frames, asked)
        for sequence, got in zip(asked, pixels, strict=True):
            np.testing.assert_array_equal(got, expected[sequence], err_msg=f"frame {sequence}")


def test_our_index_is_the_demuxers(clip):
    assert own_packets(clip) == packets(clip)


def test_every_frame_by_random_access_equals_sequential_decoding(clip, read, source):
    reading = read(clip, "video")
    assert reading.recording.salvaged == ""
    in_random_order(clip, reading, source, piece=1)
    in_random_order(clip, reading, source, piece=7)


@pytest.mark.parametrize("name", ["hevc_open_gop", "h264_open_gop"])
def test_a_leading_picture_starts_one_key_frame_earlier(tmp_path, name, read):
    rows = read(write_clip(tmp_path / "clip.mp4", name), "video").frames.to_pylist()
    keys = sorted((row["position"], row["sequence"]) for row in rows if row["key"])
    leading = 0
    for row in rows:
        before = [sequence for position, sequence in keys if position <= row["position"]]
        if row["sequence"] < before[-1]:
            leading += 1
            assert row["start_sequence"] == before[-2]
        else:
            assert row["start_sequence"] == before[-1]
    assert leading


def test_times_follow_the_clock_of_the_container(tmp_path, read):
    path = write_clip(tmp_path / "clip.mp4", "h264_b_frames", count=30, rate=20)
    reading = read(path, "video", start_ns=7 * SECOND_NS)
    times = np.array(reading.frames["time_ns"])
    np.testing.assert_array_equal(times, 7 * SECOND_NS + np.arange(30) * 50_000_000)
    assert reading.recording.duration_ns == 30 * 50_000_000
    assert reading.recording.clock == "recorded"


def test_cuts_are_where_key_frames_begin(tmp_path, read):
    reading = read(write_clip(tmp_path / "clip.mp4", "hevc_open_gop"), "video")
    rows = reading.frames.to_pylist()
    assert list(reading.cuts) == sorted(row["offset"] for row in rows if row["key"])
    assert len(reading.cuts) >= 4


def test_a_file_cut_short_keeps_its_whole_frames_and_says_what_is_lost(tmp_path, read, source):
    whole = write_clip(tmp_path / "whole.mp4", "h264_moov_first")
    offsets = sorted((offset, size) for offset, size, _, _ in packets(whole))
    at = offsets[20][0] + offsets[20][1] // 2
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[:at])
    reading = read(cut, "video")
    assert reading.frames.num_rows == 20
    assert "16 of 36 frames" in reading.recording.salvaged
    assert "0.80 s of 1.80 s" in reading.recording.salvaged
    pixels = read_decoded(source(cut), InlineSandbox(), reading.frames, list(range(20)))
    shown = np.argsort([pts for _, _, pts, _ in packets(whole)][:20], kind="stable")
    assert len(pixels) == len(shown)
    first = sequential(whole)[:12]  # before anything that refers to what is lost
    for got, expected in zip(pixels, first, strict=False):
        np.testing.assert_array_equal(got, expected)


def test_a_fragmented_file_cut_short_keeps_its_whole_fragments(tmp_path, read):
    whole = write_clip(tmp_path / "whole.mp4", "h264_fragmented")
    last = packets(whole)[-1]
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: last[0] + 1])
    reading = read(cut, "video")
    assert reading.frames.num_rows == 35
    assert "1 of 36 frames" in reading.recording.salvaged


def test_a_file_without_its_index_is_refused_with_a_remedy(tmp_path, read):
    whole = write_clip(tmp_path / "whole.mp4", "h264_b_frames")  # the index stands at the end
    data = whole.read_bytes()
    whole.write_bytes(data[: data.index(b"moov") - 4])
    with pytest.raises(UnreadableSource, match="moov") as raised:
        read(whole, "video")
    assert "untrunc" in raised.value.remedy
    assert str(whole) in str(raised.value)


def test_a_file_cut_within_its_first_frame_is_refused(tmp_path, read):
    whole = write_clip(tmp_path / "whole.mp4", "h264_moov_first")
    whole.write_bytes(whole.read_bytes()[: packets(whole)[0][0] + 10])
    with pytest.raises(UnreadableSource, match="none of its 36 frames"):
        read(whole, "video")


@pytest.mark.parametrize(("suffix", "container"), [("mkv", "matroska"), ("ts", "mpegts")])
def test_a_container_that_hides_its_frames_is_refused_with_a_remedy(
    tmp_path, suffix, container, read
):
    whole = write_clip(tmp_path / "whole.mp4", "h264_b_frames")
    path = tmp_path / f"clip.{suffix}"
    with av.open(str(whole)) as given, av.open(str(path), "w", format=container) as out:
        stream = out.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    with pytest.raises(UnreadableSource, match="does not tell where its frames lie") as raised:
        read(path, "video")
    assert "ffmpeg -i" in raised.value.remedy


def test_leading_pictures_without_what_they_refer_to_are_left_out(tmp_path, read, source):
    """A file that begins with an open group of pictures, as a ring buffer writes it."""
    whole = write_clip(tmp_path / "whole.mp4", "hevc_open_gop")
    path = tmp_path / "later.mp4"
    with av.open(str(whole)) as given, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(given.streams.video[0])
        keys = 0
        for packet in given.demux(given.streams.video[0]):
            if packet.size:
                keys += packet.is_keyframe
                if keys >= 2:
                    packet.stream = stream
                    out.mux(packet)
    reading = read(path, "video")
    assert any("left out" in note for note in reading.notes)
    in_random_order(path, reading, source, piece=3)


def placed(blobs: LocalBlobs, place: Location) -> PlacedSources:
    """The clip in place, or wherever its copy lies."""
    return PlacedSources(blobs, {place.digest: place}.get)


@pytest.mark.parametrize("name", ["h264_b_frames", "h264_fragmented", "hevc_open_gop"])
def test_in_place_and_copied_decode_alike(tmp_path, name, read):
    path = write_clip(tmp_path / "clip.mp4", name)
    blobs = LocalBlobs(tmp_path / "blobs")
    reading = read(path, "video")
    order = list(range(36))[::-1]
    here = placed(blobs, identify(path)[1])
    expected = read_decoded(here, InlineSandbox(), reading.frames, order)
    copied = copy_in(blobs, path, cuts=reading.cuts, smallest=100)
    assert copied.manifest.count(b"digest") >= 3
    path.unlink()
    there = placed(blobs, copied.location())
    np.testing.assert_array_equal(
        read_decoded(there, InlineSandbox(), reading.frames, order), expected
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SpawnSandbox]:
    sandbox = SpawnSandbox()
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("name", REAL)
def test_every_frame_of_the_real_clips_in_place_and_copied(
    test_data, tmp_path, name, read, sandbox
):
    path = test_data / name
    assert own_packets(path) == packets(path)
    blobs = LocalBlobs(tmp_path / "blobs")
    reading = read(path, "video")
    expected = sequential(path)
    assert reading.frames.num_rows == len(expected)
    here = placed(blobs, identify(path)[1])
    there = placed(blobs, copy_in(blobs, path, cuts=reading.cuts).location())
    order = np.random.Generator(np.random.PCG64(5)).permutation(len(expected)).tolist()
    for sources in (here, there):
        met = set()
        for wanted, pixels in iterate_decoded(sources, InlineSandbox(), reading.frames, order):
            met.update(wanted)
            for sequence, got in zip(wanted, pixels, strict=True):
                assert np.array_equal(got, expected[sequence]), f"frame {sequence}"
        assert met == set(order)
    for sequence in order[:6]:  # and alone, in a process of its own
        for sources in (here, there):
            alone = read_decoded(sources, sandbox, reading.frames, [sequence])
            assert np.array_equal(alone[0], expected[sequence]), f"frame {sequence}"
