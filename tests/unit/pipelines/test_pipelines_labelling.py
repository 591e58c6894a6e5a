"""Annotation heads move by compare-and-set; of two that read the same head, one wins."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ringroad.app import Settings, open_workspace
from ringroad.domain.errors import StaleRevision
from ringroad.domain.ids import FrameId
from ringroad.media.pictures.images import encode_jpeg
from ringroad.pipelines.label.files import move_heads
from ringroad.pipelines.label.labelling import Wanted, bring_in
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.workspace import Workspace
from ringroad.store.indexing import rebuild
from ringroad.workflow.bench import SilentTracker

FRAME = FrameId("car/a/camera/000000")


@pytest.fixture
def workspace(tmp_path: Path):
    (tmp_path / "a").mkdir()
    picture = encode_jpeg(np.zeros((64, 64, 3), np.uint8))
    (tmp_path / "a" / "0.jpg").write_bytes(picture)
    opened = open_workspace(
        Settings(folder=tmp_path / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    collect(opened, [tmp_path / "a"], vehicle="car", copy=False)
    yield opened
    opened.close()


def write(path: Path, *widths: int) -> Path:
    """One box per width."""
    boxes = [
        {"id": n, "image_id": 1, "category_id": 1, "bbox": [0, 0, width, 8]}
        for n, width in enumerate(widths)
    ]
    document = {
        "images": [{"id": 1, "file_name": "0.jpg"}],
        "annotations": boxes,
        "categories": [{"id": 1, "name": "car"}],
    }
    path.write_text(json.dumps(document))
    return path


def bring(workspace: Workspace, path: Path, author: str = "me"):
    return bring_in(workspace, path, Wanted(categories={}, author=author))


def shown(workspace: Workspace) -> list[float]:
    """Widths of the boxes in the table, after it caught up; the same when it is made again."""
    rows = workspace.rows("annotations")
    rebuild(workspace.catalog, workspace.blobs, workspace.tables)
    assert workspace.rows("annotations").equals(rows)
    return sorted(rows.column("w").to_pylist())


def test_each_import_follows_the_revision_before(workspace: Workspace, tmp_path: Path):
    for revision, width in enumerate((8, 9, 8), start=1):
        found = bring(workspace, write(tmp_path / "boxes.json", width))
        head = workspace.catalog.head(FRAME)
        assert head is not None
        assert (head.batch, head.number) == (found.batch.id, revision)


def test_the_table_shows_the_newest_revision_and_nothing_else(workspace: Workspace, tmp_path: Path):
    path = tmp_path / "boxes.json"
    bring(workspace, write(path, 8, 9, 10))
    assert shown(workspace) == [8, 9, 10]
    bring(workspace, write(path, 11))
    assert shown(workspace) == [11]
    bring(workspace, write(path, 12, 13), author="another")
    assert shown(workspace) == [12, 13]
    bring(workspace, write(path, 8, 9, 10))  # its batch is known; its head moves forth again
    assert shown(workspace) == [8, 9, 10]
    bring(workspace, write(path))  # looked at, and empty
    assert shown(workspace) == [0]


def test_labels_that_were_refused_are_not_shown(workspace: Workspace, tmp_path: Path):
    bring(workspace, write(tmp_path / "first.json", 8))
    late = write(tmp_path / "late.json", 9, 10)
    with pytest.raises(StaleRevision):
        bring_in(workspace, late, Wanted(categories={}, author="late", revision=0))
    assert shown(workspace) == [8]


def test_of_two_that_read_the_same_head_the_later_one_writes_nothing(
    workspace: Workspace, tmp_path: Path
):
    first = bring(workspace, write(tmp_path / "first.json", 8))
    second = bring(workspace, write(tmp_path / "second.json", 9))
    before = workspace.catalog.executions("move_heads")
    with pytest.raises(StaleRevision) as caught:
        workspace.runner.run(move_heads, annotations=first.batch, revisions={FRAME: 1})
    assert caught.value.remedy
    head = workspace.catalog.head(FRAME)
    assert head is not None
    assert (head.batch, head.number) == (second.batch.id, 2)
    assert workspace.catalog.executions("move_heads") == before
