"""Bags of ROS 2 through the whole of ingest: in place and copied, a lone file and a folder."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ringroad.app import Settings, open_workspace
from ringroad.domain.errors import SourceMissing
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import decode_image
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from ros2_bags import COUNT, file_of, picture, split_bag, write_bag

WANTED = [21, 0, 14, 13, 29, 7]


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


@pytest.mark.parametrize("copy", [False, True])
@pytest.mark.parametrize("many", [False, True])
def test_frames_are_decoded_at_random(
    tmp_path: Path, workspace: Workspace, copy: bool, many: bool
) -> None:
    (tmp_path / "depot").mkdir()
    if many:
        halves = (range(17), range(17, COUNT))
        parts = [write_bag(tmp_path / f"p{half.start}", half) for half in halves]
        split_bag(tmp_path / "depot" / "bag", *parts)
    else:
        shutil.copy(file_of(write_bag(tmp_path / "bag")), tmp_path / "depot")
    found = collect(workspace, [tmp_path / "depot"], vehicle="car", copy=copy)
    assert not found.refused
    (taken,) = found.taken
    assert taken.recording.container == ("rosbag2-folder" if many else "rosbag2")
    frames = table_of(workspace, taken.frames)
    if copy:
        shutil.rmtree(tmp_path / "depot")
    pixels = read_decoded(workspace.sources, workspace.sandbox, frames, WANTED)
    expected = np.stack([decode_image(picture(number)) for number in WANTED])
    np.testing.assert_array_equal(pixels, expected)
    if not copy:
        shutil.rmtree(tmp_path / "depot")
        with pytest.raises(SourceMissing):
            read_decoded(workspace.sources, workspace.sandbox, frames, WANTED)


def test_a_bag_in_a_folder_of_bags_is_found_beside_the_others(
    tmp_path: Path, workspace: Workspace
) -> None:
    depot = tmp_path / "depot"
    write_bag(depot / "monday" / "one", range(4))
    write_bag(depot / "monday" / "two", range(5))
    alone = write_bag(tmp_path / "alone", range(6))
    shutil.copy(file_of(alone), depot / "alone.db3")
    Path(f"{depot / 'alone.db3'}-shm").write_bytes(bytes(100))
    found = collect(workspace, [depot], vehicle="car", copy=False)
    told = {taken.recording.source_key: taken.recording.container for taken in found.taken}
    assert told == {
        "monday/one": "rosbag2-folder",
        "monday/two": "rosbag2-folder",
        "alone.db3": "rosbag2",
    }
    assert not found.refused
