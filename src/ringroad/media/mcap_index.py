"""MCAP files: their chunks and where each message lies, from the file's own message indexes.

A file that was cut off has no summary; then its records are walked from the start and every whole
chunk is kept. The format: mcap.dev/spec. Messages of whole chunks are never copied one by one.
"""

from __future__ import annotations

import io
import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from mcap.exceptions import McapError
from mcap.reader import make_reader
from mcap.records import Channel, Schema
from mcap.stream_reader import StreamReader

from ringroad.domain.errors import UnreadableSource
from ringroad.media.frames import decompressed

MAGIC = b"\x89MCAP0\r\n"
CHUNK = 0x06
MESSAGE = 0x05
MESSAGE_INDEX = 0x07
SCHEMA = 0x03
CHANNEL = 0x04
RECORD_HEAD = 9  # opcode and length
MESSAGE_HEAD = RECORD_HEAD + 22  # channel, sequence, log time, publish time
REMEDY = "copy it again from its origin; what is whole was kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One whole chunk.

    Attributes:
        offset: of its (compressed) records in the file.
        length: of them.
        compression: `lz4`, `zstd`, or empty text.
        records: its records, uncompressed.
        times_ns: channel -> (n,) log times.
        places: channel -> (n,) offsets of message records within `records`.
    """

    offset: int
    length: int
    compression: str
    records: memoryview
    times_ns: dict[int, np.ndarray]
    places: dict[int, np.ndarray]

    def message(self, place: int) -> memoryview:
        """The data of the message whose record starts at `place`."""
        (length,) = struct.unpack_from("<Q", self.records, place + 1)
        return self.records[place + MESSAGE_HEAD : place + RECORD_HEAD + length]


@dataclass(slots=True, kw_only=True)
class McapIndex:
    """What an MCAP file says about itself."""

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    chunks: list[tuple[int, int]] = field(default_factory=list)
    """Offset of each chunk record in the file, and of the records behind it."""
    whole: bool = True
    """Whether the file ended as it should."""


def open_mcap(path: Path) -> mmap.mmap:
    """Map a file. Raises UnreadableSource for one that is no MCAP."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise UnreadableSource("is no MCAP file", subject=str(path), remedy="name an MCAP file")
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def index_mcap(data: mmap.mmap) -> McapIndex:
    """Schemas, channels and chunks, from the summary, or by walking a file that has none."""
    try:
        summary = make_reader(io.BufferedReader(io.BytesIO(data[:]))).get_summary()
    except (McapError, struct.error, ValueError, EOFError):
        summary = None
    if summary is None or not summary.chunk_indexes:
        return _walk(data)
    ends = [entry.chunk_start_offset + entry.chunk_length for entry in summary.chunk_indexes]
    return McapIndex(
        schemas=dict(summary.schemas),
        channels=dict(summary.channels),
        chunks=[
            (entry.chunk_start_offset, end)
            for entry, end in zip(summary.chunk_indexes, ends, strict=True)
        ],
    )


def read_chunk(data: mmap.mmap, start: int, end: int, index: McapIndex) -> Chunk:
    """One chunk, checked against its CRC, with the places of its messages.

    Raises:
        UnreadableSource: its bytes are damaged.
    """
    body = start + RECORD_HEAD
    _, _, size, crc, name = struct.unpack_from("<QQQII", data, body)
    compression = bytes(data[body + 32 : body + 32 + name]).decode()
    (length,) = struct.unpack_from("<Q", data, body + 32 + name)
    offset = body + 40 + name
    packed = memoryview(data)[offset : offset + length]
    records = memoryview(decompressed(bytes(packed), compression)) if compression else packed
    if len(records) != size or (crc and zlib.crc32(records) != crc):
        raise UnreadableSource(
            "a chunk does not match its checksum", place=f"byte {start}", remedy=REMEDY
        )
    found = _message_indexes(data, end) if index.whole else {}
    if not found:
        found = _messages(records, index)
    return Chunk(
        offset=offset,
        length=length,
        compression=compression,
        records=records,
        times_ns={channel: entries[:, 0].astype(np.int64) for channel, entries in found.items()},
        places={channel: entries[:, 1].astype(np.int64) for channel, entries in found.items()},
    )


