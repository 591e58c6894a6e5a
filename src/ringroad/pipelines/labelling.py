"""Labels by hand: COCO boxes in as the current annotations of frames, and out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.domain.errors import InputError, StaleRevision
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.problem import Problem
from ringroad.pipelines.coco_files import stored
from ringroad.pipelines.collect import Taken
from ringroad.pipelines.finding import labels_of, table_of
from ringroad.pipelines.label_files import move_heads, read_labels, write_labels
from ringroad.pipelines.taken import taken_of, taken_with
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A batch of labels, the frames whose annotations it now is, and what was set aside."""

    batch: Artifact
    frames: int
    boxes: int
    moved: int
    """Frames whose head was moved; those that had this batch already were left alone."""
    problems: tuple[Problem, ...]


def import_labels(
    workspace: Workspace,
    path: Path,
    *,
    categories: Mapping[str, str],
    author: str,
    revision: int | None = None,
) -> Imported:
    """Import boxes for frames of all recordings, and make them current.

    Args:
        workspace: where to.
        path: a COCO file.
        categories: the file's category -> ours; all under their own names where it is empty.
        author: stands in each row.
        revision: refuse where the annotations of a frame are not at this revision.

    Raises:
        InputError: there is no such file, or no recording.
        StaleRevision: the annotations of a frame are at another revision, or moved meanwhile.
    """
    coco = stored(workspace, path)
    taken = [taken_of(workspace, item) for item in workspace.catalog.recordings()]
    if not taken:
        raise InputError(
            "there are no recordings that it could belong to",
            subject=str(path),
            remedy="take them in first: ringroad ingest PATH",
        )
    made = workspace.runner.run(
        read_labels, coco=coco, categories=dict(categories), author=author, **_pictures(taken)
    )
    batch = made["annotations"]
    rows = table_of(workspace, batch)
    frames = [FrameId(frame) for frame in pc.unique(rows.column("frame_id")).to_pylist()]
    revisions = _revisions(workspace, frames, batch.id, revision)
    if revisions:
        workspace.runner.run(move_heads, annotations=batch, revisions=revisions)
    boxes = pc.sum(pc.not_equal(rows.column("category"), "")).as_py() or 0
    return Imported(
        batch=batch,
        frames=len(frames),
        boxes=boxes,
        moved=len(revisions),
        problems=tuple(
            build(Problem, row, subject=str(path)) for row in workspace.json(made["problems"])
        ),
    )


def export_labels(workspace: Workspace, dataset: Artifact) -> bytes:
    """The annotations of a dataset version as a COCO file."""
    version = table_of(workspace, dataset)
    taken = taken_with(workspace, version.column("frame_id").to_pylist())
    made = workspace.runner.run(
        write_labels, dataset=dataset, labels=labels_of(workspace, version), **_pictures(taken)
    )
    return workspace.blobs.get(made.digest)


def _pictures(taken: Sequence[Taken]) -> dict[str, Any]:
    return {
        "sources": [item.source for item in taken],
        "frames": [item.frames for item in taken],
        "containers": [item.recording.container for item in taken],
    }


def _revisions(
    workspace: Workspace, frames: Sequence[FrameId], batch: ArtifactId, expected: int | None
) -> dict[str, int]:
    """Frame -> the revision to follow; frames that have the batch already are left out."""
    heads = workspace.catalog.heads(frames)
    found = {frame: heads[frame].revision if frame in heads else 0 for frame in frames}
    for frame, revision in found.items():
        if expected is not None and revision != expected:
            raise StaleRevision(
                f"its annotations are at revision {revision}, not {expected}",
                subject=frame,
                remedy="export them again, draw on top of that, and import the result",
            )
    return {
        frame: revision
        for frame, revision in found.items()
        if frame not in heads or heads[frame].batch != batch
    }
