"""What operations on recordings and datasets do: checked bodies to pipelines to plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ArtifactId, FrameId, RecordingId
from ringroad.ingest.checks import CheckLimits
from ringroad.pipelines.curate.scope import frames_in, scope_of
from ringroad.pipelines.datasets.edits import remove_frames
from ringroad.pipelines.datasets.growth import append_frames
from ringroad.pipelines.datasets.versions import create_version
from ringroad.pipelines.finding import LABEL_KINDS, find_named
from ringroad.pipelines.recordings.checking import checked
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.happening import Limits
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.recordings.thinning import judge
from ringroad.pipelines.workspace import Workspace
from ringroad.service.work_versions import told_written

Body = Mapping[str, Any]
Result = dict[str, Any]


def check_recordings(workspace: Workspace, body: Body) -> Result:
    """Check again, with the limits that are usual."""
    catalog = workspace.catalog
    named = [catalog.recording(RecordingId(at)) for at in body["recordings"]]
    done = checked(workspace, named or catalog.recordings(), CheckLimits())
    return {"recordings": len(done), "checks": [item.checks.id for item in done[:1000]]}


def find_events(workspace: Workspace, body: Body) -> Result:
    """Find what happened, and how useful each stretch is."""
    found = judge(workspace, _taken(workspace, body["recordings"]), limits=Limits())
    return {"recordings": len(found)}


def append_dataset(workspace: Workspace, body: Body) -> Result:
    """Put frames into a dataset or take some out, on the version that the caller saw."""
    name, expected = body["name"], body["expected"]
    seen = None if expected is None else ArtifactId(expected)
    if bool(body["selection"]) == bool(body["remove"]):
        raise UsageError(
            "a version has frames put in, or taken out",
            subject=name,
            remedy="send one of `selection` and `remove`",
        )
    if body["remove"]:
        frames = [FrameId(frame) for frame in body["remove"]]
        reason = body["reason"] or "removed"
        return told_written(remove_frames(workspace, name, frames, reason=reason, expected=seen))
    done = append_frames(
        workspace,
        name,
        _frames(workspace, body["selection"]),
        labels=[find_named(workspace, at, LABEL_KINDS, prefix="") for at in body["labels"]],
        split=body["split"],
        query=body["reason"] or body["selection"],
        expected=seen,
    )
    return told_written(done.written) | {"unlabelled": done.unlabelled, "between": done.between}


def create_dataset(workspace: Workspace, body: Body) -> Result:
    """Make a dataset of labelled frames."""
    made, unlabelled = create_version(
        workspace,
        body["name"],
        _frames(workspace, body["selection"]),
        labels=[find_named(workspace, at, LABEL_KINDS, prefix="") for at in body["labels"]],
        categories=body["categories"],
        unit=body["unit"],
        block=body["block"],
        gap=body["gap"],
        test_fraction=body["test_fraction"],
        query=body["reason"] or body["selection"],
        seed=body["seed"],
    )
    return {"dataset": made.id, "unlabelled": unlabelled}


def _taken(workspace: Workspace, recordings: list[str]) -> tuple[Taken, ...]:
    if not recordings:
        return scope_of(workspace, "all").taken
    catalog = workspace.catalog
    return tuple(taken_of(workspace, catalog.recording(RecordingId(at))) for at in recordings)


def _frames(workspace: Workspace, source: str) -> tuple[FrameId, ...]:
    """The frames of a selection; of a recording, or of all of them, every one."""
    return frames_in(workspace, scope_of(workspace, source))
