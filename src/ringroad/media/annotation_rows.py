"""Rows of `schemas.ANNOTATIONS` whatever wrote them, and the boxes that detectors learn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import AREAS, BOX, ROTATED_BOX
from ringroad.media.schemas import ANNOTATIONS

_LISTS = ("points", "parts")


def full(table: pa.Table) -> pa.Table:
    """All columns of `schemas.ANNOTATIONS`, in its order; what is missing is a plain box.

    Columns that are no annotation's are left out.
    """
    if table.schema.equals(ANNOTATIONS):
        return table
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else _plain(field, table.num_rows)
        for field in ANNOTATIONS
    ]
    return pa.table(columns, schema=ANNOTATIONS)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Rows of many batches, one after the other, in full."""
    return pa.concat_tables([full(table) for table in tables] or [ANNOTATIONS.empty_table()])


def box_rows(table: pa.Table) -> pa.Table:
    """Boxes of things: of areas their bounding box; lines, points and cuboids are left out.

    A frame of which nothing is left keeps its place, with one empty row.
    """
    rows = full(table)
    wanted = pc.or_(
        pc.is_in(rows["shape"], value_set=pa.array(sorted(AREAS))), pc.equal(rows["category"], "")
    )
    if pc.all(wanted).as_py() in {True, None}:
        return rows
    kept = rows.filter(wanted)
    lost = sorted(set(rows["frame_id"].to_pylist()) - set(kept["frame_id"].to_pylist()))
    return pa.concat_tables([kept, empty_rows(lost, rows)])


def scaled_points(shape: str, points: list[float], across: float, down: float) -> list[float]:
    """Points of a shape in pixels of a picture of another size; angles stay as they are."""
    if shape == ROTATED_BOX:
        x, y, w, h, angle = points
        return [x * across, y * down, w * across, h * down, angle]
    return [value * (down if place % 2 else across) for place, value in enumerate(points)]


def empty_rows(frames: Sequence[str], like: pa.Table) -> pa.Table:
    """The one row of each frame that was looked at and holds nothing; whose, `like` says first."""
    first = {name: like[name][0].as_py() if like.num_rows else "" for name in ("author", "source")}
    known: dict[str, Any] = {
        "annotation_id": [f"{frame}/{first['author']}/none" for frame in frames],
        "frame_id": list(frames),
        **{name: [value] * len(frames) for name, value in first.items()},
    }
    columns = [
        pa.array(known[field.name], field.type)
        if field.name in known
        else _plain(field, len(frames))
        for field in ANNOTATIONS
    ]
    return pa.table(columns, schema=ANNOTATIONS)


def _plain(field: pa.Field, rows: int) -> pa.Array:
    """What a plain box has in a column."""
    if field.name in _LISTS:
        empty = pa.array([], field.type.value_type)
        return pa.ListArray.from_arrays(pa.array(np.zeros(rows + 1, np.int32)), empty)
    value: object = {"shape": BOX, "key": True}.get(field.name)
    if value is None:
        value = "" if pa.types.is_string(field.type) else 0.0
    return pa.array([value] * rows, field.type) if rows else pa.array([], field.type)
