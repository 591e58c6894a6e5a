"""Exports read by others' code, and OpenLABEL against its schema.

RINGROAD_LABEL_ORACLES: a Python with datumaro and globox. RINGROAD_OPENLABEL_SCHEMA: the file
openlabel_json_schema-v1.0.0.json, which ASAM publishes; its licence is not known to allow copies,
so none stands here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "label" / "formats"))

from format_marks import read, table, write
from test_label_formats_real import keyframe, shown

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
ORACLE = Path(__file__).with_name("label_oracles.py")


@pytest.fixture
def oracles() -> str:
    python = os.environ.get("RINGROAD_LABEL_ORACLES", "")
    if not python:
        pytest.skip("RINGROAD_LABEL_ORACLES names no Python with datumaro and globox")
    return python


LAYOUTS = {
    ("globox", "coco"): ("coco", "out.json", "out.json"),
    ("globox", "voc"): ("voc", "out", "out/Annotations/images"),
    ("globox", "cvat"): ("cvat-images", "out.xml", "out.xml"),
    ("globox", "yolo"): ("yolo", "out", "out/labels/images"),
    ("datumaro", "kitti_detection"): ("kitti", "out/default", "out"),
    ("datumaro", "voc_detection"): ("voc", "out", "out"),
}


@pytest.mark.parametrize(("reader", "theirs"), list(LAYOUTS))
def test_boxes_of_camvid_as_others_see_them(
    reader: str, theirs: str, oracles: str, test_data: Path, tmp_path: Path
) -> None:
    ours, target, path = LAYOUTS[reader, theirs]
    source = test_data / "camvid" / "boxes_from_masks_coco.json"
    document = json.loads(source.read_text())
    frames = [f"v/{image['sequence']}/front/{image['id']:06d}" for image in document["images"]]
    names = [image["file_name"] for image in document["images"]]
    known = shown(frames, names, [(480, 360)] * len(frames))
    found = read("coco", source, known)
    categories = sorted({row["category"] for row in found.rows.to_pylist()} - {""})
    write(ours, found.rows, tmp_path / target, shown=known, categories=categories)
    if theirs == "voc_detection":
        _complete_voc(tmp_path / "out", names, categories)
    arguments = [reader, theirs, str(tmp_path / path), str(test_data / "camvid" / "images")]
    run = subprocess.run([oracles, str(ORACLE), *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    seen = json.loads(run.stdout.splitlines()[-1])
    name_of = dict(zip(frames, names, strict=True))
    expected = sorted(
        [Path(name_of[row["frame_id"]]).stem, row["category"],
         *(round(row[key], 3) for key in "xywh")]
        for row in found.rows.to_pylist() if row["category"]
    )  # fmt: skip
    if theirs == "yolo":  # which knows numbers alone
        seen = sorted([stem, categories[int(number)], *box] for stem, number, *box in seen)
    assert len(seen) == len(expected) == 3602
    for one, other in zip(sorted(seen), expected, strict=True):
        assert one[:2] == other[:2]
        assert one[2:] == pytest.approx(other[2:], abs=0.002)


def _complete_voc(folder: Path, names: list[str], categories: list[str]) -> None:
    """What datumaro wants beside annotations."""
    (folder / "ImageSets" / "Main").mkdir(parents=True)
    stems = [name.rpartition(".")[0] for name in names]
    (folder / "ImageSets" / "Main" / "default.txt").write_text("\n".join(stems))
    labels = "".join(f"{name}:::\n" for name in ("background", *categories))
    (folder / "labelmap.txt").write_text(labels)


def test_openlabel_is_valid(test_data: Path, tmp_path: Path) -> None:
    path = os.environ.get("RINGROAD_OPENLABEL_SCHEMA", "")
    if not path:
        pytest.skip("RINGROAD_OPENLABEL_SCHEMA names no copy of the schema")
    schemas = pytest.importorskip("jsonschema_rs")
    check = schemas.validator_for(json.loads(Path(path).read_text()))
    write("openlabel", table(), tmp_path / "shapes.json")
    before = keyframe(test_data)
    known = shown(["v/n/LIDAR_TOP/000000"], ["LIDAR_TOP/a.pcd.bin"], [(0, 0)])
    categories = sorted(set(before["category"].to_pylist()))
    write("openlabel", before, tmp_path / "keyframe.json", shown=known, categories=categories)
    for name in ("shapes.json", "keyframe.json"):
        document = json.loads((tmp_path / name).read_text())
        assert not list(check.iter_errors(document))
        assert document["openlabel"]["objects"]
        document["openlabel"]["frames"]["0"]["objects"]["not-a-uid"] = {}
        assert list(check.iter_errors(document))
