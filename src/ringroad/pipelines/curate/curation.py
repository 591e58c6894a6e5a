"""Selections for people: kept from a search, living or frozen, and added to by hand."""

from __future__ import annotations

from collections.abc import Sequence

from ringroad.curate import selection as selections
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId, FrameId, artifact_id, frame_parts
from ringroad.domain.selection import Selection
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.searching import Found, search
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

SOURCE = "source"
SELECTION, QUERY = "selection", "query"
"""Prefixes of aliases; `query:NAME` is evaluated whenever it is used."""


@step()
def keep_selection(
    bench: Bench,
    *,
    frames: list[str],
    query: str,
    parents: list[str],
    reason: str,
    versions: list[list[object]],
    sources: Sequence[Artifact] = (),
    made_from: Sequence[Artifact] = (),
) -> Artifact:
    """Store a selection; the recordings its frames are of, and its parents, are its lineage."""
    del sources, made_from  # edges alone: their ids stand in frames and parents
    kept = Selection(
        frames=tuple(FrameId(frame) for frame in frames),
        query=query,
        parents=tuple(parents),  # type: ignore[arg-type]  # ids are texts
        reason=reason,
        versions=tuple((str(name), int(str(at))) for name, at in versions),
    )
    return bench.write(selections.KIND, selections.to_bytes(kept), selections.MEDIA)


@step()
def keep_query(bench: Bench, *, query: str) -> Artifact:
    """Store a query, without what it finds."""
    return bench.write_json(QUERY, {"query": query})


def save(workspace: Workspace, found: Found, name: str) -> Artifact:
    """Keep what was found, as it is now, under a name."""
    kept = _kept(workspace, found, parents=[], reason="search")
    workspace.point(f"{SELECTION}:{name}", kept, reason="search")
    return kept


def save_living(workspace: Workspace, found: Found, name: str) -> Artifact:
    """Keep the query under a name: whoever uses it gets what it finds then."""
    kept = workspace.runner.run(keep_query, query=found.query)
    workspace.point(f"{QUERY}:{name}", kept, reason="search")
    return kept


def freeze(workspace: Workspace, name: str, *, into: str = "") -> tuple[Artifact, Found]:
    """Keep what a living selection finds now under a name. Raises UnknownName as `as_of_now`."""
    kept, found = as_of_now(workspace, name)
    workspace.point(f"{SELECTION}:{into or name}", kept, reason=f"frozen from {QUERY}:{name}")
    return kept, found


def as_of_now(workspace: Workspace, name: str) -> tuple[Artifact, Found]:
    """Evaluate a living selection: its frames, with its query and what was searched.

    Raises:
        UnknownName: no living selection is called so.
    """
    living = workspace.catalog.resolve(f"{QUERY}:{name}")
    if living is None:
        raise UnknownName(
            "no living selection is called so",
            subject=name,
            remedy="keep a query: ringroad search QUERY --save NAME --living",
        )
    found = search(workspace, query_of(workspace, name), wait=True)
    return _kept(workspace, found, parents=[living], reason="frozen"), found


def query_of(workspace: Workspace, name: str) -> str:
    """The text of a living selection. Raises UnknownName."""
    return str(workspace.json(workspace.find(f"{QUERY}:{name}"))["query"])


def add_by_hand(
    workspace: Workspace, name: str, frames: Sequence[str], *, reason: str
) -> tuple[Artifact, int]:
    """Add frames to a selection. Raises UnknownName for a frame that is in no recording."""
    rows = fresh_index(workspace, wait=True).view.rows_of(frames)
    missing = [frame for frame, row in zip(frames, rows, strict=True) if row < 0]
    if missing:
        raise UnknownName(
            "no such frame", subject=missing[0], remedy="look for frames: ringroad search"
        )
    before = workspace.catalog.resolve(f"{SELECTION}:{name}")
    old: tuple[FrameId, ...] = ()
    if before is not None:
        data = workspace.blobs.get(workspace.catalog.artifact(before).digest)
        old = selections.from_bytes(data).frames
    merged = list(dict.fromkeys([*old, *frames]))
    parents = [before] if before else []
    kept = keep(workspace, merged, parents=parents, reason=reason or "by hand")
    workspace.point(f"{SELECTION}:{name}", kept, reason=reason or "by hand")
    return kept, len(merged)


def keep(
    workspace: Workspace,
    frames: Sequence[str],
    *,
    query: str = "",
    parents: Sequence[ArtifactId] = (),
    reason: str,
    versions: Sequence[tuple[str, int]] = (),
) -> Artifact:
    """Store a selection, with edges to the bytes of its recordings and to its parents."""
    names = {frame_parts(FrameId(frame))[0] for frame in frames}
    digests = sorted({r.source for r in workspace.catalog.recordings() if r.id in names})
    artifact = workspace.catalog.artifact
    return workspace.runner.run(
        keep_selection,
        frames=list(frames),
        query=query,
        parents=list(parents),
        reason=reason,
        versions=[list(pair) for pair in versions],
        sources=[artifact(artifact_id(SOURCE, digest)) for digest in digests],
        made_from=[artifact(parent) for parent in parents],
    )


def _kept(
    workspace: Workspace, found: Found, *, parents: Sequence[ArtifactId], reason: str
) -> Artifact:
    return keep(
        workspace,
        found.frames,
        query=found.query,
        parents=parents,
        reason=reason,
        versions=found.versions,
    )
