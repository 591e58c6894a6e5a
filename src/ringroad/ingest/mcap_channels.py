"""What single channels of an indexed file say: frames, sweeps, signals, lenses, transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, RADAR, Channel
from ringroad.domain.time import SECOND_NS
from ringroad.ingest.mcap_video import VideoHeader, decodable
from ringroad.ingest.rows import Signal, frame_rows, rate_hz, sweep_rows
from ringroad.media.containers.mcap_index import McapIndex
from ringroad.media.message import (
    Bulk,
    Lane,
    Lens,
    Lenses,
    MessageType,
    Transform,
    Transforms,
)
from ringroad.media.messages.mcap import (
    Images,
    Seen,
    find_images,
    look,
    read_standing,
    read_values,
)
from ringroad.media.messages.ros2 import CHANNEL, SIGNAL, UNIT
from ringroad.media.video.container import IN_BAND
from ringroad.protocols.reader import ReadRequest

CLOCKS_AGREE_NS = 60 * SECOND_NS
"""A sensor's own stamps are taken for time unless one is farther than this from its log time."""
LENS_MESSAGES = 2
"""A lens is told all the time; the first and the last message must agree."""


@dataclass(slots=True)
class Found:
    """What was gathered so far.

    Attributes:
        frames: rows of cameras.
        sweeps: rows of lidars and radars.
        bulk: nouns of those channels, by number.
        signals: of channels of low rate.
        lane: of those that come out of a lane already: thinned once, and not again.
        frame_ids: name of each channel's coordinate system, where it is told.
        lenses: what each channel of lenses says.
        transforms: what each channel of transforms says.
        notes: doubts worth showing.
    """

    frames: list[pa.Table] = field(default_factory=list)
    sweeps: list[pa.Table] = field(default_factory=list)
    bulk: dict[int, Channel] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    lane: list[Signal] = field(default_factory=list)
    frame_ids: dict[str, str] = field(default_factory=dict)
    lenses: dict[str, list[Lens]] = field(default_factory=dict)
    transforms: dict[str, list[Transform]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that is read.

    Attributes:
        request: whose recording it is.
        index: with all chunks.
        whole: without those that are damaged.
    """

    request: ReadRequest
    index: McapIndex
    whole: McapIndex


def take(source: Source, number: int, kind: MessageType, found: Found) -> None:
    """Gather one channel. Raises UnreadableSource where nothing in it can be used."""
    topic = source.whole.channels[number].topic
    if isinstance(kind, Bulk):
        _take_bulk(source, number, kind, found)
    elif isinstance(kind, Lane):
        _take_signals(source, number, kind, found)
    elif isinstance(kind, Lenses):
        found.lenses[topic] = read_standing(
            source.request.path, source.whole, number, kind.read, LENS_MESSAGES
        )
    elif isinstance(kind, Transforms):
        found.transforms[topic] = read_standing(
            source.request.path, source.whole, number, kind.read, kind.most
        )


def _take_bulk(source: Source, number: int, kind: Bulk, found: Found) -> None:
    images = find_images(source.request.path, source.whole, number)
    topic = source.whole.channels[number].topic
    gather: Callable[..., None] = _take_frames
    if kind.video:
        gather = _take_video
    elif kind.sensor != CAMERA:
        gather = _take_sweeps
    gather(source, number, kind, images, found)
    if images.frame:
        found.frame_ids[topic] = images.frame
    found.notes += [f"{topic}: {doubt}" for doubt in images.doubts]


def _take_frames(source: Source, number: int, kind: Bulk, images: Images, found: Found) -> None:
    seen = look(source.request.path, source.whole, images, header=kind.header)
    columns = _kept(source, number, images, seen, found, "picture")
    topic = source.index.channels[number].topic
    found.frames.append(frame_rows(source.request, topic, columns))
    found.bulk[number] = _channel(topic, CAMERA, columns)
    sizes = {*zip(columns["width"].tolist(), columns["height"].tolist(), strict=True)}
    if len(sizes) > 1:
        found.notes.append(f"{topic}: pictures of {len(sizes)} sizes")


def _take_sweeps(source: Source, number: int, kind: Bulk, images: Images, found: Found) -> None:
    seen = look(source.request.path, source.whole, images, header=kind.header)
    columns = _kept(source, number, images, seen, found, "sweep")
    topic = source.index.channels[number].topic
    columns["points"] = columns.pop("width") * columns.pop("height")
    sensor = RADAR if "radar" in topic.lower() else kind.sensor
    rows = sweep_rows(source.request, topic, columns, sensor=sensor, encoding="")
    found.sweeps.append(rows)
    found.bulk[number] = _channel(topic, sensor, columns)


def _take_video(source: Source, number: int, kind: Bulk, images: Images, found: Found) -> None:
    del kind
    header = VideoHeader()
    seen = look(source.request.path, source.whole, images, header=header)
    told = decodable(source.index, number, images, seen, header)
    topic = source.index.channels[number].topic
    found.notes += [f"{topic}: {note}" for note in told.notes]
    stored = _columns(images, seen, source.whole)
    kept = {name: _at(values, told.at) for name, values in stored.items()}
    kept |= told.columns
    width, height = (np.full(len(told.at), side) for side in header.size)
    kept |= {"width": width, "height": height}
    table = frame_rows(source.request, topic, kept)
    found.frames.append(table.replace_schema_metadata(IN_BAND))
    found.bulk[number] = _channel(topic, CAMERA, kept)


def _kept(
    source: Source, number: int, images: Images, seen: Seen, found: Found, noun: str
) -> dict[str, np.ndarray]:
    """Columns of the messages that hold a picture or sweep, in order of log time."""
    topic = source.index.channels[number].topic
    usable = np.array([bool(encoding) for encoding in seen.encoding])
    if not usable.any():
        why = f": {images.doubts[0]}" if images.doubts else ""
        raise UnreadableSource(f"none of {len(usable)} messages holds a {noun} we read{why}")
    if not usable.all():
        lost = int((~usable).sum())
        found.notes.append(f"{topic}: {lost} messages hold no {noun} we read: left out")
    times, doubt = clock(images.stamps_ns, images.log_ns)
    found.notes += [f"{topic}: {doubt}"] if doubt else []
    sequences = _sequences(source.index, source.whole, number)
    columns = _columns(images, seen, source.whole)
    columns |= {"sequence": sequences, "time_ns": times}
    if noun == "picture":
        columns["start_sequence"] = sequences
    order = np.argsort(sequences, kind="stable")
    order = order[usable[order]]
    return {name: _at(values, order) for name, values in columns.items()}


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


def _take_signals(source: Source, number: int, kind: Lane, found: Found) -> None:
    told = source.whole.channels[number]
    topic = told.topic
    parts: dict[tuple[str, str], list[tuple[np.ndarray, np.ndarray]]] = {}
    doubts = set()
    for log_ns, said in read_values(source.request.path, source.whole, number, lane=kind):
        times, doubt = (log_ns, "") if said.stamps_ns is None else clock(said.stamps_ns, log_ns)
        doubts |= {doubt} - {""}
        if said.frame:
            found.frame_ids.setdefault(topic, said.frame)
        for series in said.series:
            alone = told.metadata if len(said.series) == 1 else {}
            named = (alone.get(SIGNAL, series.name), alone.get(UNIT, series.unit))
            parts.setdefault(named, []).append((times[series.rows], series.values))
    found.notes += [f"{topic}: {doubt}" for doubt in sorted(doubts)]
    gathering = found.lane if CHANNEL in told.metadata else found.signals
    gathering += [
        Signal(
            channel=topic,
            name=name,
            unit=unit,
            time_ns=np.concatenate([times for times, _ in gathered]),
            values=np.concatenate([values for _, values in gathered]),
        )
        for (name, unit), gathered in parts.items()
    ]


def clock(stamps_ns: np.ndarray, log_ns: np.ndarray) -> tuple[np.ndarray, str]:
    """The sensor's own stamps, or log times with the reason."""
    if not stamps_ns.all():
        return log_ns, "sets no stamps, log times are taken"
    if np.abs(stamps_ns - log_ns).max() > CLOCKS_AGREE_NS:
        return log_ns, "its clock is over a minute from the recorder's, log times are taken"
    return stamps_ns, ""


def _channel(topic: str, sensor: str, columns: Mapping[str, np.ndarray]) -> Channel:
    times = columns["time_ns"]
    count = len(times)
    width, height = (
        int(columns[side][0]) if side in columns else 0 for side in ("width", "height")
    )
    return Channel(
        name=topic,
        sensor=sensor,
        encoding=str(columns["encoding"][0]),
        messages=count,
        width=width,
        height=height,
        rate_hz=rate_hz(count - 1, int(times.max()) - int(times.min())),
    )


def _at(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    found: np.ndarray = values[order]
    return found
