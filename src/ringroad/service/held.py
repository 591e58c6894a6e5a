"""What reads of many pages share: rows of artifacts, held while they are looked at."""

from __future__ import annotations

import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.recording import Recording
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.held_rows import frame_rows
from ringroad.service.state import Service


def rows_held(here: Service, artifact: Artifact) -> pa.Table:
    """The rows of an artifact, whose id decides what they are."""
    table: pa.Table = here.tables.get(
        f"rows {artifact.id}", lambda: table_of(here.workspace, artifact)
    )
    return table


def frames_held(here: Service, recording: Recording) -> pa.Table:
    """Frames of a recording by channel and sequence; its bytes decide what they are."""

    def make() -> pa.Table:
        rows = frame_rows(here.workspace, recording)
        return rows.sort_by([("channel", "ascending"), ("sequence", "ascending")])

    table: pa.Table = here.tables.get(f"frames {recording.id} {recording.source}", make)
    return table
