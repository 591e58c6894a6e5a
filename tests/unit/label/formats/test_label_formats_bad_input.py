"""Bad label files: one clear problem or error each; the rest goes on, or nothing is taken in."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from format_marks import FRAMES, read, table, target_of, write
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import InvalidAnnotations, RingroadError
from ringroad.label.formats.craft import zip_files
from ringroad.label.formats.craft.zip_files import unpack
from ringroad.label.formats.files import LabelFiles, bundle
from ringroad.label.formats.intake import intake

FIRST, SECOND = ({"frame_id": frame, "width": 100, "height": 80} for frame in FRAMES[:2])


def coco(*annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, **FIRST}, {"id": 2, **SECOND}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": list(annotations),
        **more,
    }


def box(number: int, *bbox: float, **more: Any) -> dict[str, Any]:
    return {"id": number, "image_id": 1, "category_id": 1, "bbox": list(bbox), **more}


GOOD = box(1, 1, 2, 3, 4)


def problems(document: Any, folder: Path) -> list[tuple[str, str]]:
    path = folder / "labels.json"
    path.write_text(json.dumps(document))
    found = read("coco", path)
    for item in found.problems:
        assert item.what
        assert item.place
    return [(item.code, item.place) for item in found.problems]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (box(2, 90, 2, 30, 4), "outside-frame"),
        (box(2, 200, 200, 3, 4), "outside-frame"),
        (box(2, 1, 2, 0, 4), "empty-box"),
        (box(2, 1, 2, float("nan"), 4), "no-box"),
        (box(2, 1, 2, float("inf"), 4), "no-box"),
        (box(1, 1, 2, 3, 4), "duplicate-annotation"),
        (box(2, 1, 2, 3, 4, category_id=9), "unknown-category"),
        (box(2, 1, 2, 3, 4, segmentation=[[1, 2, 3]]), "too-few-points"),
        (box(2, 1, 2, 3, 4, segmentation={"counts": "1", "size": [9, 9]}), "bad-mask"),
        (box(2, 1, 2, 3, 4, segmentation={"counts": [5], "size": [80, 100]}), "bad-mask"),
        (box(2, 1, 2, 3, 4, ringroad={"shape": "blob", "points": []}), "unknown-shape"),
        (box(2, 1, 2, 3, 4, ringroad={"shape": "cuboid", "points": [1]}), "too-few-points"),
        (
            box(2, 1, 2, 3, 4, ringroad={"shape": "polyline", "points": [1, 2, 4, 6],
                                         "bbox": [9, 2, 3, 4]}),
            "shape-and-box-differ",
        ),
    ],
)  # fmt: skip
def test_a_bad_row_is_one_problem_and_the_rest_goes_on(
    row: dict[str, Any], code: str, tmp_path: Path
) -> None:
    document = coco(GOOD, row, box(3, 5, 6, 7, 8, image_id=2))
    assert problems(document, tmp_path) == [(code, f"annotations[1], id {row['id']}")]
    assert read("coco", tmp_path / "labels.json").taken == 2


def test_our_id_twice(tmp_path: Path) -> None:
    copies = [box(n, 1, 2, 3, 4, attributes={"annotation_id": "same"}) for n in (1, 2)]
    assert problems(coco(*copies), tmp_path) == [("duplicate-annotation", "annotations[1], id 2")]


def test_a_picture_of_another_shape(tmp_path: Path) -> None:
    document = coco(GOOD)
    document["images"][0] = {"id": 1, "file_name": "images/000000.jpg", "width": 100, "height": 100}
    assert problems(document, tmp_path) == [("wrong-size", "images[0], id 1")]
    document["images"][0] |= {"width": 200, "height": 160}
    assert problems(document, tmp_path) == []
    (row, _) = read("coco", tmp_path / "labels.json").rows.to_pylist()
    assert [row[name] for name in "xywh"] == [0.5, 1, 1.5, 2]


def test_categories_that_are_their_own_parents(tmp_path: Path) -> None:
    names = [("car", "van"), ("van", "truck"), ("truck", "car")]
    rows = [{"id": n, "name": a, "supercategory": b} for n, (a, b) in enumerate(names, start=1)]
    document = coco(GOOD, categories=rows)
    assert problems(document, tmp_path) == [("cyclic-parents", "categories[0], name 'car'")]
    assert read("coco", tmp_path / "labels.json").taken == 1


def test_two_taxonomies_in_one_file(tmp_path: Path) -> None:
    rows = [{"id": 1, "name": "car"}, {"id": 2, "name": "Car"}]
    document = coco(GOOD, box(2, 1, 2, 3, 4, category_id=2), categories=rows)
    assert problems(document, tmp_path) == [("mixed-taxonomies", "category 'car'")]
    mapped = read("coco", tmp_path / "labels.json", categories={"car": "car", "Car": "car"})
    assert mapped.problems == ()


def test_two_guidelines_in_one_file(tmp_path: Path) -> None:
    rows = [box(n, 1, 2, 3, 4, attributes={"guideline": f"g{n}"}) for n in (1, 2)]
    (tmp_path / "labels.json").write_text(json.dumps(coco(*rows)))
    with pytest.raises(InvalidAnnotations, match="2 guidelines: g1, g2") as caught:
        read("coco", tmp_path / "labels.json")
    assert caught.value.subject == str(tmp_path / "labels.json")
    assert caught.value.remedy


def test_very_many_problems_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(intake, "PROBLEMS_PER_CODE", 3)
    found = problems_of([box(n, 1, 2, -1, 4) for n in range(10)], tmp_path)
    assert [item.what for item in found][3:] == ["7 more of this kind"]


def problems_of(rows: list[dict[str, Any]], folder: Path) -> Any:
    (folder / "labels.json").write_text(json.dumps(coco(*rows)))
    return read("coco", folder / "labels.json").problems


REGION = {"type": "rectanglelabels", "original_width": 100, "original_height": 80,
          "value": {"x": 1, "y": 2, "width": 3, "height": 4,
                    "rectanglelabels": ["car"]}}  # fmt: skip


def studio(*regions: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": 1, "data": {"frame_id": FRAMES[0]}, "annotations": [{"result": list(regions)}]}]


def test_regions_of_label_studio_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(studio(
        {**REGION, "id": "a", "parentID": "b"},
        {**REGION, "id": "b", "parentID": "a"},
        {**REGION, "id": "b"},
        {**REGION, "id": "c", "value": {**REGION["value"], "x": "left"}},
        {**REGION, "id": "d", "value": {**REGION["value"], "rectanglelabels": []}},
        {**REGION, "id": "e", "value": {**REGION["value"], "x": 99}},
    )))  # fmt: skip
    found = read("label-studio", path)
    assert found.taken == 2
    assert [item.code for item in found.problems] == [
        "duplicate-annotation", "cyclic-parents", "no-box", "unknown-category", "outside-frame",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("yolo", "0 .5 .5 .2", "wrong-count"),
        ("yolo", "0 .5 .5 nan .2", "not-a-number"),
        ("yolo", "0 .5 .5 x .2", "not-a-number"),
        ("yolo", "7 .5 .5 .2 .2", "unknown-category"),
        ("yolo-obb", "0 .1 .1 .5 .1 .5 .5 .2 .9", "no-rectangle"),
        ("kitti", "Car 0 0 0 1 2 3", "wrong-count"),
        ("kitti", "Car 0 0 0 1 2 3 4 1 1 1 0 0 9 x", "wrong-count"),
        ("kitti", "Car 0 0 0 50 2 30 4 -1 -1 -1 -1000 -1000 -1000 -10", "empty-box"),
    ],
)
def test_lines_of_text_formats(name: str, text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("car\n")
    good = (
        "0 .5 .5 .2 .2" if name != "kitti" else "Car 0 0 0 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10"
    )
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "000000.txt").write_text(f"{good}\n{text}\n")
    found = read(name, tmp_path if name != "kitti" else tmp_path / "labels")
    place = "labels/000000.txt, line 2" if name != "kitti" else "000000.txt, line 2"
    assert [(item.code, item.place) for item in found.problems] == [(code, place)]
    assert found.taken == 1


CVAT = ('<annotations><image id="0" name="images/000000.jpg" width="100" height="80">{}</image>'
        "</annotations>")  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        ('<box label="car" xtl="1" ytl="2" xbr="x" ybr="4"/>', "no-shape"),
        ('<box xtl="1" ytl="2" xbr="3" ybr="4"/>', "unknown-category"),
        ('<polygon label="car" points="1,2;3"/>', "too-few-points"),
        ('<polygon label="car" points="1,2;nan,4;5,6"/>', "not-a-number"),
        ('<mask label="car" rle="1,2" left="90" top="0" width="20" height="2"/>', "bad-mask"),
        ('<mask label="car" rle="1,2" left="0" top="0" width="2" height="2"/>', "no-shape"),
        ('<points label="car" points="1,2;3,4"/>', "several-points"),
    ],
)
def test_shapes_of_cvat(shape: str, code: str, tmp_path: Path) -> None:
    good = '<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"/>'
    (tmp_path / "a.xml").write_text(CVAT.format(good + shape))
    found = read("cvat-images", tmp_path / "a.xml")
    assert [(item.code, item.place[:6]) for item in found.problems] == [(code, "line 1")]
    assert found.taken == 1


@pytest.mark.parametrize(
    "name", ["bdd100k", "coco", "cvat-images", "label-studio", "openlabel", "parquet", "webdataset"]
)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_damaged_file_breaks_a_reader(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    write(name, table(), target_of(name, folder))
    paths = sorted(
        path for path in folder.rglob("*") if path.is_file() and "losses" not in path.name
    )
    path = data.draw(st.sampled_from(paths))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        read(name, target_of(name, folder))
    except RingroadError as error:
        assert error.subject  # noqa: PT017 (it may be read as well)
        assert error.what  # noqa: PT017


def archive(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name", ["../out.json", "/out.json", "a/../../out.json", "..\\out.json", "C:/out.json"]
)
def test_paths_that_lead_out_of_a_zip(name: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"good.json": b"{}", name: b"{}"})
    (tmp_path / "to").mkdir()
    with pytest.raises(InvalidAnnotations, match="leads out of the archive") as caught:
        unpack(path, tmp_path / "to")
    assert caught.value.subject == str(path)
    assert name in caught.value.place or "\\" in name
    assert list((tmp_path / "to").iterdir()) == []
    assert not (tmp_path / "out.json").exists()


def test_links_in_a_zip(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("labels.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(info, "/etc/passwd")
    with pytest.raises(InvalidAnnotations, match="is a link"):
        unpack(tmp_path / "a.zip", tmp_path / "to")


def test_bombs_and_doubles_in_a_zip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bomb = archive(tmp_path / "a.zip", **{"labels.json": bytes(8 << 20)})
    with pytest.raises(InvalidAnnotations, match="a bomb"):
        unpack(bomb, tmp_path / "to")
    assert sum(f.stat().st_size for f in (tmp_path / "to").rglob("*")) <= 3 << 20
    monkeypatch.setattr(zip_files, "RATIO_LIMIT", 1 << 30)
    monkeypatch.setattr(zip_files, "TOTAL_LIMIT", 1 << 20)
    with pytest.raises(InvalidAnnotations, match="more than 1,048,576 bytes"):
        unpack(bomb, tmp_path / "to")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as made:
        made.writestr("labels.json", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("labels.json", "2")
    with pytest.raises(InvalidAnnotations, match="twice"):
        unpack(tmp_path / "b.zip", tmp_path / "to")
    (tmp_path / "c.zip").write_bytes(bomb.read_bytes()[:-30])
    with pytest.raises(InvalidAnnotations, match="not a whole ZIP"):
        unpack(tmp_path / "c.zip", tmp_path / "to")
    with pytest.raises(InvalidAnnotations, match="no label files"):
        unpack(archive(tmp_path / "d.zip", **{"a.jpg": b"x"}), tmp_path / "to")


def test_a_good_zip_a_folder_and_a_bundle_read_alike(tmp_path: Path) -> None:
    write("voc", table(), tmp_path / "voc")
    path = tmp_path / "voc.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted((tmp_path / "voc").rglob("*.xml")):
            made.write(file, file.relative_to(tmp_path / "voc"))
    unpack(path, tmp_path / "to")
    bundle(LabelFiles.of(tmp_path / "to"), tmp_path / "a.tar")
    bundle(LabelFiles.of(tmp_path / "to"), tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    files = LabelFiles.bundled(tmp_path / "a.tar", "voc")
    for name in files.names():
        with files.open(name) as file:
            assert file.read() == (tmp_path / "voc" / name).read_bytes() == files.read(name)
    assert read("voc", tmp_path / "to").rows.equals(read("voc", tmp_path / "voc").rows)


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("0 .5 .5 .2 .2")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "000000.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(RingroadError, match="holds no label files"):
        LabelFiles.of(tmp_path / "labels")


CUT = """
import io, sys
from pathlib import Path
from ringroad.domain.errors import InvalidAnnotations
from ringroad.label.formats.craft.xml_stream import elements

