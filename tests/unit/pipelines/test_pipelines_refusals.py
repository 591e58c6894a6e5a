"""A refusal stands as long as what it says is so, and no longer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ringroad.app import Settings, open_workspace
from ringroad.media.pictures.images import encode_jpeg
from ringroad.pipelines.recordings.collect import Collected, collect
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import write_clip


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(
        Settings(folder=tmp_path / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    yield opened
    opened.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def bring(workspace: Workspace, *paths: Path, group: str = "") -> Collected:
    return collect(workspace, paths, vehicle="car", copy=False, group=group)


def refused(workspace: Workspace) -> list[str]:
    return [item.reason for item in workspace.catalog.refusals()]


def test_a_folder_that_held_nothing_until_a_file_came(workspace: Workspace, inbox: Path) -> None:
    bring(workspace, inbox)
    assert refused(workspace) == ["holds no file that a reader knows"]
    write_clip(inbox / "drive.mp4", "h264_b_frames")
    assert len(bring(workspace, inbox).taken) == 1
    assert refused(workspace) == []


def test_the_next_ingest_may_name_a_folder_above(workspace: Workspace, inbox: Path) -> None:
    monday = inbox / "week 1" / "monday"
    monday.mkdir(parents=True)
    bring(workspace, monday)
    bring(workspace, monday.parent)
    assert len(refused(workspace)) == 2
    write_clip(monday / "drive.mp4", "h264_b_frames")
    bring(workspace, inbox)
    assert refused(workspace) == []


def test_a_folder_that_was_not_there_yet(workspace: Workspace, inbox: Path) -> None:
    bring(workspace, inbox / "late")
    assert refused(workspace) == ["there is no such file or folder"]
    (inbox / "late").mkdir()
    write_clip(inbox / "late" / "drive.mp4", "h264_b_frames")
    bring(workspace, inbox / "late")
    assert refused(workspace) == []


def test_bytes_that_are_known_withdraw_it_too(workspace: Workspace, inbox: Path) -> None:
    (inbox / "empty").mkdir()
    bring(workspace, inbox / "empty")
    drive = write_clip(inbox / "drive.mp4", "h264_b_frames")
    bring(workspace, drive)
    assert len(refused(workspace)) == 1
    (inbox / "empty" / "again.mp4").write_bytes(drive.read_bytes())
    assert len(bring(workspace, inbox / "empty").twins) == 1
    assert refused(workspace) == []


def test_what_is_still_so_stays(workspace: Workspace, inbox: Path) -> None:
    """Another folder's refusal, and a damaged file beside a whole one."""
    (inbox / "empty").mkdir()
    bring(workspace, inbox / "empty")
    write_clip(inbox / "drive.mp4", "h264_b_frames")
    (inbox / "words.mp4").write_bytes(b"these are words")
    for _ in range(2):
        bring(workspace, inbox)
        assert refused(workspace) == [
            "no reader recognises it",
            "holds no file that a reader knows",
        ]


def test_pictures_of_no_group_are_told_of_after_those_of_one(
    workspace: Workspace, inbox: Path
) -> None:
    for name in ("a_0.jpg", "a_1.jpg", "other.jpg"):
        (inbox / name).write_bytes(encode_jpeg(np.full((32, 48, 3), len(name), np.uint8)))
    for _ in range(2):
        found = bring(workspace, inbox, group=r"^(\w+)_")
        assert len(found.taken) == 1
        assert refused(workspace) == ["1 pictures are of no group, other.jpg the first"]
    bring(workspace, inbox)
    assert refused(workspace) == []
