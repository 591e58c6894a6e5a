"""Readings of the files of one recording, one after the other, to one reading of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ringroad.domain.calibration import Calibration
from ringroad.domain.ids import frame_id
from ringroad.domain.recording import Channel
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.folder_files import Placed
from ringroad.ingest.rows import rate_hz
from ringroad.protocols.reader import Reading, ReadRequest

COUNTED = ("sequence", "start_sequence", "position")
"""Columns that go on from file to file."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What one file of a recording holds.

    Attributes:
        file: where it lies in the source.
        reading: of it; None where nothing in it could be used.
        counts: messages of each channel in it, lost ones too.
    """

    file: Placed
    reading: Reading | None
    counts: Mapping[str, int]


def joined(
    request: ReadRequest, parts: Sequence[Part], *, notes: Sequence[str], salvaged: Sequence[str]
) -> Reading:
    """One reading of all files, of which one at least has a reading.

    Sequence numbers go on from file to file, offsets count in the source.

    Args:
        request: whose recording it is.
        parts: in order of time.
        notes: in front of those of the files.
        salvaged: what was lost besides what the files' readings tell.
    """
    read = [(part.file, part.reading) for part in parts if part.reading is not None]
    found = [reading for _, reading in read]
    begin = min(reading.recording.start_ns for reading in found)
    end = max(reading.recording.start_ns + reading.recording.duration_ns for reading in found)
    told = [f"{file.name}: {note}" for file, reading in read for note in reading.notes]
    losses = [
        f"{file.name}: {reading.recording.salvaged}"
        for file, reading in read
        if reading.recording.salvaged
    ]
    calibrations = _joined([reading.recording.calibrations for reading in found])
    return Reading(
        recording=replace(
            found[0].recording,
            start_ns=begin,
            duration_ns=end - begin,
            channels=_channels(found),
            salvaged="; ".join([*salvaged, *losses]),
            calibrations=calibrations,
        ),
        frames=_rows(request, parts, "frames"),
        signals=_signals([reading.signals for reading in found]),
        sweeps=_rows(request, parts, "sweeps"),
        notes=(*notes, *told),
    )


def _joined(told: Sequence[Sequence[Calibration]]) -> tuple[Calibration, ...]:
    """One calibration for each channel: what a later file leaves open, an earlier one said."""
    known: dict[str, Calibration] = {}
    for item in (item for some in told for item in some):
        before = known.get(item.channel, item)
        pose = item if item.translation_m or item.rotation else before
        lens = item if item.intrinsics else before
        known[item.channel] = replace(
            item,
            parent=pose.parent,
            translation_m=pose.translation_m,
            rotation=pose.rotation,
            intrinsics=lens.intrinsics,
            distortion_model=lens.distortion_model,
            distortion=lens.distortion,
        )
    return tuple(known.values())


def _rows(request: ReadRequest, parts: Sequence[Part], name: str) -> pa.Table | None:
    """Rows of `frames` or `sweeps` by channel and number; what a decoder needs is kept."""
    before: Counter[str] = Counter()
    tables: list[pa.Table] = []
    metadata: dict[bytes, bytes] = {}
    for part in parts:
        table = getattr(part.reading, name, None)
        if table is not None:
            metadata |= table.schema.metadata or {}
            moved = _moved(request, table, part.file.offset, before)
            tables.append(moved.replace_schema_metadata(None))
        before.update(part.counts)
    if not tables:
        return None
    order = [("channel", "ascending"), ("sequence", "ascending")]
    together = pa.concat_tables(tables).sort_by(order).combine_chunks()
    return together.replace_schema_metadata(metadata or None)


def _moved(request: ReadRequest, table: pa.Table, offset: int, before: Counter[str]) -> pa.Table:
    """Rows of one file as rows of the source: `before` each channel's messages in files before."""
    channels = table["channel"].to_pylist()
    ahead = np.array([before[channel] for channel in channels], np.int64)
    packed = table["chunk_offset"].to_numpy() >= 0
    added = {name: ahead for name in COUNTED if name in table.column_names}
    added |= {"offset": np.where(packed, 0, offset), "chunk_offset": np.where(packed, offset, 0)}
    columns = {name: table[name] for name in table.column_names}
    for name, more in added.items():
        columns[name] = pa.array(table[name].to_numpy() + more, table.schema.field(name).type)
    numbers = columns["sequence"].to_pylist()
    columns["frame_id"] = pa.array(
        [frame_id(request.recording, *pair) for pair in zip(channels, numbers, strict=True)]
    )
    return pa.table(columns, schema=table.schema)


def _signals(tables: Sequence[pa.Table]) -> pa.Table:
    """Rows by channel, name and time."""
    together = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    if not len(together):
        return together
    keys = [_rank(together[name].combine_chunks()) for name in ("name", "channel")]
    return together.take(np.lexsort((together["time_ns"].to_numpy(), *keys)))


def _rank(texts: pa.DictionaryArray) -> np.ndarray:
    """Numbers that sort as texts do."""
    order = np.argsort(np.array(texts.dictionary.to_pylist(), object), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    found: np.ndarray = rank[texts.indices.to_numpy()]
    return found


def _channels(readings: Sequence[Reading]) -> tuple[Channel, ...]:
    """Channels by name: messages of all files, and the rate that they had in those."""
    every: dict[str, list[Channel]] = {}
    for reading in readings:
        for channel in reading.recording.channels:
            every.setdefault(channel.name, []).append(channel)
    return tuple(_channel(every[name]) for name in sorted(every))


def _channel(same: Sequence[Channel]) -> Channel:
    steps = [(item.messages - 1, item.rate_hz) for item in same if item.rate_hz]
    lasts_ns = sum(round(count / rate * SECOND_NS) for count, rate in steps)
    first = next((item for item in same if item.messages), same[0])
    return replace(
        first,
        messages=sum(item.messages for item in same),
        rate_hz=rate_hz(sum(count for count, _ in steps), lasts_ns),
    )