class Endless(io.RawIOBase):
    'CVAT images by the million, cut off in the midst of a tag after so many bytes.'
    def __init__(self, size):
        box = '<box label="car" xtl="1" ytl="2" xbr="3" ybr="4"/>'
        head = '<image id="0" name="a.jpg" width="9" height="9">'
        self.image = (head + box * 200 + '</image>').encode()
        self.left, self.rest = size, b'<annotations>'
    def read(self, size):
        while len(self.rest) < size:
            self.rest += self.image * 32
        data, self.rest = self.rest[: min(size, self.left)], self.rest[size:]
        self.left -= len(data)
        return data

count = 0
try:
    for image in elements(Endless(int(sys.argv[1])), frozenset({'image'}), subject='cvat.xml'):
        count += 1
except InvalidAnnotations as error:
    status = Path("/proc/self/status")  # its peak begins at exec, which rusage's does not
    lines = status.read_text().splitlines() if status.exists() else ["VmHWM: 0"]
    peak = next(line for line in lines if line.startswith("VmHWM"))
    print(count, int(peak.split()[1]) // 1024, error)
"""


@pytest.mark.parametrize(
    "size", [64 << 20, pytest.param(2 << 30, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_a_truncated_xml_is_read_as_a_stream(size: int) -> None:
    run = subprocess.run(
        [sys.executable, "-c", CUT, str(size)], capture_output=True, text=True, check=True
    )
    count, peak_mib, said = run.stdout.split(maxsplit=2)
    assert int(count) > size // 12_000
    assert int(peak_mib) < 200
    assert said.startswith("cvat.xml, line 1, column")
    assert "it ends too early" in said
