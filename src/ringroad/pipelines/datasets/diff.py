"""What changed from one dataset version to another: frames, boxes, distributions, claims."""

from __future__ import annotations

from functools import partial

from ringroad.datasets.changes import changes
from ringroad.datasets.diff import DatasetDiff, difference
from ringroad.datasets.manifest import version_of
from ringroad.datasets.reading import annotations_of
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.domain.artifact import Artifact
from ringroad.pipelines.finding import labels_of, table_of
from ringroad.pipelines.workspace import Workspace


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
    read = partial(table_of, workspace)
    counted = [annotations_of(read, part, labels_of(workspace, part)) for part in rows]
    return difference(old, new, found, boxes=(counted[0], counted[1]) if boxes else None)
