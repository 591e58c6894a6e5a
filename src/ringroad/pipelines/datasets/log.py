"""The history of a dataset: its versions newest first, and where its names pointed when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringroad.datasets.ancestry import ancestors
from ringroad.datasets.manifest import Version
from ringroad.datasets.merge import History
from ringroad.domain.artifact import AliasMove, Artifact, Execution
from ringroad.domain.ids import ArtifactId
from ringroad.pipelines.datasets.merging import history_of
from ringroad.pipelines.datasets.names import AT, PREFIX, names_of
from ringroad.pipelines.workspace import Workspace

CREATED = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One version in the history of a dataset."""

    id: ArtifactId
    parents: tuple[ArtifactId, ...]
    """Versions alone."""
    what: str
    """create, append, remove, merge, revert, lock, unlock, or the step that made it."""
    query: str
    made_ns: int
    """0 where the catalog does not know."""
    frames: int
    locked: bool
    content: str
    """Equal for equal rows, whatever their history."""
    names: tuple[str, ...]
    """That point at it now."""


def log(workspace: Workspace, dataset: Artifact) -> tuple[Entry, ...]:
    """A version and all that it descends from, parents after their children."""
    history, names = history_of(workspace), names_of(workspace)
    found = []
    for at in _ordered(history, dataset.id):
        version = history.version(at)
        what, made_ns = how_made(workspace, at, version)
        found.append(
            Entry(
                id=at,
                parents=version.parents,
                what=what,
                query=version.header.query,
                made_ns=made_ns,
                frames=version.frames,
                locked=version.header.locked,
                content=version.content,
                names=names.get(at, ()),
            )
        )
    return tuple(found)


def how_made(workspace: Workspace, at: ArtifactId, version: Version) -> tuple[str, int]:
    """What was done to come to a version, and when; 0 where the catalog does not know."""
    made = _made_by(workspace, at)
    return _what(made, version), made.ended_ns if made is not None else 0


def moves(workspace: Workspace, name: str) -> tuple[AliasMove, ...]:
    """Where a name and its tags pointed, oldest first."""
    full = PREFIX + name
    known = [at for at in workspace.catalog.names(full) if at == full or at.startswith(full + AT)]
    found = [move for at in known for move in workspace.catalog.history(at)]
    return tuple(sorted(found, key=lambda move: move.moved_ns))


def _ordered(history: History, start: ArtifactId) -> Sequence[ArtifactId]:
    """Children before parents: a parent follows once all of its children stand."""
    reach = ancestors([start], history.parents)
    waiting = dict.fromkeys(reach, 0)
    for at in reach:
        for parent in history.parents(at):
            waiting[parent] += 1
    found, ready = [], [start]
    while ready:
        at = ready.pop()
        found.append(at)
        for parent in reversed(history.parents(at)):
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return found


def _made_by(workspace: Workspace, at: ArtifactId) -> Execution | None:
    for edge in workspace.catalog.edges(artifact=at):
        if edge.direction == "out":
            return workspace.catalog.execution(edge.execution)
    return None


def _what(made: Execution | None, version: Version) -> str:
    if made is not None and "what" in made.key.parameters:
        return str(made.key.parameters["what"])
    return "append" if version.parents else CREATED
