"""Builds rows of `schemas.FRAMES` and `schemas.SIGNALS` for readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import frame_id
from ringroad.media.schemas import FRAMES, SIGNALS
from ringroad.protocols.reader import ReadRequest

MEASURED = ("brightness", "contrast", "sharpness", "saturation", "condition", "speed_mps")


def frame_rows(
    request: ReadRequest,
    channel: str,
    encoding: str,
    columns: Mapping[str, np.ndarray | Sequence[object]],
    *,
    size: tuple[int, int],
) -> pa.Table:
    """Rows of one channel; columns that are not given say that bytes lie plain and decode alone.

    Args:
        request: whose recording it is.
        channel: its name.
        encoding: of every frame.
        columns: `sequence`, `time_ns`, `offset`, `length`, `xxh3`, and any others.
        size: width and height in pixels.
    """
    sequences = np.asarray(columns["sequence"], np.int64)
    count = len(sequences)
    known: dict[str, object] = {
        "frame_id": [frame_id(request.recording, channel, int(number)) for number in sequences],
        "recording_id": [request.recording] * count,
        "channel": [channel] * count,
        "width": np.full(count, size[0]),
        "height": np.full(count, size[1]),
        "key": np.ones(count, bool),
        "source": [request.source] * count,
        "encoding": [encoding] * count,
        "start_sequence": sequences,
        "position": np.arange(count),
        "compression": [""] * count,
        "chunk_offset": np.full(count, -1),
        "chunk_length": np.zeros(count, np.int64),
    } | dict(columns)
    arrays = [
        pa.nulls(count, field.type)
        if field.name in MEASURED
        else pa.array(known[field.name], field.type)
        for field in FRAMES
    ]
    return pa.Table.from_arrays(arrays, schema=FRAMES)


def signal_rows(
    request: ReadRequest, values: Iterable[tuple[str, int, str, float, str]]
) -> pa.Table:
    """Rows of channel, time in ns, name, value, unit; values that are not finite are left out."""
    rows = [row for row in values if np.isfinite(row[3])]
    columns = list(zip(*rows, strict=True)) or [()] * 5
    names = ("channel", "time_ns", "name", "value", "unit")
    told: dict[str, object] = dict(zip(names, columns, strict=True))
    told["recording_id"] = [request.recording] * len(rows)
    return pa.table(
        {field.name: pa.array(told[field.name], field.type) for field in SIGNALS}, schema=SIGNALS
    )
