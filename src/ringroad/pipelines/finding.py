"""Finds what was made before: a recording's frames and proxies, the labels of a version."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ringroad.domain.artifact import Artifact, Execution
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import (
    ArtifactId,
    Digest,
    artifact_id,
)
from ringroad.media import arrow
from ringroad.pipelines.workspace import Workspace

LABEL_KINDS = ("annotations", "truth")
"""Kinds of artifacts that a manifest's column `annotations` may mean."""


def table_of(workspace: Workspace, artifact: Artifact) -> pa.Table:
    """The rows that an artifact holds."""
    return arrow.from_bytes(workspace.blobs.get(artifact.digest))


def mapped_of(workspace: Workspace, artifact: Artifact) -> pa.Table:
    """The same where they lie, unread, where the store has a file of them."""
    path = workspace.blobs.path(artifact.digest)
    return table_of(workspace, artifact) if path is None else arrow.mapped(path)


def executions_at(
    workspace: Workspace, artifact: ArtifactId, step: str, *, direction: str
) -> list[Execution]:
    """Executions of a step that took an artifact (`in`) or made it (`out`), newest first."""
    edges = workspace.catalog.edges(artifact=artifact)
    ids = dict.fromkeys(edge.execution for edge in edges if edge.direction == direction)
    found = [workspace.catalog.execution(at) for at in ids]
    mine = [item for item in found if item is not None and item.key.step == step]
    return sorted(mine, key=lambda item: -item.ended_ns)


def find_named(workspace: Workspace, name: str, kinds: Sequence[str], *, prefix: str) -> Artifact:
    """An artifact of certain kinds by alias, with or without its prefix, or by id.

    Raises:
        UnknownName: nothing is called so, or it is of another kind.
    """
    known = workspace.catalog.resolve(f"{prefix}:{name}") if prefix else None
    artifact = workspace.catalog.artifact(known) if known is not None else workspace.find(name)
    if artifact.kind not in kinds:
        raise UnknownName(
            f"is of kind {artifact.kind!r}, wanted is {' or '.join(kinds)}",
            subject=name,
            remedy="see what there is: ringroad status",
        )
    return artifact


def dataset_of(workspace: Workspace, name: str) -> Artifact:
    """A dataset version by name, alias or id. Raises UnknownName."""
    return find_named(workspace, name, ("dataset",), prefix="dataset")


def labels_of(workspace: Workspace, manifest: pa.Table) -> tuple[Artifact, ...]:
    """The annotation batches that rows of a manifest refer to. Raises UnknownName."""
    digests = sorted(set(manifest.column("annotations").to_pylist()))
    return tuple(_batch(workspace, Digest(digest)) for digest in digests)


def _batch(workspace: Workspace, digest: Digest) -> Artifact:
    for kind in LABEL_KINDS:
        try:
            return workspace.catalog.artifact(artifact_id(kind, digest))
        except UnknownName:
            continue
    raise UnknownName(
        "no committed batch of annotations has this digest",
        subject=digest[:12],
        remedy="import the labels again: ringroad labels import FILE",
    )
