"""MCAP files: their channels, chunks, and where each message lies, from the file's own indexes.

The summary and the message indexes behind each chunk say it all; payloads are not touched, so the
cost follows the number of messages and chunks and not their bytes. A file that was cut off has no
summary: then its records are walked from the start and every whole chunk is kept.
`media/messages/mcap.py` reads the messages. Format: mcap.dev/spec.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.compression import decompressed

MAGIC = b"\x89MCAP0\r\n"
HEADER, FOOTER, SCHEMA, CHANNEL, MESSAGE = 0x01, 0x02, 0x03, 0x04, 0x05
CHUNK, MESSAGE_INDEX, CHUNK_INDEX, DATA_END = 0x06, 0x07, 0x08, 0x0F
RECORD_HEAD = 9  # opcode and length
MESSAGE_HEAD = RECORD_HEAD + 22  # channel, sequence, log time, publish time
CHUNK_HEAD = RECORD_HEAD + 40  # times, size, crc and the two lengths, without the compression
FOOTER_SIZE = RECORD_HEAD + 20
CHUNK_INDEX_HEAD = struct.Struct("<QQQQI")  # times, place, length, bytes of the offsets behind
MESSAGE_INDEX_HEAD = struct.Struct("<BQHI")  # opcode and length, channel, bytes of its entries
ENTRY_BYTES = 16  # log time and offset
MOST_SUMMARY_BYTES = 1 << 30
MCAP, ROS1 = "mcap", "ros1"
REMEDY = "copy it again from its origin; what is whole was kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class McapChannel:
    """One channel: its topic, and what its messages are."""

    topic: str
    kind: str
    """Name of the message type."""
    encoding: str
    """Of the messages: `cdr`, `json` ..."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What the writer said of it besides."""
    schema: bytes = b""
    """Of its messages, in the schema's own encoding."""


class Chunk(NamedTuple):
    """One chunk, as the file describes it. A tuple, since most of an index's time is these.

    Attributes:
        start: of its record in the file.
        records: offset of its records in the file.
        length: bytes of them as stored.
        compression: `lz4`, `zstd`, or empty text.
        first_ns: earliest log time in it.
        last_ns: latest log time in it.
    """

    start: int
    records: int
    length: int
    compression: str
    first_ns: int
    last_ns: int

    @property
    def end(self) -> int:
        """Behind its record, where its message indexes begin."""
        return self.records + self.length


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Messages:
    """Where the messages of one channel lie, chunk after chunk.

    Attributes:
        log_ns: (n,) int64.
        chunk: (n,) int64, places in `McapIndex.chunks`, ascending.
        place: (n,) int64, offset of the message's record in the chunk's unpacked records.
    """

    log_ns: np.ndarray
    chunk: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class McapIndex:
    """What an MCAP file says about itself.

    Attributes:
        channels: by number.
        chunks: in the order of the file.
        messages: channel number -> where its messages lie.
        cut: how the file ends where it was cut off; empty where it ended as it should.
        until_ns: latest log time that the chunk in which it was cut off claims; 0 without one.
        damaged: chunks that could not be read, and why.
        wire: how messages stand in chunks: `mcap`, or `ros1` where the file is a bag.
    """

    channels: dict[int, McapChannel]
    chunks: tuple[Chunk, ...]
    messages: dict[int, Messages]
    cut: str = ""
    until_ns: int = 0
    damaged: dict[int, str] = field(default_factory=dict)
    wire: str = MCAP


@dataclass(slots=True)
class _Said:
    """Schemas and channels met so far."""

    schemas: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    """Name and bytes."""
    channels: dict[int, tuple[int, McapChannel]] = field(default_factory=dict)
    """Number of the schema, and the channel without it."""

    def learn(self, opcode: int, body: memoryview) -> None:
        """Take in a schema or channel record; others say nothing here."""
        if opcode == SCHEMA:
            (number,) = struct.unpack_from("<H", body)
            name, at = _text(body, 2)
            _, at = _text(body, at)
            self.schemas[number] = (name, _octets(body, at))
        elif opcode == CHANNEL:
            number, schema = struct.unpack_from("<HH", body)
            topic, at = _text(body, 4)
            encoding, at = _text(body, at)
            told = McapChannel(topic=topic, kind="", encoding=encoding, metadata=_map(body, at))
            self.channels[number] = (schema, told)

    def told(self) -> dict[int, McapChannel]:
        """Channels by number."""
        found = {}
        for number, (at, told) in sorted(self.channels.items()):
            kind, schema = self.schemas.get(at, ("", b""))
            found[number] = replace(told, kind=kind, schema=schema)
        return found


