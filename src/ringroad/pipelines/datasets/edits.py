"""Edits of a dataset by name: append, remove, revert, lock. Each is a version on the current one.

Every function takes `expected`: the version that the caller saw. Where the dataset has another one
by then, nothing is overwritten; the error names the version that won.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pyarrow as pa

from ringroad.datasets.changes import changes
from ringroad.datasets.edits import Edited, edited, edits_of
from ringroad.datasets.manifest import LAYER_KIND, Version, version_of
from ringroad.datasets.revert import reverted
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.media import arrow
from ringroad.pipelines.datasets.names import advance, current
from ringroad.pipelines.datasets.steps import put_version
from ringroad.pipelines.datasets.writing import VERSION
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an edit of a dataset came to."""

    version: Artifact
    """The version before where nothing changed."""
    before: Artifact
    put: int = 0
    """Frames that are new or have a new row."""
    removed: int = 0

    @property
    def changed(self) -> bool:
        """Whether there is a new version."""
        return self.version.id != self.before.id


def append_rows(
    workspace: Workspace,
    name: str,
    rows: pa.Table | None = None,
    *,
    removed: Sequence[FrameId] = (),
    expected: ArtifactId | None = None,
    query: str = "",
    sources: Sequence[Artifact] = (),
    synthetic: bool = False,
    categories: Sequence[str] = (),
    tasks: Sequence[str] = (),
    dry_run: bool = False,
    shelf: Shelf | None = None,
) -> Written:
    """Put rows into a dataset and take frames out, in one version.

    Args:
        workspace: where it is.
        name: of the dataset.
        rows: of `schemas.MANIFEST`; a frame that is there already takes its new row.
        removed: frames to take out.
        expected: the version that the caller saw; the current one where None.
        query: how the rows were found, or why frames go.
        sources: what the rows come from, such as batches of annotations.
        synthetic: whether any new frame comes from the simulator.
        categories: what was looked for in every frame from now on, where that changes.
        tasks: likewise.
        dry_run: plan and check, write nothing; the version is then that before.
        shelf: layers that the caller read already.

    Raises:
        UnknownName: no dataset is called so.
        VersionMoved: the dataset has another version than `expected`.
        InputError: rows that cannot be put, a frame to remove that is not there, a torn unit.
        SplitLocked: test rows would change, and they are locked.
    """
    bare, before = current(workspace, name, expected=expected)
    version = version_of(workspace.blobs, before)
    header = replace(
        version.header,
        parents=(before.id, *(item.id for item in sources)),
        query=query,
        synthetic=version.header.synthetic or synthetic,
        categories=tuple(categories) or version.header.categories,
        tasks=tuple(tasks) or version.header.tasks,
    )
    stack = stack_of(version, shelf or Shelf(workspace.blobs))
    plan = edited(version, stack, edits_of(rows, removed), header=header)
    claims = (header.categories, header.tasks) == (version.header.categories, version.header.tasks)
    if dry_run or (not len(plan.changes) and claims):
        return Written(version=before, before=before, put=plan.put, removed=plan.removed)
    what = "remove" if rows is None else "append"
    made = write_edited(workspace, before, plan, parents=(before, *sources), what=what)
    advance(workspace, bare, made, expected=before.id, reason=query or what)
    return Written(version=made, before=before, put=plan.put, removed=plan.removed)


def remove_frames(
    workspace: Workspace,
    name: str,
    frames: Sequence[FrameId],
    *,
    reason: str,
    expected: ArtifactId | None = None,
    if_there: bool = False,
    dry_run: bool = False,
) -> Written:
    """Take frames out of a dataset; `if_there` passes over those that it does not hold.

    Raises as `append_rows`.
    """
    shelf = Shelf(workspace.blobs)
    if if_there:
        _, before = current(workspace, name, expected=expected)
        expected = before.id
        rows = stack_of(version_of(workspace.blobs, before), shelf)
        frames = rows.find(pa.array(frames, pa.string()))["frame_id"].to_pylist()
    return append_rows(
        workspace,
        name,
        removed=frames,
        expected=expected,
        query=reason,
        dry_run=dry_run,
        shelf=shelf,
    )


def revert(
    workspace: Workspace,
    name: str,
    to: str,
    *,
    reason: str,
    expected: ArtifactId | None = None,
    dry_run: bool = False,
) -> Written:
    """The rows of any earlier version again, as a new version on top of the current one.

    Raises:
        UnknownName: no dataset or version is called so.
        VersionMoved: the dataset has another version than `expected`.
        SplitLocked: test rows would change, and they are locked.
    """
    bare, before = current(workspace, name, expected=expected)
    earlier = dataset_of(workspace, to)
    now, then = (version_of(workspace.blobs, item) for item in (before, earlier))
    shelf = Shelf(workspace.blobs)
    rows, old_rows = stack_of(now, shelf), stack_of(then, shelf)
    text = reason or f"revert to {earlier.id}"
    version = reverted(now, then, rows, old_rows, parent=before.id, reason=text)
    if dry_run:
        found = changes(rows, old_rows)
        put = found.after.num_rows
        return Written(version=before, before=before, put=put, removed=len(found) - put)
    made = _put(workspace, version, onto=earlier, parents=(before,), edits=(), what="revert")
    advance(workspace, bare, made, expected=before.id, reason=text)
    return Written(version=made, before=before)


def set_lock(
    workspace: Workspace,
    name: str,
    *,
    locked: bool,
    reason: str,
    expected: ArtifactId | None = None,
) -> Written:
    """Lock the test rows of a dataset, or unlock them: a version of equal rows that says so.

    Raises:
        UnknownName: no dataset is called so.
        VersionMoved: the dataset has another version than `expected`.
    """
    bare, before = current(workspace, name, expected=expected)
    version = version_of(workspace.blobs, before)
    if version.header.locked == locked:
        return Written(version=before, before=before)
    what = "lock" if locked else "unlock"
    text = f"{what}: {reason}"
    header = replace(version.header, locked=locked, parents=(before.id,), query=text)
    made = _put(
        workspace,
        replace(version, header=header),
        onto=before,
        parents=(before,),
        edits=(),
        what=what,
    )
    advance(workspace, bare, made, expected=before.id, reason=text)
    return Written(version=made, before=before)


def write_edited(
    workspace: Workspace, onto: Artifact, plan: Edited, *, parents: Sequence[Artifact], what: str
) -> Artifact:
    """Write a version that was planned. No name points at it yet."""
    edits: tuple[Artifact, ...] = ()
    if len(plan.changes):
        data = arrow.to_bytes(plan.changes.layer, packed=True)
        edits = (
            Artifact(
                kind=LAYER_KIND,
                digest=workspace.blobs.put(data),
                size_bytes=len(data),
                media=arrow.ARROW_FILE,
            ),
        )
    return _put(workspace, plan.version, onto=onto, parents=parents, edits=edits, what=what)


def _put(
    workspace: Workspace,
    version: Version,
    *,
    onto: Artifact,
    parents: Sequence[Artifact],
    edits: Sequence[Artifact],
    what: str,
) -> Artifact:
    document = {name: value for name, value in asdict(version).items() if name != "layers"}
    made = workspace.runner.run(
        put_version, onto=onto, parents=parents, edits=edits, document=document, what=what
    )
    return made[VERSION]
