"""Pre-labels: what a network saw, as annotations of source `model` that people begin with."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import MODEL
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.domain.taxonomy import Guideline
from ringroad.label.guidelines import check_marks
from ringroad.label.rows import EMPTY, Mark, rows
from ringroad.media.annotation_rows import empty_rows, full


def prelabels(
    predictions: pa.Table, frames: Sequence[FrameId], *, author: str, min_score: float
) -> pa.Table:
    """Rows of `schemas.ANNOTATIONS` out of those of `schemas.PREDICTIONS`.

    Frames on which nothing scores so high have the row of an empty frame.
    """
    sure = predictions.filter(pc.greater_equal(predictions.column("score"), min_score))
    marks: dict[FrameId, list[Mark]] = {frame: [] for frame in frames}
    for row in sure.sort_by("prediction_id").to_pylist():
        if row["frame_id"] in marks:
            mark = Mark(
                category=row["category"],
                light_state=row["light_state"],
                x=row["x"],
                y=row["y"],
                w=row["w"],
                h=row["h"],
            )
            marks[row["frame_id"]].append(mark)
    return rows(marks, author=author, source=MODEL)


def are_allowed(annotations: pa.Table, guideline: Guideline) -> pa.ChunkedArray:
    """Whether a guideline takes each row. What it asks is alike in many: it is asked once each."""
    kinds = full(annotations).select(_KIND)
    kinds = kinds.append_column("row", pa.array(np.arange(annotations.num_rows)))
    groups = kinds.group_by(_KIND).aggregate([("row", "list")])
    taken = np.ones(annotations.num_rows, bool)
    columns = (groups[name].to_pylist() for name in (*_KIND, "row_list"))
    for *kind, places in zip(*columns, strict=True):
        taken[places] = _is_allowed(guideline, *kind)
    return pa.chunked_array([pa.array(taken)])


def only_allowed(annotations: pa.Table, guideline: Guideline) -> pa.Table:
    """Rows that a guideline takes; a frame of which nothing is left has its one empty row."""
    table = full(annotations)
    kept = table.filter(are_allowed(table, guideline))
    lost = sorted(set(table["frame_id"].to_pylist()) - set(kept["frame_id"].to_pylist()))
    return pa.concat_tables([kept, empty_rows(lost, table)])


_KIND = ["category", "shape", "attributes", "light_state"]
"""All that a guideline asks of an annotation."""


def _is_allowed(
    guideline: Guideline, category: str, shape: str, attributes: str, light_state: str
) -> bool:
    mark = Mark(
        category=category,
        x=0.0,
        y=0.0,
        w=0.0,
        h=0.0,
        shape=shape,
        attributes=json.loads(attributes or "{}"),
        light_state=light_state,
    )
    try:
        check_marks(guideline, FrameId(""), () if category == EMPTY else (mark,))
    except InvalidAnnotations:
        return False
    return True
