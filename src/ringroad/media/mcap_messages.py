"""Messages of an MCAP file that `media/mcap_index.py` found: pictures' places, signals, checks.

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

import numpy as np
import xxhash

from ringroad.domain.errors import UnreadableSource
from ringroad.media.bag2_index import ROS2, record_data
from ringroad.media.cdr import Cursor
from ringroad.media.compression import decompressed
from ringroad.media.images import encoding_of, size_of
from ringroad.media.mcap_index import (
    MCAP,
    MESSAGE_HEAD,
    RECORD_HEAD,
    REMEDY,
    ROS1,
    McapIndex,
    Messages,
    chunk_crc,
)
from ringroad.media.ros1 import Ros1Cursor, bag_data
from ringroad.media.ros2 import PICTURES, Values, values

Locate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
Header = Callable[[memoryview], tuple[str, tuple[int, int]]]
WINDOW_BYTES = 128 << 20
"""How much of the file is mapped at a time: a worker's address space is limited."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """Encoded pictures of one channel, in the order of the file; one entry each.

    Attributes:
        log_ns: int64, when the recorder wrote them.
        stamps_ns: int64, when the camera says it took them; 0 where it does not.
        offset: int64 in the file, or in the unpacked chunk where that is compressed.
        length: int64.
        chunk: int64, place in `McapIndex.chunks`.
    """

    log_ns: np.ndarray
    stamps_ns: np.ndarray
    offset: np.ndarray
    length: np.ndarray
    chunk: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What the pictures themselves say, entry by entry.

    Attributes:
        xxh3: uint64 of the encoded bytes.
        encoding: `jpeg`, `png`, or empty text where it is neither.
        size: (n, 2) int64 width and height; 0 where it is no picture.
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
        for number, chunk in enumerate(index.chunks):
            if number in found or not chunk.start:
                continue
            try:
                size, crc = chunk_crc(lambda at, n: os.pread(file.fileno(), n, at), chunk)
                packed = os.pread(file.fileno(), chunk.length, chunk.records)
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
        for number, chunk in enumerate(index.chunks):
            try:
                if chunk.compression:
                    packed = os.pread(file.fileno(), chunk.length, chunk.records)
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
    """Where the pictures of an image channel lie. A few dozen bytes of each message are read.

    Raises:
        UnreadableSource: the messages are no images.
    """
    parts: list[Images] = []
    find = PICTURES[index.channels[channel].kind]
    for window, rows, cursor in _through(path, index, channel):
        found = find(cursor)
        parts.append(
            Images(
                log_ns=index.messages[channel].log_ns[rows],
                stamps_ns=found.stamps_ns,
                offset=found.begins + _origin(window),
                length=found.lengths,
                chunk=index.messages[channel].chunk[rows],
            )
        )
    return Images(
        log_ns=np.concatenate([part.log_ns for part in parts]),
        stamps_ns=np.concatenate([part.stamps_ns for part in parts]),
        offset=np.concatenate([part.offset for part in parts]),
        length=np.concatenate([part.length for part in parts]),
        chunk=np.concatenate([part.chunk for part in parts]),
    )


def look(path: Path, index: McapIndex, images: Images, *, header: Header | None = None) -> Seen:
    """Hash the pictures and read their headers: the one pass over their bytes.

    `header` is asked picture by picture for encoding, width and height; that of JPEG and PNG
    where none is given.
    """
    read = header or _header
    xxh3, encodings, sizes = [], [], []
    for window, rows in _windows(path, index, images.chunk):
        view = window.buffer.data
        shift = max(window.file_offset, 0)
        for at in range(rows.start, rows.stop):
            begin = int(images.offset[at]) - shift
            picture = view[begin : begin + int(images.length[at])]
            xxh3.append(xxhash.xxh3_64_intdigest(picture))
            encoding, size = read(picture)
            encodings.append(encoding)
            sizes.append(size)
        view.release()
    return Seen(
        xxh3=np.array(xxh3, np.uint64),
        encoding=tuple(encodings),
        size=np.array(sizes, np.int64).reshape(-1, 2),
    )


def read_values(path: Path, index: McapIndex, channel: int) -> list[tuple[np.ndarray, Values]]:
    """Signals of one channel, window by window: log times of the messages, and what they say.

    Raises:
        UnreadableSource: a message is shorter than its type.
    """
    told = index.channels[channel]
    return [
        (index.messages[channel].log_ns[rows], values(told.kind, told.topic, cursor))
        for _, rows, cursor in _through(path, index, channel)
    ]


def _through(path: Path, index: McapIndex, channel: int) -> Iterator[tuple[Window, slice, Cursor]]:
    """Windows that hold messages of a channel, which of them, and a cursor over their data."""
    messages = index.messages[channel]
    for window, rows in _windows(path, index, messages.chunk):
        begins = window.bases[messages.chunk[rows] - window.first] + messages.place[rows]
        find, cursor = WIRES[index.wire]
        yield window, rows, cursor(window.buffer, *find(window.buffer, begins))


def _data(buffer: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end of each message's data, given where its record begins."""
    if len(begins) and (begins.max() + MESSAGE_HEAD > len(buffer) or begins.min() < 0):
        raise UnreadableSource("its index points outside of a chunk", remedy=REMEDY)
    lengths = buffer[begins[:, None] + np.arange(1, RECORD_HEAD)].view("<u8")[:, 0]
    ends = begins + RECORD_HEAD + np.minimum(lengths, len(buffer)).astype(np.int64)
    if (ends > len(buffer)).any():
        raise UnreadableSource("a message does not fit into its chunk", remedy=REMEDY)
    return begins + MESSAGE_HEAD, ends


WIRES: dict[str, tuple[Locate, type[Cursor]]] = {
    MCAP: (_data, Cursor),
    ROS1: (bag_data, Ros1Cursor),
    ROS2: (record_data, Cursor),
}
"""How the data of messages is found in a chunk, and what reads it."""


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
        packed = os.pread(file, first.length, first.records)
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
