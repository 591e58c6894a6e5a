"""Folders that are one recording, through the whole of ingest: indexed, copied, read back."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ringroad.app import Settings, open_workspace
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.points.sweep import decode_points
from ringroad.pipelines.finding import executions_at, table_of
from ringroad.pipelines.recordings.collect import Taken, collect
from ringroad.pipelines.recordings.happening import known_of
from ringroad.pipelines.recordings.read_step import read_recording
from ringroad.pipelines.recordings.sweeps import sweeps_of
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import sequential, write_clip


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(
        Settings(folder=tmp_path / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    yield workspace
    workspace.close()


def points(count: int, value: float) -> np.ndarray:
    return np.full((count, 4), value, "<f4")


def write_drive(folder: Path) -> Path:
    """A drive of KITTI raw with a video and two sweeps."""
    (folder / "velodyne_points/data").mkdir(parents=True)
    for number in range(2):
        path = folder / f"velodyne_points/data/{number:010d}.bin"
        path.write_bytes(points(number + 5, number).tobytes())
    write_clip(folder / "image_02.mp4", "h264_open_gop", count=24)
    return folder


def write_segment(folder: Path, speed: float) -> Path:
    """A segment of comma2k19 that holds one log."""
    log = folder / "processed_log/CAN/speed"
    log.mkdir(parents=True)
    for name, array in (("t", np.arange(3.0)), ("value", np.full((3, 1), speed))):
        with (log / name).open("wb") as file:
            np.save(file, array)
    return folder


def sweep_bytes(workspace: Workspace, taken: Taken) -> list[bytes]:
    rows = known_of(workspace, taken).sweeps
    assert rows is not None
    return [
        workspace.sources.read_range(row["source"], row["offset"], row["length"], xxh3=row["xxh3"])
        for row in table_of(workspace, rows).to_pylist()
    ]


@pytest.mark.parametrize("copy", [False, True])
def test_sweeps_and_frames_of_a_folder_read_back(tmp_path, workspace, copy):
    drive = write_drive(tmp_path / "drive")
    shown = sequential(drive / "image_02.mp4")
    (taken,) = collect(workspace, [drive], vehicle="car", copy=copy).taken
    if copy:
        shutil.rmtree(drive)
    assert sweeps_of(workspace, taken.recording) == [
        {
            "channel": "velodyne_points",
            "sensor": "lidar",
            "encoding": "f32-xyzi",
            "sweeps": 2,
            "points": 11,
        }
    ]
    for number, data in enumerate(sweep_bytes(workspace, taken)):
        found = decode_points("f32-xyzi", data)
        np.testing.assert_array_equal(found.values, points(number + 5, number))
    frames = table_of(workspace, taken.frames)
    wanted = [0, 9, 17]
    pixels = read_decoded(workspace.sources, InlineSandbox(), frames, wanted)
    np.testing.assert_array_equal(pixels, np.stack([shown[number] for number in wanted]))


def test_a_copied_folder_is_indexed_again_from_its_chunks(tmp_path, workspace):
    drive = write_drive(tmp_path / "drive")
    (taken,) = collect(workspace, [drive], vehicle="car", copy=True).taken
    (execution,) = executions_at(workspace, taken.frames.id, "read_recording", direction="out")
    shutil.rmtree(drive)
    asked = {**execution.key.parameters, "vehicle": "other"}
    again = workspace.runner.run(read_recording, source=taken.source, **asked)
    rows = table_of(workspace, again["sweeps"])
    assert rows["length"].to_pylist() == [5 * 16, 6 * 16]
    assert again["sweeps"] != known_of(workspace, taken).sweeps  # another vehicle, other ids


def test_recordings_without_a_camera_are_told_apart(tmp_path, workspace):
    for name, speed in (("a", 1.0), ("b", 2.0)):
        write_segment(tmp_path / "in" / name, speed)
    first, second = collect(workspace, [tmp_path / "in"], vehicle="car", copy=False).taken
    assert first.frames.id != second.frames.id
    for taken in (first, second):
        assert table_of(workspace, taken.frames).num_rows == 0
        assert sweeps_of(workspace, taken.recording) == []
        made = executions_at(workspace, taken.frames.id, "read_recording", direction="out")
        assert [item.outputs["signals"] for item in made] == [taken.signals.id]


def test_pictures_below_a_layout_are_no_recording_of_their_own(tmp_path, workspace):
    for name in ("image_2/000001.jpeg", "calib/000001.txt", "image_2_png/000001.jpeg"):
        path = tmp_path / "set/training" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_jpeg(np.zeros((8, 8, 3), np.uint8)))
    found = collect(workspace, [tmp_path / "set"], vehicle="car", copy=False)
    assert [item.recording.source_key for item in found.taken] == ["training"]
    assert found.refused == ()
