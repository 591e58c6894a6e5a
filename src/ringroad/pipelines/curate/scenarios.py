"""When atoms held in recordings: found at ingest, and again when tracks come in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.scenario.track_files import read_tracks
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError, UnknownName
from ringroad.domain.ids import RecordingId
from ringroad.media import arrow
from ringroad.pipelines.curate.scenario_steps import find_scenarios, keep_tracks
from ringroad.pipelines.recordings.collect import Taken
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace

TRACKS = "tracks"


def scenarios_of(workspace: Workspace, taken: Sequence[Taken]) -> tuple[list[Artifact], float]:
    """Rows of `schemas.INTERVALS` of each recording, found now where need be; seconds it took."""
    begun = time.perf_counter()
    asked = []
    for item in taken:
        arguments: dict[str, object] = {"signals": item.signals, "recording": item.recording.id}
        tracks = workspace.catalog.resolve(f"{TRACKS}:{item.recording.id}")
        if tracks is not None:
            arguments["tracks"] = workspace.catalog.artifact(tracks)
        asked.append(arguments)
    found: list[Artifact] = workspace.runner.map(find_scenarios, asked)
    for item, made in zip(taken, found, strict=True):
        workspace.hold("intervals", item.recording.id, made)
    return found, time.perf_counter() - begun


def import_tracks(workspace: Workspace, path: Path, *, recording: str = "") -> dict[str, int]:
    """Take in tracks, and find what they did; rows per recording.

    Tracks of a recording that had some are replaced.

    Raises:
        InputError: the file cannot be used, or is about a recording that is not here.
    """
    rows = read_tracks(path, recording=recording)
    names = sorted(pc.unique(rows["recording_id"].cast(pa.string())).to_pylist())
    taken = [_known(workspace, name, path) for name in names]
    digest = workspace.blobs.put(arrow.to_bytes(rows))
    whole = Artifact(
        kind="track-file",
        digest=digest,
        size_bytes=workspace.blobs.size(digest) or 0,
        media=arrow.ARROW_FILE,
    )
    counts = {}
    for item in taken:
        kept = workspace.runner.run(keep_tracks, rows=whole, recording=item.recording.id)
        workspace.point(f"{TRACKS}:{item.recording.id}", kept, reason=f"from {path.name}")
        same = pc.equal(rows["recording_id"].cast(pa.string()), str(item.recording.id))
        counts[str(item.recording.id)] = int(pc.sum(same).as_py())
    scenarios_of(workspace, taken)
    return counts


def _known(workspace: Workspace, name: str, path: Path) -> Taken:
    try:
        return taken_of(workspace, workspace.catalog.recording(RecordingId(name)))
    except UnknownName as error:
        raise InputError(
            f"is about {name!r}, which is no recording here",
            subject=str(path),
            remedy="see ringroad recordings list, or name one: --recording ID",
        ) from error
