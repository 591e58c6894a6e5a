"""Pre-labels: what a network saw, as annotations of source `model` that people begin with."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import MODEL
from ringroad.domain.ids import FrameId
from ringroad.label.rows import Mark, rows


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
