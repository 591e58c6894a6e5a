"""What left and comes back: found by id or likeness, kept where nothing changed."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from format_marks import FRAMES, read, table, target_of, write

from ringroad.label.formats.known import format_of
from ringroad.label.formats.returning.rejoin import rejoin
from ringroad.plugins import LABEL_FORMATS

WRITTEN = [name for name in LABEL_FORMATS.names() if format_of(name).writer is not None]


def by_id(rows: pa.Table) -> dict[str, dict[str, object]]:
    return {row["annotation_id"]: row for row in rows.to_pylist()}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_comes_back_untouched_changes_nothing(name: str, tmp_path: Path) -> None:
    """Whatever the format cannot hold, such as ids, tracks, polylines: it is all there after."""
    before = table()
    write(name, before, target_of(name, tmp_path))
    came = read(name, target_of(name, tmp_path), author="somebody else").rows
    found = rejoin(came, before, format_of(name).holds)
    assert found.changed == ()
    mine = before.filter(pa.compute.is_in(before["frame_id"], value_set=came["frame_id"].unique()))
    assert by_id(found.rows) == by_id(mine)


@pytest.mark.parametrize("name", ["cvat-images", "yolo", "voc", "coco"])
def test_one_edit_changes_one_frame(name: str, tmp_path: Path) -> None:
    before = table()
    write(name, before, target_of(name, tmp_path))
    came = read(name, target_of(name, tmp_path), author="ben").rows.to_pylist()
    mine = [row for row in came if row["frame_id"] == FRAMES[0] and row["category"] == "car"]
    mine[0]["w"] += 7
    gone = next(row for row in came if row["frame_id"] == FRAMES[1])
    came.remove(gone)
    came.append({**gone, "x": 60.0, "annotation_id": "new", "track_id": ""})
    found = rejoin(pa.Table.from_pylist(came, before.schema), before, format_of(name).holds)
    assert found.changed == (FRAMES[0], FRAMES[1])
    after, was = by_id(found.rows), by_id(before)
    moved = next(row for row in after.values() if row["w"] == pytest.approx(37.25))
    assert (moved["author"], moved["source"]) == ("ben", "import")
    assert after["second"] == was["second"]  # with its author
    assert "third" not in after
    assert after["new"]["x"] == 60
    others = [row for row in after.values() if row["frame_id"] == FRAMES[2]]
    assert len(others) == 7


def test_what_a_format_cannot_hold_stays_when_a_frame_is_emptied(tmp_path: Path) -> None:
    before = table()
    write("yolo", before, tmp_path / "labels")
    for path in (tmp_path / "labels" / "labels").rglob("*.txt"):
        path.write_text("")
    came = read("yolo", tmp_path / "labels").rows
    found = rejoin(came, before, format_of("yolo").holds)
    assert found.kept == 3  # a polyline, a point and a cuboid, of which YOLO knew nothing
    left = {row["shape"] for row in found.rows.to_pylist() if row["category"]}
    assert left == {"polyline", "point", "cuboid"}
    assert found.changed == tuple(FRAMES[:3])
