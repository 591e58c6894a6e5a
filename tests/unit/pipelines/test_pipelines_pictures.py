"""Names that stand for one frame only, and boxes that go to another size and back."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.ids import FrameId
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
