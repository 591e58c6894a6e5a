"""Camera frames of a recording, kept while they are looked at."""

from __future__ import annotations

import pyarrow as pa

from ringroad.domain.recording import Recording
from ringroad.pipelines.held_rows import frame_rows
from ringroad.service.state import Service


def frames_of(here: Service, recording: Recording) -> pa.Table:
    """Its frames by channel and sequence; the bytes of the recording decide what they are."""

    def make() -> pa.Table:
        rows = frame_rows(here.workspace, recording)
        return rows.sort_by([("channel", "ascending"), ("sequence", "ascending")])

    table: pa.Table = here.tables.get(f"frames {recording.id} {recording.source}", make)
    return table
