"""Names that stand for one frame only, and boxes that go to another size and back."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.ids import FrameId
from ringroad.label.rows import Mark, marks_by_frame
from ringroad.label.rows import rows as annotation_rows
from ringroad.pipelines.pictures import exported_name, frames_by_name, renamed, scaled

FIRST, SECOND = FrameId("car/one/camera/000000"), FrameId("car/two/camera/000000")


def test_a_shared_path_needs_the_key_of_its_recording():
    known = frames_by_name({FIRST: "0.jpg", SECOND: "0.jpg"})
    assert "0.jpg" not in known
    assert (known["one/0.jpg"], known["two/0.jpg"]) == (FIRST, SECOND)
    assert (known[FIRST], known[exported_name(SECOND)]) == (FIRST, SECOND)


def test_the_frame_id_counts_before_the_file_name():
    known = frames_by_name({FIRST: "0.jpg", SECOND: "1.jpg"})
    document = {"images": [{"frame_id": SECOND, "file_name": "0.jpg"}, {"file_name": "x/0.jpg"}]}
    names = [row["file_name"] for row in renamed(document, known)["images"]]
    assert [known[name] for name in names] == [SECOND, FIRST]


@pytest.mark.parametrize("document", [None, [], {}, {"images": 3}, {"images": [1, None]}])
def test_what_is_no_coco_file_passes_unchanged(document):
    assert renamed(document, {}) == document


SIDES = st.tuples(st.integers(16, 4096), st.integers(16, 4096))
BOXES = st.lists(st.floats(0, 500, width=32, allow_subnormal=False), min_size=4, max_size=4)


@given(SIDES, SIDES, BOXES)
def test_to_another_size_and_back_is_the_same_box(small, large, box):
    sides = {name: pa.array([value], pa.float32()) for name, value in zip("xywh", box, strict=True)}
    rows = pa.table({"frame_id": [FIRST], **sides})
    there = scaled(rows, {FIRST: small}, {FIRST: large})
    back = scaled(there, {FIRST: large}, {FIRST: small})
    for name, axis in (("x", 0), ("y", 1), ("w", 0), ("h", 1)):
        before = rows[name][0].as_py()
        wanted = before * large[axis] / small[axis]
        assert there[name][0].as_py() == pytest.approx(wanted, rel=1e-5)
        assert back[name][0].as_py() == pytest.approx(before, rel=1e-5)


def test_shapes_go_to_another_size_with_their_boxes():
    marks = [
        Mark(category="car", x=1, y=2, w=3, h=4),
        Mark(category="tree", x=0, y=0, w=8, h=8, shape="polygon", points=(0, 0, 8, 0, 8, 8)),
        Mark(category="van", x=2, y=2, w=4, h=4, shape="rotated-box", points=(4, 4, 4, 4, 0.5)),
        Mark(category="bus", x=0, y=0, w=2, h=2, shape="mask", mask="0123"),
        Mark(category="car", x=1, y=1, w=1, h=1, shape="cuboid", points=(*range(7), 1, 0, 0, 0),
             space="vehicle"),
    ]  # fmt: skip
    table = annotation_rows({FIRST: marks}, author="ann", source="human")
    found = marks_by_frame(scaled(table, {FIRST: (100, 100)}, {FIRST: (50, 25)}))[FIRST]
    assert [(m.shape, m.w, m.h, m.mask) for m in found] == [
        ("box", 1.5, 1.0, ""),
        ("polygon", 4.0, 2.0, ""),
        ("rotated-box", 2.0, 1.0, ""),
        ("box", 1.0, 0.5, ""),
        ("cuboid", 0.5, 0.25, ""),
    ]
    assert [list(m.points) for m in found[1:3]] == [[0, 0, 4, 0, 4, 2], [2, 1, 2, 1, 0.5]]
    assert found[4].points == marks[4].points
    assert scaled(table, {FIRST: (9, 9)}, {FIRST: (9, 9)}).equals(table)
