"""Frames in other forms: made once, found again, decoded like any others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from ringroad.app import Settings, open_workspace
from ringroad.domain.errors import UnknownName, UsageError
from ringroad.domain.recording import Recording
from ringroad.media.frames import iterate_decoded, read_decoded
from ringroad.media.pictures.profiles import PREVIEW, PROFILES, TRAINING, profile_of
from ringroad.media.video import encode as video_encode
from ringroad.media.video.encode import X264, Encoder, encoder_here
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.recordings.exporting import Wish, export, held_of
from ringroad.pipelines.recordings.transcoding import transcode
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import write_clip

SMALL = replace(PROFILES[TRAINING], width=64)
NAMES = ["h264_b_frames", "hevc_open_gop"]
needs_x264 = pytest.mark.skipif(
    X264 not in av.codecs_available, reason="the installed PyAV has no x264"
)


class Shop:
    """A workspace that hears which steps run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ran: list[str] = []
        self.workspace: Workspace = open_workspace(
            Settings(folder=folder / "workspace"),
            tracker=SilentTracker(),
            listener=lambda event: None if event.cached else self.ran.append(event.step),
            say=lambda _: None,
        )

    def recording(self, name: str) -> Recording:
        return self.workspace.catalog.recording(f"car/{name}")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("transcode")
    (folder / "in").mkdir()
    for name in NAMES:
        write_clip(folder / "in" / f"{name}.mp4", name)
    made = Shop(folder)
    assert len(collect(made.workspace, [folder / "in"], vehicle="car", copy=False).taken) == 2
    yield made
    made.workspace.close()


def luma(pixels: np.ndarray) -> np.ndarray:
    """Brightness: colours of such noise are stored at half the size and cannot stay."""
    return pixels @ np.array([0.299, 0.587, 0.114])


def frames_of(shop: Shop, name: str):
    return held_of(shop.workspace, shop.recording(name)).frames["camera"]


@needs_x264
@pytest.mark.parametrize("name", NAMES)
def test_frames_keep_ids_and_times_and_look_the_same(shop, name):
    (made,) = transcode(shop.workspace, shop.recording(f"{name}.mp4"), SMALL)
    before, after = frames_of(shop, f"{name}.mp4"), table_of(shop.workspace, made.rows)
    for column in ("frame_id", "sequence", "time_ns", "channel", "recording_id"):
        assert after[column].to_pylist() == before[column].to_pylist(), column
    assert set(after["source"].to_pylist()) == {made.video.digest}
    assert set(zip(after["width"].to_pylist(), after["height"].to_pylist(), strict=True)) == {
        (64, 42)
    }
    assert np.flatnonzero(after["key"].to_numpy(zero_copy_only=False)).tolist() == [0, 10, 20, 30]
    assert after["start_sequence"].to_pylist() == [at - at % 10 for at in range(36)]
    every = [*range(36)]
    workspace = shop.workspace
    ours = read_decoded(workspace.sources, workspace.sandbox, after, every)
    theirs = read_decoded(workspace.sources, workspace.sandbox, before, every, size=(64, 42))
    assert np.abs(luma(ours) - luma(theirs)).mean() < 3
    one = read_decoded(workspace.sources, workspace.sandbox, after, [17])
    np.testing.assert_array_equal(one[0], ours[17])


def test_asking_again_runs_nothing(shop):
    recording = shop.recording("h264_b_frames.mp4")
    first = transcode(shop.workspace, recording, SMALL)
    shop.ran.clear()
    again = transcode(shop.workspace, recording, SMALL)
    assert shop.ran == []
    assert [item.video for item in again] == [item.video for item in first]
    transcode(shop.workspace, recording, replace(SMALL, width=48))
    assert shop.ran == ["transcode_channel"]


def test_a_preview_keeps_each_second_frame(shop):
    recording = shop.recording("hevc_open_gop.mp4")
    (made,) = transcode(shop.workspace, recording, PROFILES[PREVIEW])
    rows = table_of(shop.workspace, made.rows)
    assert rows["sequence"].to_pylist() == [*range(0, 36, 2)]
    assert rows["frame_id"][3].as_py().endswith("/camera/000006")
    assert (rows["width"][0].as_py(), rows["height"][0].as_py()) == (96, 64)  # never larger
    found = read_decoded(shop.workspace.sources, shop.workspace.sandbox, rows, [34, 2])
    assert found.shape == (2, 64, 96, 3)


def test_other_workspaces_make_equal_bytes(shop, tmp_path):
    (made,) = transcode(shop.workspace, shop.recording("h264_b_frames.mp4"), SMALL)
    other = Shop(tmp_path)
    collect(other.workspace, [shop.folder / "in"], vehicle="car", copy=False)
    (again,) = transcode(other.workspace, other.recording("h264_b_frames.mp4"), SMALL)
    assert "transcode_channel" in other.ran
    assert (again.video, again.rows) == (made.video, made.rows)
    other.workspace.close()


