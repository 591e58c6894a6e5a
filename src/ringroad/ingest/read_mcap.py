"""Reads MCAP with ROS 2 messages: cameras are indexed, low-rate channels become signals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xxhash
from mcap.records import Channel as McapChannel
from mcap_ros2.decoder import DecoderFactory

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAMERA, CAN, GNSS, IMU, OTHER, SIGNALS, Channel, Recording
from ringroad.ingest.rows import frame_rows, signal_rows
from ringroad.media.images import encoding_of, size_of
from ringroad.media.mcap_index import (
    MAGIC,
    Chunk,
    McapIndex,
    image_place,
    index_mcap,
    open_mcap,
    read_chunk,
)
from ringroad.protocols.reader import Reading, ReadRequest

IMAGE = "sensor_msgs/msg/CompressedImage"
SENSORS = {
    IMAGE: CAMERA,
    "sensor_msgs/msg/Imu": IMU,
    "sensor_msgs/msg/NavSatFix": GNSS,
    "can_msgs/msg/Frame": CAN,
    "geometry_msgs/msg/TwistStamped": SIGNALS,
    "std_msgs/msg/Float32": SIGNALS,
    "std_msgs/msg/Float64": SIGNALS,
}
FIELDS = {
    "sensor_msgs/msg/Imu": {
        **{f"angular_velocity.{axis}": "rad/s" for axis in "xyz"},
        **{f"linear_acceleration.{axis}": "m/s2" for axis in "xyz"},
    },
    "sensor_msgs/msg/NavSatFix": {"latitude": "deg", "longitude": "deg", "altitude": "m"},
    "geometry_msgs/msg/TwistStamped": {"twist.linear.x": "m/s", "twist.angular.z": "rad/s"},
    "std_msgs/msg/Float32": {"data": ""},
    "std_msgs/msg/Float64": {"data": ""},
}
"""Which fields become signals, and their units."""
NAMES = {"twist.linear.x": "speed", "twist.angular.z": "yaw_rate"}


@dataclass(slots=True)
class _Found:
    """What was gathered while going through the chunks."""

    pictures: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    shapes: dict[str, set[tuple[str, int, int]]] = field(default_factory=dict)
    compressions: dict[str, list[str]] = field(default_factory=dict)
    signals: list[tuple[str, int, str, float, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class McapReader:
    """One MCAP file is one recording."""

    name = "mcap"
    suffixes = (".mcap",)

    def recognises(self, head: bytes, name: str) -> bool:
        """By the magic bytes."""
        del name
        return head.startswith(MAGIC)

    def read(self, request: ReadRequest) -> Reading:
        """Index one file; chunks that are damaged are left out and told.

        Raises:
            UnreadableSource: nothing in it can be used.
        """
        data = open_mcap(request.path)
        index = index_mcap(data)
        found = _Found()
        lost = 0
        decoders = DecoderFactory()
        for start, end in index.chunks:
            try:
                chunk = read_chunk(data, start, end, index)
                _take(chunk, index, decoders, found)
            except UnreadableSource as error:
                lost += 1
                found.notes.append(f"{error.what} at {error.place or f'byte {start}'}: left out")
        if not found.pictures and not found.signals:
            raise UnreadableSource(
                "holds no camera and no signal that can be read"
                + (f"; {lost} chunks are damaged" if lost else ""),
                subject=str(request.path),
                remedy="cameras are sensor_msgs/msg/CompressedImage in ROS 2 CDR",
            )
        return _reading(request, index, found, lost)


def _take(chunk: Chunk, index: McapIndex, decoders: DecoderFactory, found: _Found) -> None:
    """Gather one chunk: where its pictures lie, and its signals."""
    for number, places in chunk.places.items():
        channel = index.channels[number]
        schema = index.schemas.get(channel.schema_id)
        kind = schema.name if schema else ""
        times = chunk.times_ns[number]
        found.counts[channel.topic] = found.counts.get(channel.topic, 0) + len(times)
        found.times += [int(times.min()), int(times.max())]
        if kind == IMAGE:
            for place, time_ns in zip(places, times, strict=True):
                _picture(chunk, channel, int(place), int(time_ns), found)
        elif kind in FIELDS:
            decode = decoders.decoder_for(channel.message_encoding, schema)
            if decode is not None:
                for place, time_ns in zip(places, times, strict=True):
                    message = decode(bytes(chunk.message(int(place))))
                    found.signals += _signals(channel.topic, kind, int(time_ns), message)


def _picture(chunk: Chunk, channel: McapChannel, place: int, time_ns: int, found: _Found) -> None:
    message = chunk.message(place)
    stamp, offset, length, _ = image_place(message)
    picture = message[offset : offset + length]
    head = bytes(picture[:65_536])
    found.shapes.setdefault(channel.topic, set()).add((encoding_of(head), *size_of(head)))
    within = place + 31 + offset
    plain = not chunk.compression
    found.compressions.setdefault(channel.topic, []).append(chunk.compression)
    found.pictures.setdefault(channel.topic, []).append(
        (
            stamp or time_ns,
            chunk.offset + within if plain else within,
            length,
            xxhash.xxh3_64_intdigest(picture),
            -1 if plain else chunk.offset,
            0 if plain else chunk.length,
        )
    )


def _signals(
    topic: str, kind: str, time_ns: int, message: Any
) -> Iterator[tuple[str, int, str, float, str]]:
    for path, unit in FIELDS[kind].items():
        value = message
        for part in path.split("."):
            value = getattr(value, part)
        yield topic, time_ns, NAMES.get(path, path), float(value), unit


def _reading(request: ReadRequest, index: McapIndex, found: _Found, lost: int) -> Reading:
    start, end = min(found.times), max(found.times)
    tables = [_frames(request, topic, found) for topic in sorted(found.pictures)]
    frames = tables[0] if tables else frame_rows(request, "", "", _columns([]), size=(0, 0))
    if len(tables) > 1:
        found.notes.append(
            f"of {len(tables)} cameras the first is indexed: {tables[0]['channel'][0]}"
        )
    losses = []
    if not index.whole:
        losses.append("the file was cut off before its index; all whole chunks were kept")
    if lost:
        losses.append(f"{lost} damaged chunks were left out")
    if losses:
        losses.append(_gap(frames))
    return Reading(
        recording=Recording(
            id=request.recording,
            vehicle=request.vehicle,
            source_key=request.source_key,
            source=request.source,
            container="mcap",
            start_ns=start,
            duration_ns=end - start,
            channels=tuple(_channels(index, found, end - start)),
            clock="recorded",
            salvaged="; ".join(part for part in losses if part),
        ),
        frames=frames,
        signals=signal_rows(request, found.signals),
        cuts=tuple(start for start, _ in index.chunks),
        notes=tuple(found.notes),
    )


def _frames(request: ReadRequest, topic: str, found: _Found) -> Any:
    shapes = found.shapes[topic]
    if len(shapes) != 1:
        raise UnreadableSource(
            f"channel {topic} changes encoding or size within the recording",
            subject=str(request.path),
            remedy="split it where the camera was set up anew",
        )
    encoding, width, height = next(iter(shapes))
    columns = _columns(found.pictures[topic]) | {"compression": found.compressions[topic]}
    order = np.argsort(np.asarray(columns["time_ns"]), kind="stable")
    ordered = {name: [values[at] for at in order] for name, values in columns.items()}
    ordered["sequence"] = list(range(len(order)))
    return frame_rows(request, topic, encoding, ordered, size=(width, height))


def _columns(pictures: list[tuple[int, ...]]) -> dict[str, list[Any]]:
    names = ("time_ns", "offset", "length", "xxh3", "chunk_offset", "chunk_length")
    columns: dict[str, list[Any]] = {
        name: [picture[at] for picture in pictures] for at, name in enumerate(names)
    }
    columns["sequence"] = list(range(len(pictures)))
    return columns


def _gap(frames: Any) -> str:
    """The time that is missing between frames, beyond the usual step."""
    times = np.asarray(frames.column("time_ns"))
    if len(times) < 3:
        return ""
    steps = np.diff(times)
    usual = float(np.median(steps))
    missing = float(np.clip(steps - 1.5 * usual, 0, None).sum()) / 1e9
    return f"{missing:.2f} s of camera are missing in between" if missing else ""


def _channels(index: McapIndex, found: _Found, lasts_ns: int) -> Iterator[Channel]:
    for channel in sorted(index.channels.values(), key=lambda item: item.topic):
        schema = index.schemas.get(channel.schema_id)
        kind = schema.name if schema else ""
        count = found.counts.get(channel.topic, 0)
        encoding, width, height = next(iter(found.shapes.get(channel.topic, ())), (kind, 0, 0))
        yield Channel(
            name=channel.topic,
            sensor=SENSORS.get(kind, OTHER),
            encoding=encoding,
            messages=count,
            width=width,
            height=height,
            rate_hz=round(count / (lasts_ns / 1e9), 3) if lasts_ns else 0.0,
        )
