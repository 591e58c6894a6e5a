"""Frames found unchanged by columns are those that row by row are found so, and no others."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from format_marks import table
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.label.formats.known import format_of
from ringroad.label.formats.returning.rejoin import frame_by_frame, rejoin
from ringroad.label.formats.returning.unchanged import unchanged
from ringroad.plugins import LABEL_FORMATS

WRITTEN = [name for name in LABEL_FORMATS.names() if format_of(name).writer is not None]
BEFORE = table()
ROWS = BEFORE.to_pylist()
PLACES = st.integers(0, len(ROWS) - 1)
NEW: dict[str, st.SearchStrategy[Any]] = {
    "annotation_id": st.sampled_from(["new", *(row["annotation_id"] for row in ROWS)]),
    "frame_id": st.sampled_from([*sorted({row["frame_id"] for row in ROWS}), "elsewhere"]),
    "category": st.sampled_from(["", "car", "pedestrian"]),
    "x": st.sampled_from([0.0, 10.0, 10.005, 10.5, float("nan")]),
    "w": st.sampled_from([5.0, 30.25, 37.25]),
    "shape": st.sampled_from(sorted({row["shape"] for row in ROWS})),
    "points": st.lists(st.sampled_from([1.0, 2.0, float("nan")]), max_size=4),
    "parts": st.lists(st.integers(0, 3), max_size=3),
    "mask": st.sampled_from(["", "4;4;0,16"]),
    "space": st.sampled_from(["", "vehicle", "camera"]),
    "attributes": st.sampled_from(["", '{"occluded":true}']),
    "track_id": st.sampled_from(["", "t1"]),
    "key": st.booleans(),
    "guideline": st.sampled_from(["", "other"]),
    "author": st.sampled_from(["ann", "ben"]),
}
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("drop"), PLACES, st.none()),
        st.tuples(st.just("twice"), PLACES, st.none()),
        st.sampled_from(sorted(NEW)).flatmap(
            lambda name: st.tuples(st.just(name), PLACES, NEW[name])
        ),
    ),
    max_size=4,
)


def edited(edits: list[tuple[str, int, Any]]) -> pa.Table:
    rows: list[dict[str, Any] | None] = [dict(row) for row in ROWS]
    more = []
    for what, place, value in edits:
        row = rows[place]
        if row is None:
            continue
        if what == "drop":
            rows[place] = None
        elif what == "twice":
            more.append(dict(row))
        else:
            row[what] = value
    return pa.Table.from_pylist([row for row in (*rows, *more) if row], BEFORE.schema)


@settings(max_examples=150)
@given(there=EDITS, came=EDITS, name=st.sampled_from(WRITTEN))
def test_it_says_what_row_by_row_says(
    there: list[tuple[str, int, Any]], came: list[tuple[str, int, Any]], name: str
) -> None:
    before, after, holds = edited(there), edited(came), format_of(name).holds
    fast, slow = rejoin(after, before, holds), frame_by_frame(after, before, holds)
    assert (fast.changed, fast.kept) == (slow.changed, slow.kept)
    assert repr(fast.rows.to_pylist()) == repr(slow.rows.to_pylist())  # a NaN is like itself


@pytest.mark.parametrize("name", WRITTEN)
def test_where_ids_come_back_nothing_is_left_to_do(name: str) -> None:
    """Rows that travel as they are: all their frames are found at once."""
    holds = format_of(name).holds
    plain = [row for row in ROWS if row["shape"] in holds.shapes and not row["space"]]
    rows = pa.Table.from_pylist(plain, BEFORE.schema)
    found = unchanged(rows, rows, holds)
    assert sorted(found.frames.to_pylist()) == sorted({row["frame_id"] for row in plain})
    assert found.kept == 0