@needs_x264
def test_the_stored_bytes_are_a_stream_that_others_play(shop, tmp_path):
    (made,) = transcode(shop.workspace, shop.recording("h264_b_frames.mp4"), SMALL)
    path = tmp_path / "a.h264"
    path.write_bytes(shop.workspace.blobs.get(made.video.digest))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert not stream.codec_context.has_b_frames
        assert sum(1 for _ in container.decode(stream)) == 36


def test_a_profile_leaves_as_a_file(shop, tmp_path):
    wish = Wish(profile=TRAINING, width=64)
    (made,) = export(shop.workspace, ["car/hevc_open_gop.mp4"], tmp_path / "t.mcap", wish)
    assert made.profile == TRAINING
    assert not any("another order" in note for note in made.notes)
    assert any("stored anew" in loss.what for loss in made.losses)
    (again,) = collect(shop.workspace, [made.path], vehicle="again", copy=False).taken
    assert [(item.width, item.height) for item in again.recording.channels] == [(64, 42)]
    (stored,) = transcode(shop.workspace, shop.recording("hevc_open_gop.mp4"), SMALL)
    workspace = shop.workspace
    rows = held_of(workspace, again.recording).frames["/camera"]
    every = [*range(36)]
    np.testing.assert_array_equal(
        read_decoded(workspace.sources, workspace.sandbox, rows, every),
        read_decoded(workspace.sources, workspace.sandbox, table_of(workspace, stored.rows), every),
    )


def test_without_x264_frames_are_stored_as_jpeg(shop, monkeypatch):
    monkeypatch.setattr(video_encode, "X264", "no-such-encoder")
    assert encoder_here() == "jpeg"
    (made,) = transcode(shop.workspace, shop.recording("h264_b_frames.mp4"), SMALL)
    rows = table_of(shop.workspace, made.rows)
    assert set(rows["encoding"].to_pylist()) == {"jpeg"}
    assert rows["key"].to_pylist() == [True] * 36
    found = read_decoded(shop.workspace.sources, shop.workspace.sandbox, rows, [*range(36)])
    theirs = read_decoded(
        shop.workspace.sources,
        shop.workspace.sandbox,
        frames_of(shop, "h264_b_frames.mp4"),
        [*range(36)],
        size=(64, 42),
    )
    assert np.abs(luma(found) - luma(theirs)).mean() < 3


@needs_x264
def test_colours_stay_what_they_are():
    flat = np.zeros((12, 32, 64, 3), np.uint8)
    flat[:, :, :32], flat[:, :, 32:] = (220, 30, 40), (20, 90, 200)
    encoder = Encoder(X264, SMALL, (64, 32))
    packets = [packet for picture in flat for packet in encoder.put(picture)]
    packets += encoder.finish()
    assert [packet.key for packet in packets] == [True, *[False] * 9, True, False]
    context = av.CodecContext.create("h264", "r")
    shown = []
    for data in [*(packet.data for packet in packets), None]:
        packet = None if data is None else av.Packet(data)
        shown += [frame.to_ndarray(format="rgb24") for frame in context.decode(packet)]
    for column in (8, 56):
        away = np.abs(shown[5][16, column].astype(int) - flat[5, 16, column])
        assert away.max() <= 4


def test_slices_come_in_the_order_of_frames(shop):
    rows = frames_of(shop, "hevc_open_gop.mp4")
    every = [*range(36)]
    found = iterate_decoded(shop.workspace.sources, shop.workspace.sandbox, rows, every)
    assert [sequence for part, _ in found for sequence in part] == every


def test_wishes_that_cannot_be_met_are_told(shop):
    recording = shop.recording("h264_b_frames.mp4")
    with pytest.raises(UnknownName, match="has no camera 'rear'"):
        transcode(shop.workspace, recording, SMALL, channels=("rear",))
    with pytest.raises(UnknownName, match="no profile is called so"):
        profile_of("tiny")
    with pytest.raises(UsageError, match="a width of 7 pixels"):
        profile_of(TRAINING, width=7)
    with pytest.raises(UsageError, match="their own width"):
        profile_of("as-recorded", width=640)
    with pytest.raises(UsageError, match="a group of 11 frames"):
        replace(PROFILES[TRAINING], gop=11)
    assert profile_of("as-recorded") is None


@pytest.mark.parametrize(
    ("recorded", "size"),
    [
        ((1280, 720), (640, 360)),
        ((1242, 375), (640, 194)),
        ((321, 33), (320, 32)),
        ((96, 64), (96, 64)),
    ],
)
def test_sizes_are_even_and_never_larger(recorded, size):
    assert PROFILES[TRAINING].size_of(recorded) == size
