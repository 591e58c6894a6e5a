"""Reads MCAP: cameras, lidars and radars are indexed, channels of low rate become signals.

What single channels say is `mcap_channels.py`'s, where sensors sit `mcap_calibration.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, OTHER, Channel, Recording
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.mcap_calibration import calibrations
from ringroad.ingest.mcap_channels import Found, Source, take
from ringroad.ingest.rows import Signal, rate_hz, signal_rows
from ringroad.media.containers.mcap_index import MAGIC, McapIndex, index_mcap
from ringroad.media.messages.any_numbers import numbers_of
from ringroad.media.messages.mcap import damaged_chunks, without
from ringroad.media.messages.types import ENCODINGS, sensor_of, type_of
from ringroad.media.schemas import FRAMES
from ringroad.protocols.reader import Reading, ReadRequest

LANE_SHARE = 0.01
"""Signals may take this share of the source's bytes ..."""
LANE_RATE_HZ = 10.0
"""... but none is thinned to less than this."""
VALUE_BYTES = 9
"""Of one value with its time, once packed: 8.7 were measured on noise, real signals take less."""


class McapReader:
    """One MCAP file is one recording."""

    name = "mcap"
    suffixes = (".mcap",)
    verified = "files of the official writers for ROS 2, protobuf and JSON"

    def recognises(self, head: bytes, name: str) -> bool:
        """By the magic bytes."""
        del name
        return head.startswith(MAGIC)

    def read(self, request: ReadRequest) -> Reading:
        """Index one file; chunks that are damaged are left out and told.

        Raises:
            UnreadableSource: nothing in it can be used.
        """
        return read_indexed(request, index_mcap(request.path), container=self.name)


def read_indexed(request: ReadRequest, index: McapIndex, *, container: str) -> Reading:
    """Index one file whose messages were found. Raises UnreadableSource as `McapReader.read`."""
    damaged = damaged_chunks(request.path, index)
    whole = without(index, sorted(damaged))
    source, found = Source(request=request, index=index, whole=whole), Found()
    for number in whole.messages:
        _take(source, number, found)
    if not (found.bulk or found.signals or found.lane):
        raise _nothing(request, index, damaged, found)
    return _reading(request, index, whole, damaged, found, container)


def _take(source: Source, number: int, found: Found) -> None:
    """Gather one channel; what is wrong with it is noted, and the others go on."""
    channel = source.index.channels.get(number)
    if channel is None:
        found.notes.append(f"channel number {number} is never announced: left out")
        return
    if sensor_of(channel) != OTHER and channel.encoding not in ENCODINGS:
        found.notes.append(f"{channel.topic}: messages in {channel.encoding} are not read yet")
    try:
        kind = type_of(channel)
        if kind is None and channel.topic in source.request.asked:
            kind = numbers_of(channel)
        if kind is not None:
            take(source, number, kind, found)
    except UnreadableSource as error:
        found.notes.append(f"{channel.topic}: {error.what}: left out")


def _reading(
    request: ReadRequest,
    index: McapIndex,
    whole: McapIndex,
    damaged: Mapping[int, str],
    found: Found,
    container: str,
) -> Reading:
    begin, end = _span(found)
    signals, thinned = _lane(found.signals, request.path.stat().st_size)
    channels = tuple(_channels(index, whole, found))
    placed = calibrations(channels, found.frame_ids, found.lenses, found.transforms)
    notes = [*found.notes, *placed.notes, *([thinned] if thinned else [])]
    notes += [f"chunk at byte {index.chunks[at].start}: {why}" for at, why in damaged.items()]
    frames = sorted(found.frames, key=lambda table: str(table["channel"][0]))
    told = {key: text for table in frames for key, text in (table.schema.metadata or {}).items()}
    frames = [table.replace_schema_metadata(told or None) for table in frames]
    return Reading(
        recording=Recording(
            id=request.recording,
            vehicle=request.vehicle,
            source_key=request.source_key,
            source=request.source,
            container=container,
            start_ns=begin,
            duration_ns=end - begin,
            channels=channels,
            clock="recorded",
            salvaged="; ".join(_losses(index, whole, damaged, found)),
            calibrations=placed.calibrations,
        ),
        frames=pa.concat_tables(frames).combine_chunks() if frames else FRAMES.empty_table(),
        signals=signal_rows(request, [*signals, *found.lane]),
        sweeps=_sweeps(found),
        cuts=tuple(sorted(chunk.start for chunk in index.chunks if chunk.start)),
        notes=tuple(notes),
    )


