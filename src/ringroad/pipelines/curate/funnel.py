"""The funnel of a workspace: how much is raw, useful, labelled, used in a dataset version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.reading import rows_of
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.happening import Limits
from ringroad.pipelines.recordings.thinning import KEEP_SCORE, judge
from ringroad.pipelines.workspace import Workspace

RAW, USEFUL, LABELLED, USED = "raw", "useful", "labelled", "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: camera frames, and the bytes that they take in their recordings."""

    name: str
    frames: int
    size_bytes: int


def funnel(
    workspace: Workspace, *, keep_score: float = KEEP_SCORE, limits: Limits | None = None
) -> tuple[Stage, ...]:
    """Raw, useful, labelled, used; a stage need not lie within the one before it.

    A frame is useful where its stretch scores at least `keep_score`, labelled where a batch of
    annotations speaks of it, used where any dataset version holds it.
    """
    taken = scope_of(workspace, "all").taken
    judged = judge(workspace, taken, limits=limits or Limits())
    parts = [table_of(workspace, item.frames) for item in taken]
    if not parts:
        return tuple(
            Stage(name=name, frames=0, size_bytes=0) for name in (RAW, USEFUL, LABELLED, USED)
        )
    rows = pa.concat_tables([part.select(["frame_id", "length"]) for part in parts])
    useful = np.concatenate(
        [
            _useful(part, table_of(workspace, scores), keep_score)
            for part, (_, _, scores) in zip(parts, judged, strict=True)
        ]
    )
    return (
        _stage(RAW, rows, np.ones(rows.num_rows, bool)),
        _stage(USEFUL, rows, useful),
        _stage(LABELLED, rows, _among(rows, _labelled(workspace))),
        _stage(USED, rows, _among(rows, _used(workspace))),
    )


def _stage(name: str, rows: pa.Table, mask: np.ndarray) -> Stage:
    sizes = rows["length"].to_numpy()[mask]
    return Stage(name=name, frames=len(sizes), size_bytes=int(sizes.sum()))


def _useful(frames: pa.Table, scores: pa.Table, keep_score: float) -> np.ndarray:
    """(n,) whether each frame's stretch is worth keeping; stretches are in order."""
    starts = scores["start_ns"].to_numpy()
    place = np.searchsorted(starts, frames["time_ns"].to_numpy(), side="right") - 1
    kept: np.ndarray = scores["score"].to_numpy()[np.maximum(place, 0)] >= keep_score
    return kept


def _among(rows: pa.Table, ids: Iterable[pa.ChunkedArray]) -> np.ndarray:
    found = np.zeros(rows.num_rows, bool)
    for part in ids:
        named = pc.is_in(rows["frame_id"], value_set=part.combine_chunks())
        found |= named.to_numpy()
    return found


def _labelled(workspace: Workspace) -> Iterable[pa.ChunkedArray]:
    if "annotations" in workspace.catalog.batch_tables():
        yield workspace.rows("annotations", columns=["frame_id"])["frame_id"]


def _used(workspace: Workspace) -> Iterable[pa.ChunkedArray]:
    for artifact in workspace.catalog.artifacts("dataset"):
        yield rows_of(workspace.blobs, artifact)["frame_id"]