@dataclass(slots=True)
class _Entries:
    """Message indexes gathered chunk by chunk: for each channel, log times and places."""

    parts: dict[int, list[tuple[int, bytes]]] = field(default_factory=dict)

    def add(self, chunk: int, channel: int, entries: bytes) -> None:
        """Log time and offset in turn, as little-endian uint64."""
        self.parts.setdefault(channel, []).append((chunk, entries))

    def joined(self) -> dict[int, Messages]:
        """All parts of a channel as one."""
        return {channel: _joined(parts) for channel, parts in sorted(self.parts.items())}


def index_mcap(path: Path) -> McapIndex:
    """Channels, chunks and messages of a file.

    Chunks whose message index is missing are unpacked and walked; those that are damaged are
    told in `damaged` and left out.

    Raises:
        UnreadableSource: no MCAP, or no whole chunk in it.
    """
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        read = ranged(file.fileno())
        if read(0, len(MAGIC)) != MAGIC:
            raise UnreadableSource("is no MCAP file", subject=str(path), remedy="name an MCAP file")
        index = _from_summary(read, size) or _walked(read, size)
    if not index.messages and not index.damaged:
        raise UnreadableSource(
            "holds no message" + (f": {index.cut}" if index.cut else ""),
            subject=str(path),
            remedy="copy it again from its origin",
        )
    return index


Read = Callable[[int, int], bytes]
"""Offset and length in, bytes out; fewer where the file ends."""


def ranged(descriptor: int) -> Read:
    """Reads ranges of an open file; no more memory is taken than it has bytes."""
    size = os.fstat(descriptor).st_size

    def read(offset: int, length: int) -> bytes:
        there = 0 <= offset < size and length > 0
        return os.pread(descriptor, min(length, size - offset), offset) if there else b""

    return read


