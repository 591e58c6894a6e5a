"""Labels in and out of a workspace: formats, folders, archives, heads, dry runs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ringroad.app import Settings, open_workspace
from ringroad.domain.errors import InputError, InvalidAnnotations, UnknownName
from ringroad.domain.ids import FrameId
from ringroad.label.formats.known import format_of
from ringroad.media.pictures.images import encode_jpeg
from ringroad.pipelines.label import files as label_files
from ringroad.pipelines.label.export import export_labels, foresee, leaving_of
from ringroad.pipelines.label.labelling import Imported, Wanted, bring_in
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

FRAMES = [FrameId(f"car/a/camera/{number:06d}") for number in range(3)]


@pytest.fixture
def workspace(tmp_path: Path):
    (tmp_path / "a").mkdir()
    for number in range(3):
        pixels = np.full((80, 100, 3), number, np.uint8)
        (tmp_path / "a" / f"{number}.jpg").write_bytes(encode_jpeg(pixels))
    opened = open_workspace(
        Settings(folder=tmp_path / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    collect(opened, [tmp_path / "a"], vehicle="car", copy=False)
    yield opened
    opened.close()


def coco(folder: Path) -> Path:
    rows = [
        {"id": 1, "image_id": 0, "category_id": 1, "bbox": [1, 2, 30.5, 40]},
        {"id": 2, "image_id": 0, "category_id": 2, "bbox": [10, 20, 20, 20],
         "segmentation": [[10, 20, 30, 20, 30, 40]], "attributes": {"track_id": "t", "wet": "yes"}},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [5, 6, 7, 8]},
    ]  # fmt: skip
    document = {
        "images": [{"id": n, "file_name": f"{n}.jpg"} for n in range(3)],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "puddle"}],
        "annotations": rows,
    }
    path = folder / "first.json"
    path.write_text(json.dumps(document))
    return path


def bring(workspace: Workspace, path: Path, **more: object) -> Imported:
    wanted = {"categories": {}, "author": "ben", **more}
    return bring_in(workspace, path, Wanted(**wanted))  # type: ignore[arg-type]


def current(workspace: Workspace) -> dict[str, dict[str, object]]:
    rows = workspace.rows("annotations").to_pylist()
    return {row["annotation_id"]: row for row in rows if row["category"]}


def revisions(workspace: Workspace) -> list[int]:
    return [head.number for _, head in sorted(workspace.catalog.heads(FRAMES).items())]


@pytest.mark.parametrize("name", ["coco", "cvat-images", "voc", "yolo", "kitti", "parquet",
                                  "webdataset", "openlabel", "label-studio"])  # fmt: skip
def test_out_and_in_again_changes_nothing(workspace: Workspace, tmp_path: Path, name: str) -> None:
    assert bring(workspace, coco(tmp_path), author="ann").moved == 3
    before = current(workspace)
    format_ = format_of(name)
    target = tmp_path / ("out" if format_.folder else f"out{format_.suffix}")
    made = export_labels(workspace, leaving_of(workspace, "all"), target, format_)
    assert (made.annotations, made.pictures) == (3, 3)
    back = bring(workspace, target, format=name)
    assert (back.moved, back.problems, back.frames) == (0, (), 3)
    assert current(workspace) == before
    assert revisions(workspace) == [1, 1, 1]


@pytest.mark.parametrize("rows_at_once", [1, 2, 50_000])
def test_frames_of_several_batches_come_back_in_any_order_and_in_pieces(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(label_files, "_ROWS_AT_ONCE", rows_at_once)
    bring(workspace, coco(tmp_path), author="ann")
    alone = json.loads((tmp_path / "first.json").read_text())
    box = {"category_id": 1, "bbox": [3, 3, 9, 9]}
    alone |= {"images": [{"id": 2, "file_name": "2.jpg"}],
              "annotations": [{"id": 7, "image_id": 2, **box}]}  # fmt: skip
    (tmp_path / "second.json").write_text(json.dumps(alone))
    bring(workspace, tmp_path / "second.json", author="cat")
    before = current(workspace)
    assert len({head.batch for head in workspace.catalog.heads(FRAMES).values()}) == 2
    export_labels(workspace, leaving_of(workspace, "all"), tmp_path / "out.json", format_of("coco"))
    back = json.loads((tmp_path / "out.json").read_text())
    rows = back["annotations"]
    moved = next(row for row in rows if row["bbox"][:2] == [5.0, 6.0])
    moved["bbox"] = [50, 6, 7, 8]
    back["annotations"] = [rows[3], rows[0], rows[2], rows[1]]  # of frames 2, 0, 1 and 0
    (tmp_path / "back.json").write_text(json.dumps(back))
    found = bring(workspace, tmp_path / "back.json")
    assert (found.moved, found.boxes, found.problems) == (1, 4, ())
    after = current(workspace)
    assert revisions(workspace) == [1, 2, 2]
    assert {name for name in before if after.get(name) != before[name]} == {
        name for name, row in before.items() if row["x"] == 5
    }


def test_an_edit_moves_one_head_and_keeps_what_did_not_travel(
    workspace: Workspace, tmp_path: Path
) -> None:
    bring(workspace, coco(tmp_path), author="ann")
    before = current(workspace)
    leaving = leaving_of(workspace, "all")
    export_labels(workspace, leaving, tmp_path / "voc", format_of("voc"))
    path = tmp_path / "voc" / "Annotations" / "0.xml"
    path.write_text(path.read_text().replace("<xmax>31.5</xmax>", "<xmax>51.5</xmax>"))
    packed = tmp_path / "voc.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted((tmp_path / "voc").rglob("*.xml")):
            archive.write(file, file.relative_to(tmp_path))
    tried = bring(workspace, packed, dry_run=True)
    assert (tried.moved, current(workspace)) == (1, before)
    found = bring(workspace, packed)
    assert (found.format, found.moved, found.problems) == ("voc", 1, ())
    assert revisions(workspace) == [2, 1, 1]
    after = current(workspace)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {f"{FRAMES[0]}/ann/#1"}
    assert after[f"{FRAMES[0]}/ann/#1"]["w"] == 50.5
    assert after[f"{FRAMES[0]}/ann/#1"]["author"] == "ben"
    assert bring(workspace, packed).moved == 0


def test_nothing_of_a_broken_file_counts(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, coco(tmp_path), author="ann")
    before, batches = current(workspace), workspace.catalog.batches("annotations")
    leaving = leaving_of(workspace, "all")
    export_labels(workspace, leaving, tmp_path / "out.xml", format_of("cvat-images"))
    path = tmp_path / "out.xml"
    whole = path.read_text()
    for text, said in (
        (whole[:-30], "it ends too early"),
        (whole.replace("<annotations>", "<!DOCTYPE a [<!ENTITY b 'c'>]><annotations>"), "entities"),
    ):
        path.write_text(text)
        with pytest.raises(InvalidAnnotations, match=said) as caught:
            bring(workspace, path, format="cvat-images")
        assert caught.value.subject == str(path)
        assert caught.value.place.startswith("line")
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../out.json", "{}")
    with pytest.raises(InvalidAnnotations, match="leads out of the archive"):
        bring(workspace, evil)
    assert (current(workspace), workspace.catalog.batches("annotations")) == (before, batches)


KILLED = """
import os, signal, sys
from pathlib import Path
from ringroad.cli.main import ringroad
from ringroad.label.formats.intake import intake
intake.ROWS_AT_ONCE = 50
flush, count = intake.Intake._flush, iter(range(10_000))
def killed(self):
    if next(count) == 4:  # some batches are written, none is whole
        os.kill(os.getpid(), signal.SIGKILL)
    flush(self)
