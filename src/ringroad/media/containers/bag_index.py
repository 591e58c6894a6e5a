"""ROS 1 bags: their channels, chunks, and where each message lies, from the file's own indexes.

The result is an `McapIndex`: a bag has the same parts by other names, so that messages of both are
read by the same code. Records are walked from the start, payloads are not touched. A bag that was
cut off is kept up to its last whole chunk; one that was never indexed, chunk by chunk. Format:
wiki.ros.org/Bags/Format/2.0.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.compression import decompressed
from ringroad.media.containers.mcap_index import (
    REMEDY,
    ROS1,
    Chunk,
    McapChannel,
    McapIndex,
    Messages,
)

MAGIC = b"#ROSBAG V2.0\n"
MESSAGE, BAG_HEADER, INDEX, CHUNK, CHUNK_INFO, CONNECTION = 2, 3, 4, 5, 6, 7
MOST_HEADER_BYTES = 1 << 20
ENTRY = np.dtype([("secs", "<u4"), ("nsecs", "<u4"), ("place", "<u4")])
COMPRESSIONS = {b"none": "", b"lz4": "lz4", b"bz2": "bz2"}

Fields = dict[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """One record: its header's fields, and where its data lies."""

    start: int
    fields: Fields
    data: int
    length: int

    @property
    def op(self) -> int:
        return self.fields.get(b"op", b"\0")[0]

    def number(self, name: bytes, width: int = 4) -> int:
        """A whole number of the header. Raises UnreadableSource where it is not there."""
        value = self.fields.get(name, b"")
        if len(value) != width:
            raise UnreadableSource(f"a record has no {name.decode()}", remedy=REMEDY)
        return int.from_bytes(value, "little")


@dataclass(slots=True)
class _Found:
    """What was met so far."""

    channels: dict[int, McapChannel] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)
    entries: dict[int, list[tuple[int, np.ndarray]]] = field(default_factory=dict)
    indexed: set[int] = field(default_factory=set)
    damaged: dict[int, str] = field(default_factory=dict)
    cut: str = ""


def index_bag(path: Path) -> McapIndex:
    """Index a bag.

    Raises:
        UnreadableSource: it is none, or holds no message that can be found.
    """
    found = _Found()
    with path.open("rb", buffering=0) as file:
        descriptor, size = file.fileno(), os.fstat(file.fileno()).st_size
        if os.pread(descriptor, len(MAGIC), 0) != MAGIC:
            raise UnreadableSource("is no bag of version 2.0", subject=str(path), remedy=REMEDY)
        for record in _records(descriptor, size, found):
            _learn(descriptor, record, found)
        for number in sorted(set(range(len(found.chunks))) - found.indexed):
            _walk_chunk(descriptor, number, found)
    if not found.entries:
        why = f": {found.cut}" if found.cut else ""
        raise UnreadableSource(f"holds no message{why}", subject=str(path), remedy=REMEDY)
    return McapIndex(
        channels=dict(sorted(found.channels.items())),
        chunks=tuple(found.chunks),
        messages={number: _joined(parts) for number, parts in sorted(found.entries.items())},
        cut=found.cut,
        until_ns=0,
        damaged=found.damaged,
        wire=ROS1,
    )


def _records(file: int, size: int, found: _Found) -> Iterator[_Record]:
    """Whole records of the file; where one is cut off, says so and ends."""
    at = len(MAGIC)
    while at < size:
        record = _record_at(file, at, size)
        if record is None:
            found.cut = f"the bag was cut off at byte {at}"
            return
        yield record
        at = record.data + record.length


def _record_at(file: int, at: int, size: int) -> _Record | None:
    """The record that begins here; None where it does not end within the file."""
    head = os.pread(file, 4, at)
    if len(head) < 4:
        return None
    length = int.from_bytes(head, "little")
    if length > MOST_HEADER_BYTES:
        raise UnreadableSource(f"a record at byte {at} has no header", remedy=REMEDY)
    rest = os.pread(file, length + 4, at + 4)
    if len(rest) < length + 4:
        return None
    data = int.from_bytes(rest[length:], "little")
    if at + 8 + length + data > size:
        return None
    return _Record(start=at, fields=_fields(rest[:length]), data=at + 8 + length, length=data)


