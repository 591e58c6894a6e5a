"""Names of dataset versions: `dataset:NAME` moves on, `dataset:NAME@TAG` stays. Both keep history.

Nothing here makes a version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ringroad.datasets.manifest import header_at
from ringroad.datasets.version import KIND
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import (
    AliasMoved,
    SplitLocked,
    UnknownName,
    UsageError,
    VersionMoved,
)
from ringroad.domain.ids import ArtifactId
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.workspace import Workspace

PREFIX = f"{KIND}:"
AT = "@"
_NAME = re.compile(r"[^\s@:\x00-\x1f](?:[^@:\x00-\x1f]*[^\s@:\x00-\x1f])?")


def named(name: str) -> str:
    """A name that can move on, without its prefix. Raises UsageError for a tag or an odd text."""
    bare = name.removeprefix(PREFIX)
    if AT in bare:
        raise UsageError(
            "is a tag, which stays where it is",
            subject=name,
            remedy=f"name the dataset: {bare.partition(AT)[0]}",
        )
    if not _NAME.fullmatch(bare):
        raise UsageError(
            "is no name for a dataset",
            subject=name,
            remedy="leave out colons, @ and spaces at its ends",
        )
    return bare


def current(
    workspace: Workspace, name: str, *, expected: ArtifactId | None = None
) -> tuple[str, Artifact]:
    """A bare name and the version that it points at.

    Raises:
        UnknownName: there is no dataset of this name.
        VersionMoved: it points elsewhere than at `expected`.
    """
    bare = named(name)
    at = workspace.catalog.resolve(PREFIX + bare)
    if at is None:
        raise UnknownName(
            "no dataset is called so",
            subject=name,
            remedy="see what there is: ringroad datasets list",
        )
    if expected is not None and expected != at:
        raise _moved(bare, winner=at, expected=expected)
    return bare, workspace.catalog.artifact(at)


def begin(workspace: Workspace, name: str, made: Artifact, *, reason: str) -> None:
    """Give a first version its name.

    Raises:
        UsageError: another version has it.
    """
    bare = named(name)
    held = workspace.catalog.resolve(PREFIX + bare)
    if held not in {None, made.id}:
        raise UsageError(
            f"is taken: it points at {held}",
            subject=PREFIX + bare,
            remedy=f"add to it: ringroad datasets append {bare}; or choose another name",
        )
    _point(workspace, bare, made.id, expected=held, reason=reason)


def renew(workspace: Workspace, name: str, made: Artifact, *, reason: str) -> None:
    """Point a name at a version that need not continue the one before, as a loop does.

    Raises:
        SplitLocked: the version before has locked test rows.
    """
    held = workspace.catalog.resolve(PREFIX + name)
    if held is not None and held != made.id:
        before = workspace.catalog.artifact(held)
        if header_at(workspace.blobs, before).locked:
            raise SplitLocked(
                "its test rows are locked, and this version does not continue it",
                subject=PREFIX + name,
                remedy="choose another name, or unlock them for all to see: "
                f"ringroad datasets unlock {name} --reason WHY",
            )
    _point(workspace, name, made.id, expected=held, reason=reason)


def advance(
    workspace: Workspace, bare: str, made: Artifact, *, expected: ArtifactId, reason: str
) -> None:
    """Move a name on from the version that an edit started from.

    Raises:
        VersionMoved: somebody else was first. What was made stays, and can be merged.
    """
    try:
        workspace.catalog.move(
            PREFIX + bare,
            made.id,
            expected=expected,
            now_ns=workspace.clock.now_ns(),
            reason=reason,
        )
    except AliasMoved as error:
        winner = workspace.catalog.resolve(PREFIX + bare)
        raise _moved(bare, winner=winner, expected=expected, made=made.id) from error


def branch(workspace: Workspace, name: str, new: str, *, at: str = "") -> Artifact:
    """Begin another name at a version; nothing is copied.

    Raises:
        UsageError: the new name is taken.
    """
    bare, start = named(new), dataset_of(workspace, at or name)
    held = workspace.catalog.resolve(PREFIX + bare)
    if held is not None and held != start.id:
        raise UsageError(
            f"is taken: it points at {held}",
            subject=PREFIX + bare,
            remedy="choose another name for the branch",
        )
    _point(workspace, bare, start.id, expected=held, reason=f"branched from {at or name}")
    return start


def tag(
    workspace: Workspace, name: str, label: str, *, at: str = "", move: bool = False, reason: str
) -> tuple[str, Artifact]:
    """Give a version of a dataset a name that stays.

    Raises:
        UsageError: the tag stands for another version, and `move` does not allow to move it.
    """
    full, target = f"{named(name)}{AT}{named(label)}", dataset_of(workspace, at or name)
    held = workspace.catalog.resolve(PREFIX + full)
    if held not in {None, target.id} and not move:
        raise UsageError(
            f"stands for {held}",
            subject=PREFIX + full,
            remedy="choose another tag, or say --move; where it stood before is kept",
        )
    _point(workspace, full, target.id, expected=held, reason=reason)
    return full, target


def names_of(workspace: Workspace) -> Mapping[ArtifactId, tuple[str, ...]]:
    """Version -> its names and tags, without the prefix."""
    found: dict[ArtifactId, list[str]] = {}
    for name, at in workspace.catalog.names(PREFIX).items():
        found.setdefault(at, []).append(name.removeprefix(PREFIX))
    return {at: tuple(sorted(names)) for at, names in found.items()}


def _point(
    workspace: Workspace, name: str, to: ArtifactId, *, expected: ArtifactId | None, reason: str
) -> None:
    now_ns = workspace.clock.now_ns()
    workspace.catalog.move(PREFIX + name, to, expected=expected, now_ns=now_ns, reason=reason)


def _moved(
    bare: str, *, winner: ArtifactId | None, expected: ArtifactId, made: ArtifactId | None = None
) -> VersionMoved:
    start = expected.removeprefix(PREFIX)[:12]
    mine = (
        f"your edits are kept: ringroad datasets merge {bare} {made.removeprefix(PREFIX)[:12]}"
        if made
        else f"see what it brought: ringroad datasets diff {start} {bare}; then edit on top of it"
    )
    return VersionMoved(
        f"this version won; the edit started from {start}, which is not the newest any more",
        subject=PREFIX + bare,
        place=winner or "",
        remedy=mine,
    )
