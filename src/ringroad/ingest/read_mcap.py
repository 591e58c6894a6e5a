"""Reads MCAP with ROS 2 messages: cameras are indexed, channels of low rate become signals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, OTHER, Channel, Recording
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.mcap_video import VideoHeader, decodable
from ringroad.ingest.rows import Signal, frame_rows, rate_hz, signal_rows
from ringroad.media.mcap_index import MAGIC, McapIndex, index_mcap
from ringroad.media.mcap_messages import (
    Images,
    Seen,
    damaged_chunks,
    find_images,
    look,
    read_values,
    without,
)
from ringroad.media.ros2 import ENCODINGS, IMAGE, READERS, SENSORS, SIGNAL, UNIT, VIDEO
from ringroad.media.schemas import FRAMES
from ringroad.media.video import IN_BAND
from ringroad.protocols.reader import Reading, ReadRequest

CLOCKS_AGREE_NS = 60 * SECOND_NS
"""A sensor's own stamps are taken for time unless one is farther than this from its log time."""
LANE_SHARE = 0.01
"""Signals may take this share of the source's bytes ..."""
LANE_RATE_HZ = 10.0
"""... but none is thinned to less than this."""
VALUE_BYTES = 9
"""Of one value with its time, once packed: 8.7 were measured on noise, real signals take less."""


@dataclass(slots=True)
class _Found:
    """What was gathered so far."""

    frames: list[pa.Table] = field(default_factory=list)
    cameras: dict[int, Channel] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class McapReader:
    """One MCAP file is one recording."""

    name = "mcap"
    suffixes = (".mcap",)
    verified = "files of the official writer"

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
    found = _Found()
    for number in whole.messages:
        _take(request, index, whole, number, found)
    if not found.frames and not found.signals:
        raise _nothing(request, index, damaged, found)
    return _reading(request, index, whole, damaged, found, container)


def _take(
    request: ReadRequest, index: McapIndex, whole: McapIndex, number: int, found: _Found
) -> None:
    """Gather one channel; what is wrong with it is noted, and the others go on."""
    channel = index.channels.get(number)
    if channel is None:
        found.notes.append(f"channel number {number} is never announced: left out")
        return
    if channel.kind not in SENSORS:
        return
    if channel.encoding not in ENCODINGS:
        found.notes.append(f"{channel.topic}: messages in {channel.encoding} are not read yet")
        return
    try:
        if channel.kind == IMAGE:
            _take_camera(request, index, whole, number, found)
        elif channel.kind == VIDEO:
            _take_video(request, index, whole, number, found)
        elif channel.kind in READERS:
            _take_signals(request, whole, number, found)
    except UnreadableSource as error:
        found.notes.append(f"{channel.topic}: {error.what}: left out")


def _take_camera(
    request: ReadRequest, index: McapIndex, whole: McapIndex, number: int, found: _Found
) -> None:
    images = find_images(request.path, whole, number)
    seen = look(request.path, whole, images)
    topic = index.channels[number].topic
    sequences = _sequences(index, whole, number)
    times, doubt = _times(images.stamps_ns, images.log_ns)
    pictures = np.array([bool(encoding) for encoding in seen.encoding])
    if not pictures.any():
        raise UnreadableSource(f"none of {len(pictures)} messages holds a JPEG or PNG")
    if not pictures.all():
        found.notes.append(f"{topic}: {int((~pictures).sum())} messages hold no picture: left out")
    found.notes += [f"{topic}: {doubt}"] if doubt else []
    columns = _columns(images, seen, whole)
    columns |= {"sequence": sequences, "start_sequence": sequences, "time_ns": times}
    order = np.argsort(sequences, kind="stable")
    order = order[pictures[order]]
    kept = {name: _at(values, order) for name, values in columns.items()}
    found.frames.append(frame_rows(request, topic, kept))
    found.cameras[number] = _camera(topic, kept)
    sizes = {*zip(kept["width"].tolist(), kept["height"].tolist(), strict=True)}
    if len(sizes) > 1:
        found.notes.append(f"{topic}: pictures of {len(sizes)} sizes")


def _take_video(
    request: ReadRequest, index: McapIndex, whole: McapIndex, number: int, found: _Found
) -> None:
    images = find_images(request.path, whole, number)
    header = VideoHeader()
    seen = look(request.path, whole, images, header=header)
    told = decodable(index, number, images, seen, header)
    topic = index.channels[number].topic
    found.notes += [f"{topic}: {note}" for note in told.notes]
    kept = {name: _at(values, told.at) for name, values in _columns(images, seen, whole).items()}
    kept |= told.columns
    width, height = (np.full(len(told.at), side) for side in header.size)
    kept |= {"width": width, "height": height}
    table = frame_rows(request, topic, kept)
    found.frames.append(table.replace_schema_metadata(IN_BAND))
    found.cameras[number] = _camera(topic, kept)


def _columns(images: Images, seen: Seen, whole: McapIndex) -> dict[str, np.ndarray]:
    chunks = [whole.chunks[number] for number in images.chunk.tolist()]
    packed = np.array([bool(chunk.compression) for chunk in chunks], bool)
    return {
        "offset": images.offset,
        "length": images.length,
        "xxh3": seen.xxh3,
        "encoding": np.array(seen.encoding, object),
        "width": seen.size[:, 0],
        "height": seen.size[:, 1],
        "compression": np.array([chunk.compression for chunk in chunks], object),
        "chunk_offset": np.where(packed, [chunk.records for chunk in chunks], -1),
        "chunk_length": np.where(packed, [chunk.length for chunk in chunks], 0),
    }