def _sweeps(found: Found) -> pa.Table | None:
    ordered = sorted(found.sweeps, key=lambda table: str(table["channel"][0]))
    return pa.concat_tables(ordered).combine_chunks() if ordered else None


def _span(found: Found) -> tuple[int, int]:
    """Earliest and latest time of anything that is kept."""
    times = [table["time_ns"].to_numpy() for table in (*found.frames, *found.sweeps)]
    signals = [*found.signals, *found.lane]
    times += [signal.time_ns for signal in signals if len(signal.time_ns)]
    return min(int(part.min()) for part in times), max(int(part.max()) for part in times)


def _losses(
    index: McapIndex, whole: McapIndex, damaged: Mapping[int, str], found: Found
) -> Iterator[str]:
    """What a damaged or cut-off file lost, channel by channel, in seconds."""
    if damaged:
        yield f"{len(damaged)} of {len(index.chunks)} chunks are damaged and were left out"
    for number, messages in index.messages.items():
        left = len(whole.messages[number].place) if number in whole.messages else 0
        lost = len(messages.place) - left
        if lost and number in index.channels:
            step = (
                float(np.median(np.diff(np.sort(messages.log_ns))))
                if len(messages.place) > 1
                else 0
            )
            topic = index.channels[number].topic
            yield f"{topic} lost {lost} messages, {lost * step / SECOND_NS:.2f} s"
    if index.cut:
        yield index.cut
        for number, channel in found.bulk.items():
            missing = index.until_ns - int(whole.messages[number].log_ns.max())
            if index.until_ns and channel.sensor == CAMERA:
                yield f"{channel.name} lost at least {max(missing, 0) / SECOND_NS:.2f} s at the end"


def _channels(index: McapIndex, whole: McapIndex, found: Found) -> Iterator[Channel]:
    for number, told in sorted(index.channels.items(), key=lambda item: (item[1].topic, item[0])):
        if number in found.bulk:
            yield found.bulk[number]
            continue
        messages = whole.messages.get(number)
        times = messages.log_ns if messages is not None else np.zeros(1, np.int64)
        count = len(messages.log_ns) if messages is not None else 0
        yield Channel(
            name=told.topic,
            sensor=sensor_of(told),
            encoding=told.kind or told.encoding,
            messages=count,
            rate_hz=rate_hz(count - 1, int(times.max()) - int(times.min())),
        )


def _lane(signals: list[Signal], source_bytes: int) -> tuple[list[Signal], str]:
    """Signals thinned so that they stay a small share of the source, and what to say about it."""
    held = VALUE_BYTES * sum(len(signal.values) for signal in signals)
    allowed = LANE_SHARE * source_bytes
    if held <= allowed:
        return signals, ""
    every = -(-held // max(1, int(allowed)))
    thinned = []
    for signal in signals:
        lasts = int(np.ptp(signal.time_ns)) if len(signal.time_ns) else 0
        most = int(rate_hz(len(signal.values) - 1, lasts) / LANE_RATE_HZ)
        step = max(1, min(every, most))
        thinned.append(
            replace(signal, time_ns=signal.time_ns[::step], values=signal.values[::step])
        )
    left = VALUE_BYTES * sum(len(signal.values) for signal in thinned)
    if left == held:
        return signals, ""
    return thinned, (
        f"signals are thinned from {held} to {left} bytes, about {LANE_SHARE:.0%} of the source; "
        f"none below {LANE_RATE_HZ:g} Hz"
    )


def _nothing(
    request: ReadRequest, index: McapIndex, damaged: Mapping[int, str], found: Found
) -> UnreadableSource:
    reasons = [f"{len(damaged)} of {len(index.chunks)} chunks are damaged"] if damaged else []
    reasons += [index.cut] if index.cut else []
    reasons += found.notes[:3]
    if not reasons:
        kinds = sorted({channel.kind for channel in index.channels.values()})
        reasons = [f"its messages are {', '.join(kinds[:5]) or 'of no stated type'}"]
    return UnreadableSource(
        f"holds no camera, no lidar and no signal that can be read: {'; '.join(reasons)}",
        subject=str(request.path),
        remedy="cameras are Image or CompressedImage of ROS, or RawImage, CompressedImage or "
        "CompressedVideo of Foxglove",
    )