def _fields(header: bytes) -> Fields:
    """`name=value` fields, each with its length before it."""
    found: Fields = {}
    at = 0
    while at + 4 <= len(header):
        length = int.from_bytes(header[at : at + 4], "little")
        name, equals, value = header[at + 4 : at + 4 + length].partition(b"=")
        if not equals or at + 4 + length > len(header):
            raise UnreadableSource("a record's header is damaged", remedy=REMEDY)
        found[name] = value
        at += 4 + length
    return found


def _learn(file: int, record: _Record, found: _Found) -> None:
    if record.op == CHUNK:
        found.chunks.append(_chunk(record))
    elif record.op == INDEX and found.chunks:
        entries = np.frombuffer(os.pread(file, record.length, record.data), np.uint8)
        count = record.number(b"count")
        if count * ENTRY.itemsize != record.length:
            raise UnreadableSource("an index has another length than it says", remedy=REMEDY)
        number = len(found.chunks) - 1
        found.entries.setdefault(record.number(b"conn"), []).append((number, entries.view(ENTRY)))
        found.indexed.add(number)
    elif record.op == CONNECTION and record.length <= MOST_HEADER_BYTES:
        _connect(record.number(b"conn"), _fields(os.pread(file, record.length, record.data)), found)


def _chunk(record: _Record) -> Chunk:
    said = record.fields.get(b"compression", b"")
    return Chunk(
        start=record.start,
        records=record.data,
        length=record.length,
        compression=COMPRESSIONS.get(said, said.decode(errors="replace")),
        first_ns=0,
        last_ns=0,
    )


def _connect(number: int, told: Fields, found: _Found) -> None:
    kind = told.get(b"type", b"").decode(errors="replace")
    package, _, name = kind.partition("/")
    found.channels[number] = McapChannel(
        topic=told.get(b"topic", b"").decode(errors="replace"),
        kind=f"{package}/msg/{name}" if name else kind,
        encoding=ROS1,
    )


def _walk_chunk(file: int, number: int, found: _Found) -> None:
    """Find the messages of a chunk without an index by going through its records."""
    chunk = found.chunks[number]
    try:
        packed = os.pread(file, chunk.length, chunk.records)
        data = bytes(decompressed(packed, chunk.compression))
        places: dict[int, list[tuple[int, int, int]]] = {}
        for at, fields, begin, end in _inside(data):
            op = fields.get(b"op", b"\0")[0]
            conn, time = fields.get(b"conn", b""), fields.get(b"time", b"")
            if op == CONNECTION and len(conn) == 4:
                _connect(int.from_bytes(conn, "little"), _fields(data[begin:end]), found)
            elif op == MESSAGE and len(conn) == 4 and len(time) == 8:
                entry = (*struct.unpack("<II", time), at)
                places.setdefault(int.from_bytes(conn, "little"), []).append(entry)
    except UnreadableSource as error:
        found.damaged[number] = error.what
        return
    for channel, entries in places.items():
        found.entries.setdefault(channel, []).append((number, np.array(entries, ENTRY)))


def _inside(data: bytes) -> Iterator[tuple[int, Fields, int, int]]:
    """Records of a chunk: where each begins, its header, and where its data begins and ends."""
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        begin = at + 8 + length
        if begin > len(data):
            raise UnreadableSource("a record does not fit into its chunk", remedy=REMEDY)
        end = begin + int.from_bytes(data[begin - 4 : begin], "little")
        if end > len(data):
            raise UnreadableSource("a record does not fit into its chunk", remedy=REMEDY)
        yield at, _fields(data[at + 4 : begin - 4]), begin, end
        at = end


def _joined(parts: list[tuple[int, np.ndarray]]) -> Messages:
    parts = sorted(parts, key=lambda part: part[0])
    entries = np.concatenate([part for _, part in parts])
    seconds = entries["secs"].astype(np.int64)
    return Messages(
        log_ns=seconds * 1_000_000_000 + entries["nsecs"].astype(np.int64),
        chunk=np.concatenate([np.full(len(part), number, np.int64) for number, part in parts]),
        place=entries["place"].astype(np.int64),
    )