intake.Intake._flush = killed
ringroad(["labels", "import", sys.argv[1], "--author", "ben", "--workspace", sys.argv[2]])
"""


def test_an_import_that_was_killed_begins_again(workspace: Workspace, tmp_path: Path) -> None:
    """Nothing of it counts, and begun again it gives the bytes of one that was not killed."""
    path = coco(tmp_path)
    document = json.loads(path.read_text())
    document["annotations"] = [
        {"id": n, "image_id": n % 3, "category_id": 1, "bbox": [n % 60, n % 40, 20, 30 + n / 997]}
        for n in range(600)
    ]
    path.write_text(json.dumps(document))
    run = subprocess.run([sys.executable, "-c", KILLED, path, workspace.folder], check=False)
    assert run.returncode == -signal.SIGKILL
    assert workspace.catalog.heads(FRAMES) == {}
    made = bring(workspace, path)
    assert (made.boxes, made.moved) == (600, 3)
    other = open_workspace(
        Settings(folder=tmp_path / "other"),
        tracker=SilentTracker(), listener=lambda _: None, say=lambda _: None,
    )  # fmt: skip
    collect(other, [tmp_path / "a"], vehicle="car", copy=False)
    assert bring(other, path).batch.id == made.batch.id
    other.close()


def test_losses_are_told_before_anything_is_written(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, coco(tmp_path), author="ann")
    leaving = leaving_of(workspace, "all")
    seen = foresee(leaving, format_of("kitti"))
    made = export_labels(workspace, leaving, tmp_path / "out", format_of("kitti"))
    assert seen.losses == made.losses
    assert {item.what for item in made.losses} >= {"shape polygon", "attributes", "track_id"}


def test_pictures_leave_with_a_webdataset(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, coco(tmp_path), author="ann")
    leaving = leaving_of(workspace, "all")
    export_labels(workspace, leaving, tmp_path / "out", format_of("webdataset"))
    with tarfile.open(tmp_path / "out" / "labels-000000.tar") as tar:
        names = tar.getnames()
        picture = tar.extractfile("car+a+camera+000001.jpg")
        assert picture is not None
        assert picture.read() == (tmp_path / "a" / "1.jpg").read_bytes()
    stems = [f"car+a+camera+{number:06d}" for number in range(3)]
    assert names == [f"{stem}{suffix}" for stem in stems for suffix in (".json", ".jpg")]


def test_what_cannot_leave(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody has annotated"):
        leaving_of(workspace, "all")
    with pytest.raises(UnknownName):
        leaving_of(workspace, "nothing-like-it")
    bring(workspace, coco(tmp_path), author="ann")
    (recording,) = workspace.catalog.recordings()
    assert leaving_of(workspace, recording.id).pictures.num_rows == 3
    with pytest.raises(UnknownName, match="is of kind 'source'"):
        leaving_of(workspace, f"source:{recording.source}")
