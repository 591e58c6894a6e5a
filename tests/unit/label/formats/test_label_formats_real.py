"""Annotations of recorded drives through formats and back, and read by others' code."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from format_marks import read, write
from pycocotools.coco import COCO

from ringroad.domain.annotation import BOX, CUBOID, VEHICLE
from ringroad.label.formats.pictures import PICTURES
from ringroad.label.geometry import corners_of, matrix_of, quaternion_of
from ringroad.label.rows import Mark, rows
from ringroad.media.pictures.images import size_of

UNSAID = ["author", "source"]


def shown(frames: list[str], names: list[str], sizes: list[tuple[int, int]]) -> pa.Table:
    columns = [frames, names, [w for w, _ in sizes], [h for _, h in sizes]]
    return pa.table(columns, schema=PICTURES)


def pictures_of(folder: Path, pattern: str, *, channel: str, below: Path) -> pa.Table:
    paths = sorted(folder.glob(pattern))
    frames = [f"{channel}/{number:06d}" for number in range(len(paths))]
    sizes = [size_of(path.read_bytes()) for path in paths]
    return shown(frames, [str(path.relative_to(below)) for path in paths], sizes)


def plain(table: pa.Table) -> list[dict[str, Any]]:
    return table.drop_columns(UNSAID).sort_by("annotation_id").to_pylist()


def test_kitti_comes_back_byte_for_byte(test_data: Path, tmp_path: Path) -> None:
    root = test_data / "kitti_object" / "training"
    known = pictures_of(root / "image_2", "*.jpeg", channel="v/k/image_2", below=root)
    found = read("", root / "label_2", known)
    assert (found.problems, found.losses) == ((), ())
    assert Counter(found.rows["shape"].to_pylist()) == {BOX: 499, CUBOID: 311}
    categories = sorted(set(found.rows["category"].to_pylist()))
    made = write("kitti", found.rows, tmp_path / "out", shown=known, categories=categories)
    assert {item.what for item in made.losses} == {"annotation_id", "author", "source"}
    for path in (root / "label_2").glob("*.txt"):
        again = tmp_path / "out" / "label_2" / "image_2" / path.name
        assert again.read_text().split() == path.read_text().split(), path.name


def test_kitti_cuboids_stand_where_the_data_set_says(test_data: Path) -> None:
    """A corner computed by hand from the first line with a place, as the data set's readme does."""
    root = test_data / "kitti_object" / "training"
    known = pictures_of(root / "image_2", "*.jpeg", channel="v/k/image_2", below=root)
    rows_ = read("kitti", root / "label_2", known).rows.to_pylist()
    words = (root / "label_2" / "000000.txt").read_text().split()
    h, w, length, x, y, z, turn = map(float, words[8:15])
    (row,) = [r for r in rows_ if r["frame_id"].endswith("000000") and r["shape"] == CUBOID]
    at, size, quaternion = row["points"][:3], row["points"][3:6], row["points"][6:]
    assert (at, size) == ([x, y - h / 2, z], [length, w, h])
    theirs = np.array(
        [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    )
    corner = theirs @ [length / 2, -h, w / 2] + [x, y, z]  # front, top, side
    ours = matrix_of(quaternion) @ [length / 2, w / 2, h / 2] + np.array(at)
    assert ours == pytest.approx(corner, abs=1e-9)


def test_signs_of_gtsdb_as_they_were_published(test_data: Path, tmp_path: Path) -> None:
    root = test_data / "gtsdb"
    known = pictures_of(root / "images", "*", channel="v/g/camera", below=root)
    found = read("", root / "labels", known)
    assert (found.problems, found.losses) == ((), ())
    marked = [row for row in found.rows.to_pylist() if row["category"]]
    assert len(marked) == 398
    assert len({row["frame_id"] for row in found.rows.to_pylist()}) == 249
    _check_pixels(root, known, marked)
    categories = sorted({row["category"] for row in marked}, key=int)
    write("yolo", found.rows, tmp_path / "out", shown=known, categories=categories)
    back = read("yolo", tmp_path / "out", known)
    assert plain(back.rows) == plain(found.rows)
    for path in sorted((root / "labels").glob("*.txt")):
        again = (tmp_path / "out" / "labels" / "images" / path.name).read_text().splitlines()
        for line, other in zip(path.read_text().splitlines(), again, strict=True):
            numbers, others = line.split(), other.split()
            assert numbers[0] == categories[int(others[0])]
            assert list(map(float, numbers[1:])) == pytest.approx(
                list(map(float, others[1:])), abs=1e-7
            )


def _check_pixels(root: Path, known: pa.Table, marked: list[dict[str, Any]]) -> None:
    """The pixel boxes that the data set has beside the shares: theirs are whole numbers."""
    stems = {
        f: Path(n).stem for f, n in zip(*known.select([0, 1]).to_pydict().values(), strict=True)
    }
    theirs = json.loads((root / "gt.json").read_text())
    listed = theirs.values() if isinstance(theirs, dict) else theirs
    assert len([box for boxes in listed for box in boxes]) >= len(marked)
    assert {stems[row["frame_id"]] for row in marked} <= {f"{int(key):05d}" for key in theirs}


def test_boxes_of_camvid_through_every_format_with_ids(test_data: Path, tmp_path: Path) -> None:
    document = json.loads((test_data / "camvid" / "boxes_from_masks_coco.json").read_text())
    frames = [f"v/{image['sequence']}/front/{image['id']:06d}" for image in document["images"]]
    known = shown(frames, [image["file_name"] for image in document["images"]], [(480, 360)] * 530)
    found = read("", test_data / "camvid" / "boxes_from_masks_coco.json", known)
    assert (found.taken, found.problems) == (3602, ())
    categories = sorted({row["category"] for row in found.rows.to_pylist()} - {""})
    for name in ("coco", "cvat-images", "voc", "label-studio", "bdd100k", "openlabel", "parquet",
                 "webdataset", "cvat-video"):  # fmt: skip
        target = tmp_path / name / "labels.json"
        write(name, found.rows, target, shown=known, categories=categories)
        back = read(name, target, known)
        assert back.problems == (), name
        assert back.rows.num_rows == found.rows.num_rows, name
        for row, other in zip(plain(found.rows), plain(back.rows), strict=True):
            for key in "xywh":
                assert row.pop(key) == pytest.approx(other.pop(key), abs=3e-5), name
            assert row == other, name


def test_pycocotools_sees_the_boxes_of_camvid(
    test_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = test_data / "camvid" / "boxes_from_masks_coco.json"
    document = json.loads(path.read_text())
    frames = [f"v/{image['sequence']}/front/{image['id']:06d}" for image in document["images"]]
    known = shown(frames, [image["file_name"] for image in document["images"]], [(480, 360)] * 530)
    found = read("coco", path, known)
    categories = sorted({row["category"] for row in found.rows.to_pylist()} - {""})
    write("coco", found.rows, tmp_path / "out.json", shown=known, categories=categories)
    theirs, ours = COCO(str(path)), COCO(str(tmp_path / "out.json"))
    capsys.readouterr()
    assert _boxes(theirs) == _boxes(ours)


def _boxes(index: COCO) -> Counter[tuple[Any, ...]]:
    files = {image["id"]: image["file_name"] for image in index.dataset["images"]}
    names = {item["id"]: item["name"] for item in index.dataset["categories"]}
    return Counter(
        (files[row["image_id"]], names[row["category_id"]], *map(float, row["bbox"]))
        for row in index.loadAnns(index.getAnnIds())
    )


def keyframe(test_data: Path) -> pa.Table:
    """The 69 boxes of the key frame, brought from the lidar's coordinates into the vehicle's."""
    text = (test_data / "nuscenes_keyframe" / "keyframe_info.json").read_text()
    info = json.loads(text)
    names = {number: name for name, number in info["metainfo"]["categories"].items()}
    sample = info["data_list"][0]
    pose = np.array(sample["lidar_points"]["lidar2ego"])
    marks = []
    for number, item in enumerate(sample["instances"]):
        x, y, z, length, width, height, yaw = item["bbox_3d"]
        turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
        middle = pose[:3, :3] @ [x, y, z + height / 2] + pose[:3, 3]
        points = [*middle.tolist(), length, width, height, *quaternion_of(pose[:3, :3] @ turn)]
        marks.append(
            Mark(category=names.get(item["bbox_label"], "other"), x=0, y=0, w=0, h=0, shape=CUBOID,
                 points=tuple(points), space=VEHICLE, id=f"annotation-{number:02d}",
                 track=f"instance-{number:02d}",
                 attributes={"num_lidar_pts": str(item["num_lidar_pts"]),
                             "num_radar_pts": str(item["num_radar_pts"]),
                             "visibility": "v80-100", "vehicle": "parked"})
        )  # fmt: skip
    return rows({"v/n/LIDAR_TOP/000000": marks}, author="nuscenes", source="human")  # type: ignore[dict-item]


@pytest.mark.parametrize("name", ["nuscenes", "openlabel", "parquet", "webdataset"])
def test_cuboids_of_a_nuscenes_key_frame(name: str, test_data: Path, tmp_path: Path) -> None:
    before = keyframe(test_data)
    known = shown(["v/n/LIDAR_TOP/000000"], ["samples/LIDAR_TOP/a.pcd.bin"], [(0, 0)])
    categories = sorted(set(before["category"].to_pylist()))
    write(name, before, tmp_path / "out.json", shown=known, categories=categories)
    back = read(name, tmp_path / "out.json", known, author="nuscenes")
    assert (back.taken, back.problems) == (69, ())
    assert plain(back.rows) == plain(before)


def test_tracks_of_radiate(test_data: Path, tmp_path: Path) -> None:
    path = test_data / "radiate_tiny_foggy" / "annotations" / "annotations.json"
    frames = [f"v/r/Navtech_Cartesian/{number:06d}" for number in range(1, 7)]
    known = shown(
        frames, [f"Navtech_Cartesian/{n:06d}.png" for n in range(1, 7)], [(1152, 1152)] * 6
    )
    found = read("", path, known)
    assert found.problems == ()
    assert [item.what for item in found.losses] == ["boxes of frames that are not here"]
    first = found.rows.to_pylist()[0]
    theirs = json.loads(path.read_text())[0]
    x, y, w, h = theirs["bboxes"][0]["position"]
    turn = np.deg2rad(-theirs["bboxes"][0]["rotation"])  # as the data set's own kit draws it
    about = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corner = about @ [-w / 2, -h / 2] + np.array([x + w / 2, y + h / 2])
    assert corners_of(first["points"])[:2] == pytest.approx(corner.tolist(), abs=1e-9)
    categories = sorted(set(found.rows["category"].to_pylist()))
    for name in ("openlabel", "cvat-video", "cvat-images", "coco", "parquet", "label-studio"):
        write(name, found.rows, tmp_path / name / "out.json", shown=known, categories=categories)
        back = read(name, tmp_path / name / "out.json", known)
        assert back.problems == (), name
        assert back.rows.num_rows == found.rows.num_rows, name
        for row, other in zip(plain(found.rows), plain(back.rows), strict=True):
            points, others = row.pop("points"), other.pop("points")
            assert corners_of(points) == pytest.approx(corners_of(others), abs=1e-9), name
            for key in "xywh":
                assert row.pop(key) == pytest.approx(other.pop(key), abs=1e-4), name
            assert row == other, name
