"""Builds rows of `schemas.FRAMES`, `SWEEPS` and `SIGNALS` for readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import RecordingId, frame_id
from ringroad.media.schemas import FRAMES, SIGNALS, SWEEPS
from ringroad.protocols.reader import ReadRequest

MEASURED = ("brightness", "contrast", "sharpness", "saturation", "condition", "speed_mps")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signal:
    """One signal of a recording over time.

    Attributes:
        channel: which it came over.
        name: `speed`, `imu.angular_velocity.z` ...
        unit: of the values; empty where it is not known.
        time_ns: (n,) int64.
        values: (n,) float64.
    """

    channel: str
    name: str
    unit: str
    time_ns: np.ndarray
    values: np.ndarray


def frame_rows(
    request: ReadRequest,
    channel: str,
    columns: Mapping[str, np.ndarray | Sequence[object]],
    *,
    encoding: str = "",
    size: tuple[int, int] = (0, 0),
) -> pa.Table:
    """Rows of one channel; columns that are not given say that bytes lie plain and decode alone.

    Args:
        request: whose recording it is.
        channel: its name.
        columns: `sequence`, `time_ns`, `offset`, `length`, `xxh3`, and any others.
        encoding: of every frame, where the columns do not say.
        size: width and height of every frame in pixels, where the columns do not say.
    """
    sequences = np.asarray(columns["sequence"], np.int64)
    count = len(sequences)
    known: dict[str, object] = {
        "frame_id": _frame_ids(request.recording, channel, sequences),
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


def sweep_rows(
    request: ReadRequest,
    channel: str,
    columns: Mapping[str, np.ndarray | Sequence[object]],
    *,
    sensor: str,
    encoding: str,
) -> pa.Table:
    """Rows of one lidar or radar; columns that are not given say that bytes lie plain.

    Args:
        request: whose recording it is.
        channel: its name.
        columns: `sequence`, `time_ns`, `offset`, `length`, `xxh3`, and any others; without
            `points` their number is not known.
        sensor: lidar or radar.
        encoding: of every sweep, one of `media/points/sweep.py` or of a picture.
    """
    sequences = np.asarray(columns["sequence"], np.int64)
    count = len(sequences)
    known: dict[str, object] = {
        "frame_id": _frame_ids(request.recording, channel, sequences),
        "recording_id": [request.recording] * count,
        "channel": [channel] * count,
        "sensor": [sensor] * count,
        "points": np.full(count, -1),
        "source": [request.source] * count,
        "encoding": [encoding] * count,
        "compression": [""] * count,
        "chunk_offset": np.full(count, -1),
        "chunk_length": np.zeros(count, np.int64),
    } | dict(columns)
    arrays = [pa.array(known[field.name], field.type) for field in SWEEPS]
    return pa.Table.from_arrays(arrays, schema=SWEEPS)


def signal_rows(request: ReadRequest, signals: Sequence[Signal]) -> pa.Table:
    """Rows by channel, name and time; values that are not finite are left out."""
    parts = []
    for signal in sorted(signals, key=lambda item: (item.channel, item.name)):
        order = np.argsort(signal.time_ns, kind="stable")
        order = order[np.isfinite(signal.values[order])]
        columns = {
            "recording_id": repeated(request.recording, len(order)),
            "channel": repeated(signal.channel, len(order)),
            "time_ns": pa.array(signal.time_ns[order], pa.int64()),
            "name": repeated(signal.name, len(order)),
            "value": pa.array(signal.values[order], pa.float64()),
            "unit": repeated(signal.unit, len(order)),
        }
        parts.append(pa.table(columns, schema=SIGNALS))
    return pa.concat_tables(parts).combine_chunks() if parts else SIGNALS.empty_table()


def repeated(text: str, count: int) -> pa.DictionaryArray:
    """One text in every row, kept once."""
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), [text])


def rate_hz(count: int, lasts_ns: int) -> float:
    """Messages per second, to three digits; 0 where it cannot be told."""
    return round(count / (lasts_ns / 1e9), 3) if lasts_ns > 0 else 0.0


def _frame_ids(recording: RecordingId, channel: str, sequences: np.ndarray) -> list[str]:
    base = frame_id(recording, channel, 0).rpartition("/")[0]
    return [f"{base}/{number:06d}" for number in sequences.tolist()]