def _sequences(index: McapIndex, whole: McapIndex, number: int) -> np.ndarray:
    """Rank in log time of each message that is left, counting those that were lost.

    So a damaged chunk in the middle does not give the frames behind it other ids.
    """
    every, left = index.messages[number], whole.messages[number]
    kept = np.isin(every.chunk, np.unique(left.chunk))
    rank = np.empty(len(every.log_ns), np.int64)
    rank[np.argsort(every.log_ns, kind="stable")] = np.arange(len(every.log_ns))
    return rank[kept]


def _take_signals(request: ReadRequest, whole: McapIndex, number: int, found: _Found) -> None:
    told = whole.channels[number]
    topic = told.topic
    parts: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    doubts = set()
    for log_ns, said in read_values(request.path, whole, number):
        times, doubt = (log_ns, "") if said.stamps_ns is None else _times(said.stamps_ns, log_ns)
        doubts |= {doubt} - {""}
        for series in said.series:
            alone = told.metadata if len(said.series) == 1 else {}
            named = (alone.get(SIGNAL, series.name), alone.get(UNIT, series.unit))
            parts.setdefault(named, []).append((times[series.rows], series.values))
    found.notes += [f"{topic}: {doubt}" for doubt in sorted(doubts)]
    found.signals += [
        Signal(
            channel=topic,
            name=name,
            unit=unit,
            time_ns=np.concatenate([times for times, _ in gathered]),
            values=np.concatenate([values for _, values in gathered]),
        )
        for (name, unit), gathered in parts.items()
    ]


def _times(stamps_ns: np.ndarray, log_ns: np.ndarray) -> tuple[np.ndarray, str]:
    """The sensor's own stamps, or log times with the reason."""
    if not stamps_ns.all():
        return log_ns, "sets no stamps, log times are taken"
    if np.abs(stamps_ns - log_ns).max() > CLOCKS_AGREE_NS:
        return log_ns, "its clock is over a minute from the recorder's, log times are taken"
    return stamps_ns, ""


def _camera(topic: str, columns: Mapping[str, np.ndarray]) -> Channel:
    times = columns["time_ns"]
    count = len(times)
    return Channel(
        name=topic,
        sensor=CAMERA,
        encoding=str(columns["encoding"][0]),
        messages=count,
        width=int(columns["width"][0]),
        height=int(columns["height"][0]),
        rate_hz=rate_hz(count - 1, int(times.max()) - int(times.min())),
    )


def _reading(
    request: ReadRequest,
    index: McapIndex,
    whole: McapIndex,
    damaged: Mapping[int, str],
    found: _Found,
    container: str,
) -> Reading:
    begin, end = _span(found)
    signals, thinned = _lane(found.signals, request.path.stat().st_size)
    notes = [*found.notes, *([thinned] if thinned else [])]
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
            channels=tuple(_channels(index, whole, found)),
            clock="recorded",
            salvaged="; ".join(_losses(index, whole, damaged, found)),
        ),
        frames=pa.concat_tables(frames).combine_chunks() if frames else FRAMES.empty_table(),
        signals=signal_rows(request, signals),
        cuts=tuple(sorted(chunk.start for chunk in index.chunks if chunk.start)),
        notes=tuple(notes),
    )


def _span(found: _Found) -> tuple[int, int]:
    """Earliest and latest time of anything that is kept."""
    times = [table["time_ns"].to_numpy() for table in found.frames]
    times += [signal.time_ns for signal in found.signals if len(signal.time_ns)]
    return min(int(part.min()) for part in times), max(int(part.max()) for part in times)


def _losses(
    index: McapIndex, whole: McapIndex, damaged: Mapping[int, str], found: _Found
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
        for number, camera in found.cameras.items():
            missing = index.until_ns - int(whole.messages[number].log_ns.max())
            if index.until_ns:
                yield f"{camera.name} lost at least {max(missing, 0) / SECOND_NS:.2f} s at the end"


def _channels(index: McapIndex, whole: McapIndex, found: _Found) -> Iterator[Channel]:
    for number, told in sorted(index.channels.items(), key=lambda item: (item[1].topic, item[0])):
        if number in found.cameras:
            yield found.cameras[number]
            continue
        messages = whole.messages.get(number)
        times = messages.log_ns if messages is not None else np.zeros(1, np.int64)
        count = len(messages.log_ns) if messages is not None else 0
        yield Channel(
            name=told.topic,
            sensor=SENSORS.get(told.kind, OTHER),
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
    request: ReadRequest, index: McapIndex, damaged: Mapping[int, str], found: _Found
) -> UnreadableSource:
    reasons = [f"{len(damaged)} of {len(index.chunks)} chunks are damaged"] if damaged else []
    reasons += [index.cut] if index.cut else []
    reasons += found.notes[:3]
    if not reasons:
        kinds = sorted({channel.kind for channel in index.channels.values()})
        reasons = [f"its messages are {', '.join(kinds[:5]) or 'of no stated type'}"]
    return UnreadableSource(
        f"holds no camera and no signal that can be read: {'; '.join(reasons)}",
        subject=str(request.path),
        remedy="cameras are CompressedImage of sensor_msgs, or CompressedVideo of foxglove_msgs",
    )


def _at(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    found: np.ndarray = values[order]
    return found
