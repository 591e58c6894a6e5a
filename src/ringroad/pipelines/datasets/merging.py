"""Merges one dataset into another: seen first, written once every conflict is decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ringroad.datasets.ancestry import ancestors
from ringroad.datasets.changes import changes
from ringroad.datasets.edits import Edited
from ringroad.datasets.locks import check_lock
from ringroad.datasets.manifest import Version, version_of
from ringroad.datasets.merge import Choices, History, Merge, merge, settle
from ringroad.datasets.stack import Shelf
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import ArtifactId
from ringroad.pipelines.datasets.edits import Written, write_edited
from ringroad.pipelines.datasets.names import advance, current
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.workspace import Workspace

VERSIONS_KEPT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a merge would do. Holds the rows that it read."""

    name: str
    """The dataset that is merged into."""
    before: Artifact
    other: Artifact
    history: History
    merge: Merge | None
    """None where there is nothing to merge row by row: `already`, or `forward`."""
    already: bool = False
    """The dataset holds the other version already."""
    forward: bool = False
    """The other version continues this one: the name moves on, nothing is written."""

    def settled(self, choices: Choices) -> Edited:
        """The merged version. Raises as `datasets.merge.settle`."""
        if self.merge is None:
            raise AssertionError("there is nothing to settle")
        return settle(self.history, self.merge, choices, query=self.query)

    @property
    def query(self) -> str:
        """What stands in the header of the merged version."""
        return f"merge of {self.other.id}"


def history_of(workspace: Workspace) -> History:
    """Versions and layers of a workspace, each read once."""

    @lru_cache(maxsize=VERSIONS_KEPT)
    def version(at: ArtifactId) -> Version:
        return version_of(workspace.blobs, workspace.catalog.artifact(at))

    return History(version=version, fetch=Shelf(workspace.blobs))


def plan_merge(
    workspace: Workspace,
    name: str,
    other: str,
    *,
    expected: ArtifactId | None = None,
    unrelated: bool = False,
) -> Planned:
    """See what merging another dataset or version into one does. Writes nothing.

    Raises:
        UnknownName: nothing is called so.
        VersionMoved: the dataset has another version than `expected`.
        InputError: the two have no common ancestor, and `unrelated` does not allow that.
    """
    bare, ours = current(workspace, name, expected=expected)
    theirs, history = dataset_of(workspace, other), history_of(workspace)
    already = theirs.id in ancestors([ours.id], history.parents)
    forward = not already and _continues(history, ours.id, theirs.id)
    plan = None
    if not already and not forward:
        plan = merge(history, ours.id, theirs.id, unrelated=unrelated)
    return Planned(
        name=bare,
        before=ours,
        other=theirs,
        history=history,
        merge=plan,
        already=already,
        forward=forward,
    )


def write_merge(workspace: Workspace, planned: Planned, choices: Choices) -> Written:
    """Merge what was planned.

    Raises:
        MergeConflict: conflicts are not decided.
        VersionMoved: the dataset moved on since it was planned.
        InputError: a unit would lie in two splits.
        SplitLocked: test rows would change that are locked on either side.
    """
    before, other = planned.before, planned.other
    if planned.already:
        return Written(version=before, before=before)
    if planned.merge is None:
        advance(workspace, planned.name, other, expected=before.id, reason=planned.query)
        return Written(version=other, before=before)
    plan = planned.settled(choices)
    made = write_edited(workspace, before, plan, parents=(before, other), what="merge")
    advance(workspace, planned.name, made, expected=before.id, reason=planned.query)
    return Written(version=made, before=before, put=plan.put, removed=plan.removed)


def _continues(history: History, ours: ArtifactId, theirs: ArtifactId) -> bool:
    """Whether theirs may take the place of ours: it descends from it and keeps its lock."""
    if ours not in ancestors([theirs], history.parents):
        return False
    mine, other = history.version(ours).header, history.version(theirs).header
    if mine.locked:
        check_lock(changes(history.stack(ours), history.stack(theirs)), name=mine.name)
    return other.locked or not mine.locked
