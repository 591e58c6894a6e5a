"""Out and in again in every format: what it holds comes back, what it cannot is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from format_marks import CATEGORIES, FRAMES, pictures, read, table, target_of, track, write
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.annotation import BOX, CUBOID, MASK, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.domain.errors import InvalidAnnotations, UnknownName, UsageError
from ringroad.label.formats.known import ALIASES, format_of
from ringroad.label.formats.losses import Loss
from ringroad.label.rows import Mark, marks_by_frame, rows
from ringroad.plugins import LABEL_FORMATS

WRITTEN = [name for name in LABEL_FORMATS.names() if format_of(name).writer is not None]
WITH_IDS = ["bdd100k", "coco", "cvat-images", "cvat-video", "label-studio", "openlabel", "parquet",
            "voc", "webdataset"]  # fmt: skip
EXACT: dict[str, set[str]] = {
    "bdd100k": {BOX, POLYGON, POLYLINE, MASK},
    "coco": {BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT, MASK},
    "cvat-images": {BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT, MASK},
    "cvat-video": {BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT},
    "label-studio": {BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT},
    "openlabel": {BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT, MASK, CUBOID},
    "parquet": {BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT, MASK, CUBOID},
    "voc": {BOX},
    "webdataset": {BOX, ROTATED_BOX, POLYGON, POLYLINE, POINT, MASK, CUBOID},
}
HAS_PARTS = {"bdd100k", "coco", "parquet", "webdataset"}
POINTS_APART = 1e-9


def same(row: dict[str, Any], other: dict[str, Any], *, but: frozenset[str]) -> None:
    for name in row.keys() - but:
        if name == "points":
            assert row[name] == pytest.approx(other[name], abs=POINTS_APART)
        elif name in "xywh":
            assert row[name] == pytest.approx(other[name], abs=1e-5)
        else:
            assert row[name] == other[name], name


@pytest.mark.parametrize("name", WITH_IDS)
def test_what_a_format_holds_comes_back_under_its_own_id(name: str, tmp_path: Path) -> None:
    before = table()
    write(name, before, target_of(name, tmp_path))
    found = read("", target_of(name, tmp_path))  # which guesses the format
    assert found.problems == ()
    assert found.losses == ()
    back = {row["annotation_id"]: row for row in found.rows.to_pylist()}
    marks = [row for row in before.to_pylist() if row["category"]]
    expected = [row for row in marks if row["shape"] in EXACT[name]]
    assert len(expected) >= 3
    for row in expected:
        if len(row["parts"]) < 2 or name in HAS_PARTS:
            but = frozenset({"source", "author"} if name not in {"parquet", "webdataset"} else ())
            same(row, back[row["annotation_id"]], but=but)
    assert [row["frame_id"] for row in back.values() if row["category"] == ""] == FRAMES[3:]


@pytest.mark.parametrize("name", WRITTEN)
def test_equal_rows_give_equal_bytes(name: str, tmp_path: Path) -> None:
    rows_ = table()
    shuffled = rows_.take(pa.array(list(range(rows_.num_rows))[::-1]))
    for number, each in enumerate((rows_, rows_, shuffled)):
        write(name, each, target_of(name, tmp_path / str(number)))
    assert contents(tmp_path / "0") == contents(tmp_path / "1") == contents(tmp_path / "2")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", WRITTEN)
def test_losses_stand_beside_the_export(name: str, tmp_path: Path) -> None:
    made = write(name, table(), target_of(name, tmp_path))
    target = target_of(name, tmp_path)
    path = target / "losses.json" if target.is_dir() else tmp_path / f"{target.name}.losses.json"
    told = [
        Loss(**{**row, "examples": tuple(row["examples"])}) for row in json.loads(path.read_text())
    ]
    assert tuple(told) == made.losses
    held = format_of(name).holds.shapes
    lost = {item.what: item for item in made.losses}
    for shape in (BOX, ROTATED_BOX, POLYLINE, MASK, CUBOID):
        assert (f"shape {shape}" in lost) == (held.get(shape) != "")
    assert all(item.why and item.examples for item in made.losses)


def test_losses_say_what_how_many_and_why(tmp_path: Path) -> None:
    made = write("yolo", table(), tmp_path / "labels")
    lost = {item.what: item for item in made.losses}
    assert lost["attributes"].count == 1
    assert lost["attributes"].examples == ("first",)
    assert lost["attributes"].why == "YOLO has no place for attributes"
    assert lost["shape polygon"].becomes == "its bounding box"
    assert (lost["shape cuboid"].count, lost["shape cuboid"].becomes) == (1, "")
    assert lost["light_state"].count == 2
    nothing_lost = write("parquet", table(), tmp_path / "rows")
    assert nothing_lost.losses == ()


boxes = st.builds(
    lambda x, y, w, h: Mark(category="car", x=x, y=y, w=w, h=h),
    *(st.floats(0, side, width=32) for side in (40, 30)),
    *(st.floats(0.5, side, width=32) for side in (50, 40)),
)


@pytest.mark.parametrize("name", ["coco", "cvat-images", "kitti", "openlabel", "voc", "yolo"])
@settings(max_examples=25, deadline=None)
@given(marks=st.lists(boxes, min_size=1, max_size=5))
def test_any_box_comes_back_to_a_hundred_thousandth_of_a_pixel(
    name: str, marks: list[Mark], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    before = rows({FRAMES[0]: marks}, author="ann", source="human")  # type: ignore[dict-item]
    write(name, before, target_of(name, folder))
    found = read(name, target_of(name, folder))
    assert found.problems == ()
    back = [(row["x"], row["y"], row["w"], row["h"]) for row in found.rows.to_pylist()
            if row["category"]]  # fmt: skip
    drawn = [(mark.x, mark.y, mark.w, mark.h) for mark in marks]
    assert len(back) == len(drawn)
    for box in back:
        drawn.remove(next(mark for mark in drawn if box == pytest.approx(mark, abs=1e-5)))


def test_yolo_boxes_are_exact_and_known_by_number_without_names(tmp_path: Path) -> None:
    write("yolo", table(), tmp_path / "labels")
    back = marks_by_frame(read("yolo", tmp_path / "labels").rows)
    before = marks_by_frame(table())
    for frame in FRAMES[:2]:  # type: ignore[assignment]
        got = sorted((m.category, m.x, m.y, m.w, m.h) for m in back[frame])  # type: ignore[index]
        assert got == sorted((m.category, m.x, m.y, m.w, m.h) for m in before[frame])  # type: ignore[index]
    (tmp_path / "labels" / "data.yaml").unlink()
    unnamed = read("yolo", tmp_path / "labels")
    assert set(unnamed.rows["category"].to_pylist()) == {"0", "1", "3", ""}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [car, 'traffic light']", ["car", "traffic light"]),
        ("nc: 2\nnames:\n- car\n- dog\nval: x", ["car", "dog"]),
        ('names:\n  0: car\n  1: "dog"\n', ["car", "dog"]),
    ],
)
def test_names_of_yolo(text: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "data.yaml").write_text(text)
    (tmp_path / "labels" / "000000.txt").write_text("0 .5 .5 .2 .2\n1 .5 .5 .2 .2\n")
    found = read("yolo", tmp_path)
    assert [row["category"] for row in found.rows.to_pylist()] == names


def test_tracks_of_cvat_say_where_they_are_not(tmp_path: Path) -> None:
    marks = {FRAMES[0]: [track("a", "t")], FRAMES[2]: [track("b", "t")], FRAMES[3]: []}
    write("cvat-video", rows(marks, author="", source="human"), tmp_path / "out")  # type: ignore[arg-type]
    text = (tmp_path / "out" / "v+r+front.xml").read_text()
    shown = [line for line in text.splitlines() if "<box" in line]
    assert ['outside="1"' in line for line in shown] == [False, True, False, True]
    assert ['frame="1"' in shown[1], 'frame="3"' in shown[3]] == [True, True]
    back = read("cvat-video", tmp_path / "out")
    assert {row["annotation_id"]: row["track_id"] for row in back.rows.to_pylist()
            if row["category"]} == {"a": "t", "b": "t"}  # fmt: skip
    assert sorted({row["frame_id"] for row in back.rows.to_pylist()}) == FRAMES


def test_a_size_that_nobody_knows_is_refused_where_it_is_needed(tmp_path: Path) -> None:
    shown = pictures().set_column(2, pictures().schema.field(2), pa.array([0] * 4, pa.int32()))
    for name in ("yolo", "label-studio"):
        with pytest.raises(InvalidAnnotations, match="size of the picture is not known"):
            write(name, table(), target_of(name, tmp_path / name), shown=shown)
    write("coco", rows({FRAMES[0]: [track("a", "t")]}, author="", source="human"),  # type: ignore[dict-item]
          tmp_path / "labels.json", shown=shown)  # fmt: skip
    assert read("coco", tmp_path / "labels.json", shown=shown).problems == ()


def test_names_and_aliases_of_formats() -> None:
    for alias, name in ALIASES.items():
        assert format_of(alias).name == name
    for name in LABEL_FORMATS.names():
        assert format_of(name).name == name
        assert format_of(name).title
    with pytest.raises(UnknownName, match="label-formats"):
        format_of("vott")


def test_a_format_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"something": "else"}')
    with pytest.raises(UsageError, match="looks like no known format"):
        read("", tmp_path / "x.json")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "000000.txt").write_text("0 .1 .1 .2 .1 .2 .2 .1 .2\n")
    with pytest.raises(UsageError, match="yolo-obb, yolo-seg"):
        read("", tmp_path / "labels")


def test_radiate_is_only_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only read"):
        write("radiate", table(), tmp_path / "x.json")


def test_categories_that_are_not_declared_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidAnnotations, match="lane"):
        write("openlabel", table(), tmp_path / "x.json", categories=CATEGORIES[:2])
    assert list(tmp_path.iterdir()) == []
