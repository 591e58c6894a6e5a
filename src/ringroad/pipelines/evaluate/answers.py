"""What a network says of recordings, as COCO results that anybody reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ringroad.pipelines.curate.scope import Scope
from ringroad.pipelines.evaluate.scoring import size_of
from ringroad.pipelines.evaluate.validate import Predicted, predict_all
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.taken import seen_of
from ringroad.pipelines.workspace import Workspace


def answers(workspace: Workspace, model: Model, scope: Scope) -> tuple[pa.Table, tuple[str, ...]]:
    """Rows of `schemas.PREDICTIONS`, and every frame looked at; both within the scope."""
    seen = seen_of(workspace, scope.taken, **size_of(model))
    found = predict_all(workspace, model, seen)
    rows = _rows(workspace, found)
    frames = [
        frame
        for item in seen
        for frame in table_of(workspace, item.proxies)["frame_id"].to_pylist()
    ]
    if scope.frames is not None:
        wanted = frozenset(scope.frames)
        frames = [frame for frame in frames if frame in wanted]
        rows = rows.filter(
            pa.array([f in wanted for f in rows["frame_id"].to_pylist()], pa.bool_())
        )
    return rows, tuple(frames)


def coco_results(rows: pa.Table) -> list[dict[str, Any]]:
    """COCO results: image ids are frame ids; each row says the name of its category too."""
    names = sorted(set(rows["category"].to_pylist()))
    number = {name: place for place, name in enumerate(names, start=1)}
    return [
        {
            "image_id": row["frame_id"],
            "category_id": number[row["category"]],
            "category_name": row["category"],
            "bbox": [row[side] for side in "xywh"],
            "score": row["score"],
            **({"light_state": row["light_state"]} if row["light_state"] else {}),
        }
        for row in rows.to_pylist()
    ]


def _rows(workspace: Workspace, found: Sequence[Predicted]) -> pa.Table:
    return pa.concat_tables([table_of(workspace, item.predictions) for item in found])
