"""COCO in and out: broken rows are named and set aside, bytes repeat."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.dataset import PictureFile
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.formats.coco.format import rows_of_coco, write_coco
from ringroad.label.rows import Mark, marks_by_frame, rows
from ringroad.media.schemas import ANNOTATIONS

A, B = FrameId("v/r/front/000000"), FrameId("v/r/front/000001")
FRAMES = {"a.jpg": A, "b.jpg": B}
SIZES = {A: (100, 80), B: (100, 80)}
CATEGORIES = {"car": "car", "person": "pedestrian", "traffic light": "light"}


def document(*annotations: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "categories": [
            {"id": 1, "name": "car"},
            {"id": 2, "name": "person"},
            {"id": 3, "name": "traffic light"},
            {"id": 4, "name": "dog"},
        ],
        "annotations": list(annotations),
    }


def row(
    number: int, bbox: Any, *, image: Any = 1, category: Any = 1, **more: Any
) -> dict[str, Any]:
    return {"id": number, "image_id": image, "category_id": category, "bbox": bbox, **more}


def read(doc: Any) -> tuple[pa.Table, list[tuple[str, str]]]:
    table, problems = rows_of_coco(json.dumps(doc).encode(), FRAMES, SIZES, CATEGORIES)
    assert table.schema == ANNOTATIONS
    return table, [(problem.code, problem.place) for problem in problems]


GOOD = row(1, [1, 2, 30, 40])


def test_boxes_and_empty_frames() -> None:
    table, problems = read(document(GOOD))
    assert problems == []
    assert marks_by_frame(table) == {A: [Mark(category="car", x=1, y=2, w=30, h=40)], B: []}
    assert set(table["source"].to_pylist()) == {"import"}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (row(7, [1, 2, 3, 4], image=99), "unknown-image"),
        (row(7, [1, 2, 3, 4], image=None), "no-id"),
        (row(7, [1, 2, -3, 4]), "empty-box"),
        (row(7, [1, 2, 0, 4]), "empty-box"),
        (row(7, [-5, 2, 30, 4]), "outside-frame"),
        (row(7, [90, 2, 30, 4]), "outside-frame"),
        (row(7, [500, 2, 30, 4]), "outside-frame"),
        (row(7, [-0.5, 2, 0.25, 4]), "outside-frame"),
        (row(7, [1, 2, 3]), "no-box"),
        (row(7, [1, 2, float("nan"), 4]), "no-box"),
        (row(7, [1, 2, 10**400, 4]), "no-box"),
        (row(7, [1, 2, True, 4]), "no-box"),
        (row(7, None), "no-box"),
        (row(1, [1, 2, 3, 4]), "duplicate-annotation"),
        (row(7, [1, 2, 3, 4], category=9), "unknown-category"),
        (row(7, [1, 2, 3, 4], iscrowd=1), "crowd"),
        (
            row(7, [1, 2, 3, 4], category=3, attributes={"light_state": "blue"}),
            "unknown-light-state",
        ),
    ],
)
def test_a_bad_row_is_named_and_the_rest_goes_on(bad: dict[str, Any], code: str) -> None:
    table, problems = read(document(GOOD, bad, row(8, [5, 5, 5, 5], image=2)))
    assert problems == [(code, f"annotations[1], id {bad['id']}")]
    assert {frame: len(marks) for frame, marks in marks_by_frame(table).items()} == {A: 1, B: 1}


def test_rows_that_are_no_objects() -> None:
    doc = document("x", GOOD)
    doc["images"].append(5)
    table, problems = read(doc)
    assert problems == [("not-an-object", "images[2]"), ("not-an-object", "annotations[0]")]
    assert len(marks_by_frame(table)[A]) == 1


def test_a_frame_whose_only_box_was_refused_is_not_empty() -> None:
    table, problems = read(document(row(1, [1, 1, 0, 0])))
    assert [code for code, _ in problems] == ["empty-box"]
    assert marks_by_frame(table) == {B: []}


def test_pictures_that_are_not_ours_and_categories_that_are_not_mapped() -> None:
    doc = document(GOOD, row(2, [1, 1, 5, 5], category=4), row(3, [1, 1, 5, 5], image=3))
    doc["images"].append({"id": 3, "file_name": "elsewhere.jpg"})
    table, problems = read(doc)
    assert problems == [
        ("unknown-file", "images[2], id 3"),
        ("unmapped-category", "category 'dog'"),
    ]
    assert len(marks_by_frame(table)[A]) == 1


def test_a_category_that_is_not_mapped_says_how_to_map_it_here_and_in_a_file() -> None:
    data = json.dumps(document(GOOD, row(2, [1, 1, 5, 5], category=4))).encode()
    _, (problem,) = rows_of_coco(data, FRAMES, SIZES, CATEGORIES)
    assert "--map dog=OURS" in problem.remedy
    assert 'categories = { "dog" = "OURS" }' in problem.remedy
    assert problem.what.startswith("1 annotations left out")


def test_a_pixel_of_overshoot_is_clipped() -> None:
    table, problems = read(document(row(1, [-0.5, 0, 20, 20]), row(2, [90, 70, 10.5, 11])))
    assert problems == []
    assert marks_by_frame(table)[A] == [
        Mark(category="car", x=0, y=0, w=19.5, h=20),
        Mark(category="car", x=90, y=70, w=10, h=10),
    ]


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"[]", b"{}", b'{"images": []}', b"[" * 100_000, b"<xml/>"]
)
def test_other_files_are_refused_at_the_door(data: bytes) -> None:
    with pytest.raises(InvalidAnnotations):
        rows_of_coco(data, FRAMES, SIZES, CATEGORIES)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "image_id", "category_id", "bbox", "iscrowd"]), json_values
    )
)
def test_no_row_breaks_the_import(extra: dict[str, Any]) -> None:
    doc = document(GOOD, {**row(2, [1, 1, 5, 5]), **extra})
    doc["images"].append({"id": 3, "file_name": "a.jpg", **extra})
    table, _ = rows_of_coco(json.dumps(doc).encode(), FRAMES, SIZES, CATEGORIES)
    assert marks_by_frame(table)[A][0] == Mark(category="car", x=1, y=2, w=30, h=40)


PICTURES = [
    PictureFile(frame=B, name="b.jpg", width=100, height=80),
    PictureFile(frame=A, name="a.jpg", width=100, height=80),
]


def written(table: pa.Table, pictures: list[PictureFile] = PICTURES) -> bytes:
    sink = io.BytesIO()
    write_coco(pictures, table, sink, categories=("car", "light"))
    return sink.getvalue()


def test_out_and_in_again() -> None:
    marks = {
        A: [
            Mark(category="car", x=0.1, y=2, w=30.25, h=40),
            Mark(category="light", x=50, y=3, w=8, h=20, light_state="red"),
        ],
        B: [],
    }
    table = rows(marks, author="ann", source="human")
    data = written(table)
    assert data == written(table.take([2, 1, 0]))
    doc = json.loads(data)
    assert [image["file_name"] for image in doc["images"]] == ["b.jpg", "a.jpg"]
    assert doc["annotations"][0] == {
        "id": 1, "image_id": 2, "category_id": 1, "bbox": [0.1, 2, 30.25, 40],
        "area": 1210, "iscrowd": 0, "attributes": {"annotation_id": f"{A}/ann/0000"},
    }  # fmt: skip
    back, problems = rows_of_coco(
        data, FRAMES, SIZES, {"car": "car", "light": "light"}, author="ann"
    )
    assert problems == ()
    assert back.drop_columns("source").equals(table.drop_columns("source"))


def test_an_undeclared_category_is_not_written() -> None:
    table = rows({A: [Mark(category="sign", x=0, y=0, w=9, h=9)]}, author="", source="human")
    with pytest.raises(InvalidAnnotations, match="sign"):
        written(table)
    assert json.loads(written(table.slice(0, 0)))["annotations"] == []
    assert json.loads(written(table.slice(0, 0), []))["images"] == []


def test_pycocotools_reads_what_we_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    table = rows({A: [Mark(category="car", x=1, y=2, w=3, h=4)], B: []}, author="", source="human")
    path = tmp_path / "train.json"
    path.write_bytes(written(table))
    index = coco.COCO(str(path))
    capsys.readouterr()
    assert index.getImgIds() == [1, 2]
    assert index.loadAnns(index.getAnnIds(imgIds=[2]))[0]["bbox"] == [1, 2, 3, 4]


def test_recorded_drives(test_data: Path) -> None:
    data = (test_data / "camvid" / "boxes_from_masks_coco.json").read_bytes()
    doc = json.loads(data)
    frames = {
        image["file_name"]: FrameId(f"camvid/{image['sequence']}/front/{image['id']:06d}")
        for image in doc["images"]
    }
    sizes = dict.fromkeys(frames.values(), (480, 360))
    mapping = {"car": "car", "pedestrian": "pedestrian", "bicyclist": "cyclist"}
    table, problems = rows_of_coco(data, frames, sizes, mapping)
    assert problems == ()
    found = marks_by_frame(table)
    assert len(found) == 530
    assert sum(map(len, found.values())) == 3602

    doc["annotations"][10]["image_id"] = 9999
    doc["annotations"][20]["bbox"][2] *= -1
    table, problems = rows_of_coco(json.dumps(doc).encode(), frames, sizes, mapping)
    assert [(p.code, p.place) for p in problems] == [
        ("unknown-image", "annotations[10], id 11"),
        ("empty-box", "annotations[20], id 21"),
    ]
    assert sum(map(len, marks_by_frame(table).values())) == 3600