def records(data: memoryview, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """Opcode, offset of the body, and end of each whole record."""
    while at + RECORD_HEAD <= len(data):
        opcode, length = struct.unpack_from("<BQ", data, at)
        end = at + RECORD_HEAD + length
        if end > len(data):
            return
        yield opcode, at + RECORD_HEAD, end
        at = end


def chunk_crc(read: Read, chunk: Chunk) -> tuple[int, int]:
    """Unpacked size and CRC-32 that a chunk's record states; CRC 0 where it states none.

    Raises:
        UnreadableSource: there is no such chunk.
    """
    head = read(chunk.start, CHUNK_HEAD)
    if len(head) < CHUNK_HEAD or head[0] != CHUNK:
        raise UnreadableSource("no chunk lies where the index says", remedy=REMEDY)
    size, crc = struct.unpack_from("<QI", head, RECORD_HEAD + 16)
    return size, crc


def _from_summary(read: Read, size: int) -> McapIndex | None:
    """The index by the file's summary; None where it has none that is whole."""
    footer = read(max(0, size - FOOTER_SIZE - len(MAGIC)), FOOTER_SIZE + len(MAGIC))
    if len(footer) < FOOTER_SIZE + len(MAGIC) or footer[-len(MAGIC) :] != MAGIC:
        return None
    opcode, _, start, _, crc = struct.unpack_from("<BQQQI", footer)
    length = size - len(MAGIC) - FOOTER_SIZE - start
    if opcode != FOOTER or not start or not 0 <= length <= MOST_SUMMARY_BYTES:
        return None
    summary = read(start, length)
    if crc and zlib.crc32(footer[: FOOTER_SIZE - 4], zlib.crc32(summary)) != crc:
        return None
    said, chunks, indexed, view = _Said(), [], [], memoryview(summary)
    try:
        for opcode, body, end in records(view):
            if opcode == CHUNK_INDEX:
                chunk, index_bytes = _chunk_index(view, body)
                chunks.append(chunk)
                indexed.append(index_bytes)
            else:
                said.learn(opcode, view[body:end])
    except struct.error:
        return None
    if not chunks or not said.channels:
        return None  # unchunked, or not repeated in the summary
    return _gathered(read, chunks, indexed, said)


def _gathered(read: Read, chunks: list[Chunk], indexed: list[int], said: _Said) -> McapIndex:
    """Message indexes of all chunks; those without one are walked."""
    entries, damaged = _Entries(), {}
    for number, (chunk, length) in enumerate(zip(chunks, indexed, strict=True)):
        try:
            found = _message_indexes(read(chunk.end, length)) if length else {}
            for channel, table in (found or _chunk_entries(read, chunk, said)).items():
                entries.add(number, channel, table)
        except (UnreadableSource, struct.error, ValueError) as error:
            what = error.what if isinstance(error, UnreadableSource) else "its index is damaged"
            damaged[number] = what
    return McapIndex(
        channels=said.told(), chunks=tuple(chunks), messages=entries.joined(), damaged=damaged
    )


def _chunk_index(summary: memoryview, at: int) -> tuple[Chunk, int]:
    """One chunk as the summary describes it, and the bytes of message indexes behind it."""
    first_ns, last_ns, start, length, offsets = CHUNK_INDEX_HEAD.unpack_from(summary, at)
    at += CHUNK_INDEX_HEAD.size + offsets
    (index_bytes,) = struct.unpack_from("<Q", summary, at)
    compression, at = _text(summary, at + 8)
    (packed,) = struct.unpack_from("<Q", summary, at)
    if length != CHUNK_HEAD + len(compression) + packed:
        raise struct.error("a chunk's length contradicts its parts")
    chunk = Chunk(
        start=start,
        records=start + CHUNK_HEAD + len(compression),
        length=packed,
        compression=compression,
        first_ns=first_ns,
        last_ns=last_ns,
    )
    return chunk, index_bytes


def _message_indexes(data: bytes) -> dict[int, bytes]:
    """Channel -> its entries, from the records behind a chunk."""
    found: dict[int, bytes] = {}
    at, end = 0, len(data)
    while at < end:
        opcode, length, channel, size = MESSAGE_INDEX_HEAD.unpack_from(data, at)
        begin = at + MESSAGE_INDEX_HEAD.size
        at += RECORD_HEAD + length
        if opcode != MESSAGE_INDEX or length < 6 + size or size % ENTRY_BYTES or at > end:
            raise ValueError("something else lies behind the chunk")
        if size:
            found[channel] = data[begin : begin + size]
    return found


def _walked(read: Read, size: int) -> McapIndex:
    """All whole chunks, and messages outside of chunks, of a file without a summary."""
    said, entries, chunks, damaged = _Said(), _Entries(), [], {}
    loose: dict[int, list[tuple[int, int]]] = {}
    at, cut, until_ns = len(MAGIC), "the file was cut off before its index was written", 0
    while at + RECORD_HEAD <= size:
        opcode, length = struct.unpack("<BQ", read(at, RECORD_HEAD))
        end = at + RECORD_HEAD + length
        if opcode == CHUNK:
            chunk = _chunk(read, at, length)
            if end > size or chunk is None:
                until_ns = chunk.last_ns if chunk is not None else 0
                break
            chunks.append(chunk)
            try:
                for channel, table in _chunk_entries(read, chunk, said).items():
                    entries.add(len(chunks) - 1, channel, table)
            except UnreadableSource as error:
                damaged[len(chunks) - 1] = error.what
        elif end > size:
            break
        elif opcode in {SCHEMA, CHANNEL}:
            with suppress(struct.error):  # its messages then belong to a channel nobody announced
                said.learn(opcode, memoryview(read(at + RECORD_HEAD, length)))
        elif opcode == MESSAGE:
            channel, _, log_ns = struct.unpack("<HIQ", read(at + RECORD_HEAD, 14))
            loose.setdefault(channel, []).append((log_ns, at))
        elif opcode == DATA_END:
            cut = ""  # it ended as it should, and only the summary is missing
            break
        at = end
    for channel, found in loose.items():
        entries.add(len(chunks), channel, np.array(found, "<u8").tobytes())
    if loose:
        chunks.append(Chunk(start=0, records=0, length=size, compression="", first_ns=0, last_ns=0))
    return McapIndex(
        channels=said.told(),
        chunks=tuple(chunks),
        messages=entries.joined(),
        cut=cut,
        until_ns=until_ns,
        damaged=damaged,
    )


def _chunk(read: Read, at: int, length: int) -> Chunk | None:
    """The chunk whose record starts at a place; None where not even its head is there."""
    head = read(at, CHUNK_HEAD + 64)
    try:
        first_ns, last_ns = struct.unpack_from("<QQ", head, RECORD_HEAD)
        compression, after = _text(memoryview(head), RECORD_HEAD + 28)
        (packed,) = struct.unpack_from("<Q", head, after)
    except struct.error:
        return None
    if after + 8 + packed != RECORD_HEAD + length:
        return None
    return Chunk(
        start=at,
        records=at + after + 8,
        length=packed,
        compression=compression,
        first_ns=first_ns,
        last_ns=last_ns,
    )


def _chunk_entries(read: Read, chunk: Chunk, said: _Said) -> dict[int, bytes]:
    """The same as a message index by walking the chunk; what it says of channels is learnt."""
    if chunk_crc(read, chunk)[0] > MOST_SUMMARY_BYTES:
        raise UnreadableSource("a chunk claims to be larger than it may be", remedy=REMEDY)
    data = memoryview(decompressed(read(chunk.records, chunk.length), chunk.compression))
    found: dict[int, list[tuple[int, int]]] = {}
    try:
        for opcode, body, end in records(data):
            if opcode == MESSAGE:
                channel, _, log_ns = struct.unpack_from("<HIQ", data, body)
                found.setdefault(channel, []).append((log_ns, body - RECORD_HEAD))
            else:
                said.learn(opcode, data[body:end])
    except struct.error as error:
        raise UnreadableSource(f"a chunk is damaged: {error}", remedy=REMEDY) from error
    return {channel: np.array(table, "<u8").tobytes() for channel, table in found.items()}


def _joined(parts: list[tuple[int, bytes]]) -> Messages:
    table = np.frombuffer(b"".join([entries for _, entries in parts]), "<i8").reshape(-1, 2)
    numbers = [number for number, _ in parts]
    counts = [len(entries) // ENTRY_BYTES for _, entries in parts]
    return Messages(log_ns=table[:, 0], chunk=np.repeat(numbers, counts), place=table[:, 1])


def _text(data: memoryview, at: int) -> tuple[str, int]:
    """A string that says its length first, and the place behind it."""
    (length,) = struct.unpack_from("<I", data, at)
    if at + 4 + length > len(data):
        raise struct.error("a text is cut short")
    if not length:
        return "", at + 4
    try:
        return str(data[at + 4 : at + 4 + length], "utf-8"), at + 4 + length
    except UnicodeDecodeError as error:
        raise struct.error("a text is damaged") from error


def _octets(data: memoryview, at: int) -> bytes:
    """Bytes that say their length first; what is there of them."""
    (length,) = struct.unpack_from("<I", data, at)
    return bytes(data[at + 4 : at + 4 + length])


def _map(data: memoryview, at: int) -> dict[str, str]:
    """Texts by name, behind the bytes they take; those that are whole."""
    found: dict[str, str] = {}
    with suppress(struct.error):
        (length,) = struct.unpack_from("<I", data, at)
        at, end = at + 4, at + 4 + length
        while at < end:
            name, at = _text(data, at)
            found[name], at = _text(data, at)
    return found