def image_place(message: memoryview) -> tuple[int, int, int, str]:
    """Where the picture lies in a ROS 2 CDR `sensor_msgs/msg/CompressedImage`.

    Returns:
        Stamp in ns (0 where the recorder set none), offset and length of the picture within the
        message, and its stated format.

    Raises:
        UnreadableSource: the message is no such image.
    """
    try:
        seconds, nanoseconds, at = *struct.unpack_from("<iI", message, 4), 12
        (frame_id,) = struct.unpack_from("<I", message, at)
        at = _aligned(at + 4 + frame_id)
        (text,) = struct.unpack_from("<I", message, at)
        stated = bytes(message[at + 4 : at + 4 + text]).rstrip(b"\0").decode("utf-8", "replace")
        at = _aligned(at + 4 + text)
        (length,) = struct.unpack_from("<I", message, at)
    except struct.error as error:
        raise UnreadableSource("an image message is cut short", remedy=REMEDY) from error
    if at + 4 + length > len(message):
        raise UnreadableSource("an image message is cut short", remedy=REMEDY)
    return seconds * 1_000_000_000 + nanoseconds, at + 4, length, stated


def _aligned(at: int) -> int:
    """The next multiple of 4 after the encapsulation header of 4 bytes."""
    return -(-at // 4) * 4


def _message_indexes(data: mmap.mmap, at: int) -> dict[int, np.ndarray]:
    """Channel -> (n, 2) uint64 log time and offset, from the records behind a chunk."""
    found: dict[int, np.ndarray] = {}
    while at + RECORD_HEAD <= len(data) and data[at] == MESSAGE_INDEX:
        (length,) = struct.unpack_from("<Q", data, at + 1)
        channel, size = struct.unpack_from("<HI", data, at + RECORD_HEAD)
        entries = np.frombuffer(data, "<u8", count=size // 8, offset=at + RECORD_HEAD + 6)
        if size:
            found[channel] = entries.reshape(-1, 2).copy()
        at += RECORD_HEAD + length
    return found


def _messages(records: memoryview, index: McapIndex) -> dict[int, np.ndarray]:
    """The same by walking a chunk's records; schemas and channels in it are learnt."""
    found: dict[int, list[tuple[int, int]]] = {}
    for opcode, at, length in _records(records, 0):
        if opcode == MESSAGE:
            channel, _, log_time = struct.unpack_from("<HIQ", records, at + RECORD_HEAD)
            found.setdefault(channel, []).append((log_time, at))
        elif opcode in {SCHEMA, CHANNEL}:
            _learn(index, bytes(records[at : at + RECORD_HEAD + length]))
    return {channel: np.array(entries, np.uint64) for channel, entries in found.items()}


def _walk(data: mmap.mmap) -> McapIndex:
    """All whole chunks of a file without a summary."""
    index = McapIndex(whole=False)
    for opcode, at, length in _records(memoryview(data), len(MAGIC)):
        if opcode == CHUNK:
            index.chunks.append((at, at + RECORD_HEAD + length))
        elif opcode in {SCHEMA, CHANNEL}:
            _learn(index, data[at : at + RECORD_HEAD + length])
    return index


def _records(data: memoryview, at: int) -> Iterator[tuple[int, int, int]]:
    """Opcode, offset and body length of each whole record."""
    while at + RECORD_HEAD <= len(data):
        (length,) = struct.unpack_from("<Q", data, at + 1)
        if at + RECORD_HEAD + length > len(data):
            return
        yield data[at], at, length
        at += RECORD_HEAD + length


def _learn(index: McapIndex, record: bytes) -> None:
    """Take in one schema or channel record."""
    reader = StreamReader(io.BytesIO(record), skip_magic=True)
    for found in reader.records:
        if isinstance(found, Schema):
            index.schemas[found.id] = found
        elif isinstance(found, Channel):
            index.channels[found.id] = found
