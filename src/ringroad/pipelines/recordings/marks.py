"""Annotations and predictions of a stretch of one camera, to be drawn over its pictures."""

from __future__ import annotations

from urllib.parse import quote

import pyarrow as pa

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import RecordingId, frame_id
from ringroad.media.annotation_rows import full
from ringroad.media.schemas import ANNOTATIONS, PREDICTIONS
from ringroad.pipelines.workspace import Workspace


def annotation_rows(
    workspace: Workspace, recording: RecordingId, channel: str, *, first: int, last: int
) -> pa.Table:
    """Rows of `schemas.ANNOTATIONS` that count, by frame; those that hold nothing are left out."""
    rows = _rows(workspace, "annotations", ANNOTATIONS, recording, channel, first, last)
    return full(rows.filter(pa.compute.not_equal(rows["category"], "")))


def prediction_rows(
    workspace: Workspace, recording: RecordingId, channel: str, *, first: int, last: int
) -> pa.Table:
    """Rows of `schemas.PREDICTIONS` of all models, by frame."""
    return _rows(workspace, "predictions", PREDICTIONS, recording, channel, first, last)


def _rows(
    workspace: Workspace,
    table: str,
    schema: pa.Schema,
    recording: RecordingId,
    channel: str,
    first: int,
    last: int,
) -> pa.Table:
    """Of frames whose ids lie between two; sequence numbers of six digits are in order as text."""
    whole = first <= 0 and last >= 999_999
    start = f"{recording}/{quote(channel, safe='._-')}/"
    low = start if whole else frame_id(recording, channel, first)
    high = f"{start}:" if whole else frame_id(recording, channel, last)
    where = f"frame_id >= '{_quoted(low)}' AND frame_id <= '{_quoted(high)}'"
    try:
        return workspace.rows(table, where=where)
    except UnknownName:
        return schema.empty_table()


def _quoted(text: str) -> str:
    return text.replace("'", "''")
