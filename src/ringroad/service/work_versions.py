"""What operations on dataset versions do: checked bodies to pipelines to plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ringroad.datasets.merge import Choices
from ringroad.datasets.merge_files import choices_from
from ringroad.domain.canonical import canonical_json
from ringroad.domain.dataset import SPLITS
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ArtifactId
from ringroad.domain.time import SECOND_NS
from ringroad.label.formats.known import format_of
from ringroad.label.formats.writing import LOSSES
from ringroad.pipelines.datasets.edits import Written, revert
from ringroad.pipelines.datasets.folder import export_version
from ringroad.pipelines.datasets.merging import Planned, plan_merge, write_merge
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.label.export import export_labels, foresee, leaving_of
from ringroad.pipelines.workspace import Workspace
from ringroad.service import files

Body = Mapping[str, Any]
Result = dict[str, Any]
FOLDER = "folder"
"""COCO and JPEG pictures per split, as `ringroad datasets export` writes them."""
COCO = "coco"


def merge_dataset(workspace: Workspace, body: Body) -> Result:
    """Merge, once every conflict is decided."""
    planned = plan_merge(
        workspace,
        body["name"],
        body["other"],
        expected=seen_version(body),
        unrelated=body["unrelated"],
    )
    done = write_merge(workspace, planned, choices_of(planned, body))
    count = planned.merge.conflicts if planned.merge is not None else 0
    return told_written(done) | {"conflicts": count, "forward": planned.forward}


def revert_dataset(workspace: Workspace, body: Body) -> Result:
    """Bring the rows of an earlier version back."""
    done = revert(
        workspace,
        body["name"],
        body["version"],
        reason=body["reason"],
        expected=seen_version(body),
    )
    return told_written(done)


def export_dataset(workspace: Workspace, body: Body) -> Result:
    """Write a version as files in one archive, with what the format could not hold."""
    dataset = dataset_of(workspace, body["dataset"])
    files.sweep(workspace.folder, now_s=workspace.clock.now_ns() / SECOND_NS)
    desk = files.desk_of(workspace.folder, body["operation"])
    splits = tuple(split for split in SPLITS if split in body["splits"])
    if body["format"] == FOLDER:
        size = _size(body)
        made = export_version(
            workspace,
            dataset,
            desk,
            size=size,
            splits=splits,
            why="export over HTTP",
            who=body["who"],
        )
        seen = foresee(leaving_of(workspace, dataset.id, splits), format_of(COCO))
        (desk / LOSSES).write_bytes(canonical_json(seen.losses) + b"\n")
        losses = [asdict(item) for item in seen.losses]
        told: Result = {
            "annotations": seen.annotations,
            "pictures": seen.pictures,
            "files": len(made),
            "losses": losses,
        }
    else:
        chosen = format_of(body["format"])
        leaving = leaving_of(workspace, dataset.id, splits)
        name = "labels" if chosen.folder else f"labels{chosen.suffix}"
        written = export_labels(workspace, leaving, desk / name, chosen, who=body["who"])
        told = {
            "annotations": written.annotations,
            "pictures": written.pictures,
            "losses": [asdict(item) for item in written.losses],
        }
    size_bytes = files.pack(desk, files.place_of(workspace.folder, body["operation"]))
    address = f"/api/v1/operations/{body['operation']}/file"
    return {"dataset": dataset.id, "format": body["format"], **told, "bytes": size_bytes,
            "file": address}  # fmt: skip


def choices_of(planned: Planned, body: Body) -> Choices:
    """What a body decides, checked against the conflicts that there are."""
    if planned.merge is None:
        return Choices()
    document = {
        "ours": planned.merge.ours,
        "theirs": planned.merge.theirs,
        "rows": [{"frame": frame, "take": take} for frame, take in body["rows"].items()],
        "header": [{"field": name, "take": side} for name, side in body["header"].items()],
    }
    return choices_from(
        json.dumps(document).encode(), planned.merge, place="request", default=body["take"]
    )


def seen_version(body: Body) -> ArtifactId | None:
    """The version that the caller saw; None where it did not say."""
    return None if body["expected"] is None else ArtifactId(body["expected"])


def told_written(done: Written) -> Result:
    """What an edit came to."""
    return {
        "dataset": done.version.id,
        "parent": done.before.id,
        "changed": done.changed,
        "put": done.put,
        "removed": done.removed,
    }


def _size(body: Body) -> tuple[int, int] | None:
    width, height = body["width"], body["height"]
    if (width is None) != (height is None):
        raise UsageError("pictures have a width and a height", remedy="send both, or none")
    return None if width is None else (width, height)
