"""Rows that hold of recordings as they are known now. Computes nothing, decodes nothing."""

from __future__ import annotations

import pyarrow as pa

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import FrameId, RecordingId, frame_parts
from ringroad.domain.recording import Recording
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace


def frame_rows(workspace: Workspace, recording: Recording) -> pa.Table:
    """Rows of `schemas.FRAMES` as ingest wrote them. Raises InputError where they are gone."""
    return table_of(workspace, taken_of(workspace, recording).frames)


def signal_rows(workspace: Workspace, recording: Recording) -> pa.Table:
    """Rows of `schemas.SIGNALS`. Raises InputError where the recording's index is gone."""
    return table_of(workspace, taken_of(workspace, recording).signals)


def held_rows(workspace: Workspace, table: str, recording: RecordingId) -> pa.Table | None:
    """Events or checks that hold of a recording; None where nobody looked for them yet."""
    at = workspace.catalog.resolve(f"{table}:{recording}")
    return None if at is None else table_of(workspace, workspace.catalog.artifact(at))


def recording_of(workspace: Workspace, frame: str) -> Recording:
    """The recording of a frame. Raises UnknownName for what is no frame id."""
    try:
        recording, _, _ = frame_parts(FrameId(frame))
    except ValueError as error:
        raise UnknownName(
            "is no frame id", subject=frame[:200], remedy="look for frames: ringroad search"
        ) from error
    return workspace.catalog.recording(recording)


def unknown_frame(frame: str) -> UnknownName:
    """What is told of a frame that its recording does not have."""
    return UnknownName(
        "no such frame", subject=frame[:200], remedy="look for frames: ringroad search"
    )
