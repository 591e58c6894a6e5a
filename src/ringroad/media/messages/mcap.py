"""Messages of an MCAP file that `mcap_index.py` found: places of payloads, values, checks.

Chunks that lie plain are mapped into memory some at a time and never copied; compressed ones are
unpacked one at a time.
"""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import xxhash

from ringroad.domain.errors import UnreadableSource
from ringroad.media.compression import decompressed
from ringroad.media.containers.bag2_index import ROS2, record_data
from ringroad.media.containers.mcap_index import (
    MCAP,
    MESSAGE_HEAD,
    RECORD_HEAD,
    REMEDY,
    ROS1,
    McapIndex,
    Messages,
    chunk_crc,
    ranged,
)
from ringroad.media.message import (
    Batch,
    Bulk,
    Header,
    Lane,
    MessageType,
    Payloads,
    Values,
)
from ringroad.media.messages.types import type_of
from ringroad.media.pictures.images import encoding_of, size_of
from ringroad.media.wire.ros1 import bag_data

Locate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
WINDOW_BYTES = 128 << 20
"""How much of the file is mapped at a time: a worker's address space is limited."""
BATCH_MESSAGES = 1 << 15
"""So many messages are read at a time: what they say is larger than they are."""
Standing = TypeVar("Standing")
Kind = TypeVar("Kind", bound=MessageType)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """Pictures or sweeps of one channel as they are stored, in the order of the file.

    Attributes:
        log_ns: int64, when the recorder wrote them.
        stamps_ns: int64, when the camera says it took them; 0 where it does not.
        offset: int64 in the file, or in the unpacked chunk where that is compressed.
        length: int64.
        chunk: int64, place in `McapIndex.chunks`.
        frame: name of the sensor's coordinate system.
        encodings: of each, empty text where nobody reads it; None where the bytes tell.
        shapes: (n, 2) int64 width and height; None where the bytes tell.
        doubts: why some are not read.
    """

    log_ns: np.ndarray
    stamps_ns: np.ndarray
    offset: np.ndarray
    length: np.ndarray
    chunk: np.ndarray
    frame: str = ""
    encodings: tuple[str, ...] | None = None
    shapes: np.ndarray | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What pictures and sweeps are, entry by entry.

    Attributes:
        xxh3: uint64 of the encoded bytes.
        encoding: `jpeg` ..., or empty text where nobody reads it.
        size: (n, 2) int64 width and height; 0 where nobody reads it.
    """

    xxh3: np.ndarray
    encoding: tuple[str, ...]
    size: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """Some chunks in memory.

    Attributes:
        buffer: uint8.
        first: the first chunk in it; all of them follow one another.
        bases: where the records of each begin in the buffer.
        file_offset: of the buffer's first byte in the file; -1 where it was unpacked.
    """

    buffer: np.ndarray
    first: int
    bases: np.ndarray
    file_offset: int


def damaged_chunks(path: Path, index: McapIndex) -> dict[int, str]:
    """Chunks whose bytes do not match their checksum, and why: one pass over all bytes.

    Those that the index could not read are among them.
    """
    found = dict(index.damaged)
    if index.wire != MCAP:
        return found | _not_unpacking(path, index)
    with path.open("rb", buffering=0) as file:
        read = ranged(file.fileno())
        for number, chunk in enumerate(index.chunks):
            if number in found or not chunk.start:
                continue
            try:
                size, crc = chunk_crc(read, chunk)
                packed = read(chunk.records, chunk.length)
                data = decompressed(packed, chunk.compression)
            except UnreadableSource as error:
                found[number] = error.what
                continue
            if len(data) != size or (crc and zlib.crc32(data) != crc):
                found[number] = "does not match its checksum"
    return found


def _not_unpacking(path: Path, index: McapIndex) -> dict[int, str]:
    """Compressed chunks of a file without checksums that cannot be unpacked."""
    found = {}
    with path.open("rb", buffering=0) as file:
        read = ranged(file.fileno())
        for number, chunk in enumerate(index.chunks):
            try:
                if chunk.compression:
                    packed = read(chunk.records, chunk.length)
                    decompressed(packed, chunk.compression)
            except UnreadableSource as error:
                found[number] = error.what
    return found


def without(index: McapIndex, chunks: Sequence[int]) -> McapIndex:
    """The same index without the messages of some chunks."""
    if not chunks:
        return index
    kept = {}
    for channel, messages in index.messages.items():
        whole = ~np.isin(messages.chunk, list(chunks))
        kept[channel] = Messages(
            log_ns=messages.log_ns[whole],
            chunk=messages.chunk[whole],
            place=messages.place[whole],
        )
    return replace(
        index, messages={channel: found for channel, found in kept.items() if len(found.place)}
    )


def find_images(path: Path, index: McapIndex, channel: int) -> Images:
    """Where the pictures or sweeps of a channel lie. Some dozen bytes of each message are read.

    Raises:
        UnreadableSource: the messages carry none.
    """
    told = index.messages[channel]
    parts: list[tuple[int, Payloads]] = []
    find = _kind(index, channel, Bulk).find
    for window, _, batch in _through(path, index, channel):
        parts.append((_origin(window), find(batch)))
    found = [part for _, part in parts]
    return Images(
        log_ns=told.log_ns,
        stamps_ns=np.concatenate([part.stamps_ns for part in found]),
        offset=np.concatenate([part.begins + origin for origin, part in parts]),
        length=np.concatenate([part.lengths for part in found]),
        chunk=told.chunk,
        frame=found[0].frame,
        encodings=_all_of([part.encodings for part in found]),
        shapes=_stacked([part.shapes for part in found]),
        doubts=tuple(sorted({doubt for part in found for doubt in part.doubts})),
    )


def look(path: Path, index: McapIndex, images: Images, *, header: Header | None = None) -> Seen:
    """Hash pictures or sweeps, and read their headers: the one pass over their bytes.

    `header` is asked picture by picture for encoding, width and height; that of JPEG and PNG
    where none is given. Nothing is asked where messages told all that.
    """
    read = header or _header
    told = None if images.shapes is None else images.shapes.tolist()
    xxh3, encodings, sizes = [], [], []
    for window, rows in _windows(path, index, images.chunk):
        view = window.buffer.data
        shift = max(window.file_offset, 0)
        for at in range(rows.start, rows.stop):
            begin = int(images.offset[at]) - shift
            picture = view[begin : begin + int(images.length[at])]
            xxh3.append(xxhash.xxh3_64_intdigest(picture))
            if images.encodings is None or told is None:
                encoding, size = read(picture)
            else:
                encoding, size = images.encodings[at], told[at]
            encodings.append(encoding)
            sizes.append(size)
        view.release()
    return Seen(
        xxh3=np.array(xxh3, np.uint64),
        encoding=tuple(encodings),
        size=np.array(sizes, np.int64).reshape(-1, 2),
    )


def read_values(
    path: Path, index: McapIndex, channel: int, *, lane: Lane | None = None
) -> list[tuple[np.ndarray, Values]]:
    """Signals of one channel, some at a time: log times of the messages, and what they say.

    `lane` reads them; where none is given, what their type says.

    Raises:
        UnreadableSource: a message is shorter than its type.
    """
    topic, reader = index.channels[channel].topic, lane or _kind(index, channel, Lane)
    return [
        (index.messages[channel].log_ns[rows], reader.read(batch, topic))
        for _, rows, batch in _through(path, index, channel)
    ]


def read_standing(
    path: Path, index: McapIndex, channel: int, read: Callable[[Batch], list[Standing]], most: int
) -> list[Standing]:
    """What messages say that should all say the same: at most so many of them, evenly spread.

    Raises:
        UnreadableSource: a message contradicts its type.
    """
    told = index.messages[channel]
    kept = np.unique(np.linspace(0, len(told.place) - 1, most).round().astype(np.int64))
    sample = Messages(log_ns=told.log_ns[kept], chunk=told.chunk[kept], place=told.place[kept])
    sampled = replace(index, messages={channel: sample})
    return [found for _, _, batch in _through(path, sampled, channel) for found in read(batch)]


def _kind(index: McapIndex, channel: int, kind: type[Kind]) -> Kind:
    """What reads the messages of a channel, where it is of a kind."""
    told = index.channels[channel]
    found = type_of(told)
    if not isinstance(found, kind):
        raise UnreadableSource(
            f"messages of {told.kind or 'no stated type'} are read otherwise",
            place=told.topic,
            remedy="ask media/messages/types.py what they are",
        )
    return found


def _through(path: Path, index: McapIndex, channel: int) -> Iterator[tuple[Window, slice, Batch]]:
    """Messages of a channel, some at a time: in which window, which of them, and their data."""
    messages = index.messages[channel]
    find = WIRES[index.wire]
    for window, rows in _windows(path, index, messages.chunk):
        for begin in range(rows.start, rows.stop, BATCH_MESSAGES):
            some = slice(begin, min(begin + BATCH_MESSAGES, rows.stop))
            records = window.bases[messages.chunk[some] - window.first] + messages.place[some]
            starts, ends = find(window.buffer, records)
            yield window, some, Batch(buffer=window.buffer, starts=starts, ends=ends)


def _all_of(parts: Sequence[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    known = [part for part in parts if part is not None]
    return tuple(text for part in known for text in part) if len(known) == len(parts) else None


def _stacked(parts: Sequence[np.ndarray | None]) -> np.ndarray | None:
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if len(known) == len(parts) else None


def _data(buffer: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end of each message's data, given where its record begins."""
    if len(begins) and (begins.max() + MESSAGE_HEAD > len(buffer) or begins.min() < 0):
        raise UnreadableSource("its index points outside of a chunk", remedy=REMEDY)
    lengths = buffer[begins[:, None] + np.arange(1, RECORD_HEAD)].view("<u8")[:, 0]
    ends = begins + RECORD_HEAD + np.minimum(lengths, len(buffer)).astype(np.int64)
    if (ends > len(buffer)).any():
        raise UnreadableSource("a message does not fit into its chunk", remedy=REMEDY)
    return begins + MESSAGE_HEAD, ends


