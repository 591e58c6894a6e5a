"""What changed from one dataset version to another: frames, boxes, distributions, claims."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.changes import changes
from ringroad.datasets.diff import DatasetDiff, difference
from ringroad.datasets.manifest import version_of
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.domain.artifact import Artifact
from ringroad.media.schemas import ANNOTATIONS
from ringroad.pipelines.finding import labels_of, table_of
from ringroad.pipelines.workspace import Workspace

_COUNTED = ("frame_id", "category")


def diff_versions(
    workspace: Workspace, before: Artifact, after: Artifact, *, boxes: bool = True
) -> DatasetDiff:
    """Compare two versions; costs what differs between them.

    Args:
        workspace: where they are.
        before: a version.
        after: another one.
        boxes: count annotations by split and category, on the frames that differ.

    Raises:
        UnknownName: a batch of annotations is gone.
    """
    shelf = Shelf(workspace.blobs)
    old, new = (version_of(workspace.blobs, item) for item in (before, after))
    found = changes(stack_of(old, shelf), stack_of(new, shelf))
    rows = (found.before, found.after) if boxes else ()
    counted = [_annotations(workspace, part) for part in rows]
    return difference(old, new, found, boxes=(counted[0], counted[1]) if boxes else None)


def _annotations(workspace: Workspace, rows: pa.Table) -> pa.Table:
    """Frame and category of every annotation that rows refer to."""
    parts = [ANNOTATIONS.empty_table().select(_COUNTED)]
    for batch in labels_of(workspace, rows):
        mine = rows.filter(pc.equal(rows["annotations"], batch.digest))["frame_id"]
        marks = table_of(workspace, batch).select(_COUNTED)
        parts.append(marks.filter(pc.is_in(marks["frame_id"], value_set=mine.combine_chunks())))
    return pa.concat_tables(parts)
