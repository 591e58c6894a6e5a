"""What stands on frames: annotations as a dataset version has them, and how large frames are.

Reads alone: it makes nothing, and notes no look at test rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.manifest import version_of
from ringroad.datasets.reading import annotations_of
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.domain.recording import Recording
from ringroad.media.annotation_rows import full
from ringroad.pipelines.finding import labels_of
from ringroad.pipelines.recordings.held_rows import recording_of
from ringroad.pipelines.workspace import Workspace

SHOWN = (
    "annotation_id", "frame_id", "category", "shape", "x", "y", "w", "h", "points", "parts",
    "space", "light_state", "attributes", "track_id", "author", "source",
)  # fmt: skip
"""Columns of an annotation that a page draws or tells."""

Read = Callable[[Artifact], pa.Table]
"""The rows of an artifact, perhaps held since they were read last."""
Frames = Callable[[Recording], pa.Table]
"""The frames of a recording: rows of `schemas.FRAMES`."""


def rows_at(workspace: Workspace, dataset: Artifact, frames: Sequence[FrameId]) -> pa.Table:
    """Rows of `schemas.MANIFEST` of those frames that a version holds."""
    version = version_of(workspace.blobs, dataset)
    return stack_of(version, Shelf(workspace.blobs)).find(pa.array(frames, pa.string()))


def annotations_at(
    workspace: Workspace, dataset: Artifact, frames: Sequence[FrameId], *, read: Read
) -> dict[FrameId, list[dict[str, Any]] | None]:
    """Frame -> its annotations in this version; None where the version does not hold it.

    A frame that was looked at and holds nothing has an empty list.

    Raises:
        UnknownName: a batch of annotations is gone.
    """
    rows = rows_at(workspace, dataset, frames)
    found: dict[FrameId, list[dict[str, Any]] | None] = dict.fromkeys(frames)
    found |= {FrameId(at): [] for at in rows["frame_id"].to_pylist()}
    marks = full(annotations_of(read, rows, labels_of(workspace, rows)))
    for mark in marks.select(SHOWN).filter(pc.not_equal(marks["category"], "")).to_pylist():
        mark["attributes"] = json.loads(mark["attributes"] or "{}")
        mine = found[FrameId(mark["frame_id"])]
        if mine is not None:
            mine.append(mark)
    return found


def sizes_of(
    workspace: Workspace, frames: Sequence[FrameId], *, read: Frames
) -> Mapping[FrameId, tuple[int, int]]:
    """Frame -> width and height as recorded, in pixels; frames that are gone are left out."""
    found: dict[FrameId, tuple[int, int]] = {}
    by_recording: dict[str, Recording] = {}
    wanted: dict[str, list[str]] = {}
    for frame in frames:
        recording = recording_of(workspace, frame)
        by_recording[recording.id] = recording
        wanted.setdefault(recording.id, []).append(frame)
    for at, ids in wanted.items():
        rows = read(by_recording[at]).select(["frame_id", "width", "height"])
        mine = rows.filter(pc.is_in(rows["frame_id"], value_set=pa.array(ids, pa.string())))
        for row in mine.to_pylist():
            found[FrameId(row["frame_id"])] = (row["width"], row["height"])
    return found