WIRES: dict[str, Locate] = {MCAP: _data, ROS1: bag_data, ROS2: record_data}
"""How the data of messages is found in a chunk."""


def _windows(path: Path, index: McapIndex, chunk_of: np.ndarray) -> Iterator[tuple[Window, slice]]:
    """Go through chunks in the order of the file, and say which entries lie in each window."""
    with path.open("rb", buffering=0) as file:
        for run in _runs(index, np.unique(chunk_of)):
            begin, end = np.searchsorted(chunk_of, [run[0], run[-1] + 1])
            with _window(file.fileno(), index, run) as window:
                yield window, slice(int(begin), int(end))


def _runs(index: McapIndex, needed: np.ndarray) -> Iterator[list[int]]:
    """Chunks to have in memory together: plain ones that lie close, or one compressed one."""
    run: list[int] = []
    for number in needed.tolist():
        chunk = index.chunks[number]
        if run and (
            chunk.compression
            or index.chunks[run[0]].compression
            or chunk.end - index.chunks[run[0]].records > WINDOW_BYTES
            or chunk.records < index.chunks[run[-1]].records
        ):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


@contextmanager
def _window(file: int, index: McapIndex, run: list[int]) -> Iterator[Window]:
    first, last = index.chunks[run[0]], index.chunks[run[-1]]
    if first.compression:
        packed = ranged(file)(first.records, first.length)
        data = np.frombuffer(decompressed(packed, first.compression), np.uint8)
        yield Window(buffer=data, first=run[0], bases=np.zeros(1, np.int64), file_offset=-1)
        return
    origin = first.records - first.records % mmap.ALLOCATIONGRANULARITY
    length = min(last.end, os.fstat(file).st_size) - origin
    if length <= 0:
        raise UnreadableSource("its index points behind its end", remedy=REMEDY)
    bases = np.full(run[-1] - run[0] + 1, -origin, np.int64)
    bases[np.array(run) - run[0]] += [index.chunks[number].records for number in run]
    mapped = mmap.mmap(file, length, offset=origin, access=mmap.ACCESS_READ)
    yield Window(
        buffer=np.frombuffer(mapped, np.uint8), first=run[0], bases=bases, file_offset=origin
    )


def _origin(window: Window) -> int:
    """What makes a place in the buffer an offset in the file, or in the unpacked chunk."""
    return max(window.file_offset, 0)


def _header(picture: memoryview) -> tuple[str, tuple[int, int]]:
    try:
        return encoding_of(picture), size_of(picture)
    except UnreadableSource:
        return "", (0, 0)
