"""Rows of annotations whatever wrote them, and the boxes among them."""

from __future__ import annotations

import pyarrow as pa

from ringroad.label.rows import Mark, marks_by_frame, rows
from ringroad.media.annotation_rows import box_rows, full, joined
from ringroad.media.schemas import ANNOTATIONS

LANE = Mark(category="lane", x=0, y=0, w=9, h=9, shape="polyline", points=(0, 0, 9, 9))
CAR = Mark(category="car", x=1, y=2, w=3, h=4, track="t7", attributes={"occluded": "1"})
TREE = Mark(
    category="tree",
    x=0,
    y=0,
    w=8,
    h=8,
    shape="polygon",
    points=(0, 0, 8, 0, 8, 8, 2, 2, 4, 2, 4, 4),
    parts=(3, 3),
)


def made(**frames: list[Mark]) -> pa.Table:
    return rows(frames, author="ann", source="human")


def test_marks_come_back_as_they_went() -> None:
    found = marks_by_frame(made(a=[CAR, LANE, TREE], b=[]))
    assert [(m.category, m.track, dict(m.attributes), m.points, m.parts) for m in found["a"]] == [
        (m.category, m.track, dict(m.attributes), m.points, m.parts) for m in (CAR, LANE, TREE)
    ]
    assert found["b"] == []


def test_a_batch_of_an_earlier_version_is_plain_boxes() -> None:
    old = made(a=[Mark(category="car", x=1, y=2, w=3, h=4)], b=[]).select(ANNOTATIONS.names[:10])
    new = full(old)
    assert new.schema == ANNOTATIONS
    assert new.equals(made(a=[Mark(category="car", x=1, y=2, w=3, h=4)], b=[]))
    assert joined([old, new]).num_rows == 4
    assert joined([]).schema == ANNOTATIONS
    assert full(old.slice(0, 0)).num_rows == 0


def test_boxes_of_areas_stay_and_no_frame_is_lost() -> None:
    found = marks_by_frame(box_rows(made(a=[CAR, LANE, TREE], b=[LANE], c=[])))
    assert {frame: [m.category for m in marks] for frame, marks in found.items()} == {
        "a": ["car", "tree"],
        "b": [],
        "c": [],
    }
    assert box_rows(ANNOTATIONS.empty_table()).num_rows == 0
