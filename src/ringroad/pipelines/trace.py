"""Lineage from any name a person may have at hand: an alias, an artifact, a recording."""

from __future__ import annotations

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import RecordingId, artifact_id
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.lineage import Lineage, downstream, upstream


def trace(workspace: Workspace, name: str, *, up: bool) -> Lineage:
    """Walk from what `name` stands for. Raises UnknownName."""
    start = find(workspace, name).id
    walk = upstream if up else downstream
    return walk(workspace.catalog, start)


def find(workspace: Workspace, name: str) -> Artifact:
    """An artifact by alias, id, start of a digest, or the source of a recording by its id."""
    try:
        return workspace.find(name)
    except UnknownName as unknown:
        try:
            recording = workspace.catalog.recording(RecordingId(name))
        except UnknownName:
            raise unknown from None
        return workspace.catalog.artifact(artifact_id("source", recording.source))
