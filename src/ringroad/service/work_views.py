"""Long work of looking: a recording for the Rerun viewer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ringroad.backends.rerun_viewer import viewer_files, viewer_version
from ringroad.domain.ids import RecordingId
from ringroad.pipelines.recordings.exporting import RRD, Wish, export
from ringroad.pipelines.workspace import Workspace
from ringroad.service.viewer import files_of, views_of

KEPT = 8
"""So many views stay; older ones are made again when they are asked for."""


def make_view(workspace: Workspace, body: Mapping[str, Any]) -> dict[str, Any]:
    """Write a view, and the viewer's files; what is there already stays."""
    recording = workspace.catalog.recording(RecordingId(body["recording"]))
    stretch = (body["from_s"], body["until_s"])
    told = json.dumps([recording.id, recording.source, viewer_version(), *stretch])
    name = sha256(told.encode()).hexdigest()[:32]
    viewer_files(files_of(workspace))
    folder = views_of(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.rrd"
    if not path.exists():
        wish = Wish(format=RRD, from_s=stretch[0], until_s=stretch[1])
        export(workspace, [recording.id], path, wish)
    others = sorted(folder.glob("*.rrd"), key=lambda other: -other.stat().st_mtime_ns)
    for old in others[KEPT:]:
        old.unlink(missing_ok=True)
    return {"view": name, "address": f"/rerun/?view={name}", "size_bytes": path.stat().st_size}
