"""Compressed chunks to what they were, never larger than they may be."""

from __future__ import annotations

import bz2

import lz4.frame
import pyarrow as pa
import zstandard

from ringroad.domain.errors import UnreadableSource
from ringroad.media.sqlite.records import with_last
from ringroad.media.sqlite.rows import SQLITE, row_payload

LARGEST_CHUNK = 256 << 20
"""A chunk that unpacks to more bytes is refused, whatever it claims."""
LARGEST_MESSAGE = 64 << 20
KNOWN = ("", "bz2", "lz4", "snappy", "zstd")
"""Snappy is what Parquet knows by that name: one block, which says its size, without a frame."""


def decompressed(data: bytes | memoryview, compression: str) -> bytes | memoryview:
    """A chunk's bytes as they were; themselves where `compression` is empty.

    A row of SQLite is a compression too: `sqlite_rows.place_text`, and `+zstd` behind it where
    its last column is compressed by itself.

    Raises:
        UnreadableSource: damaged, too large, or of a compression we do not know.
    """
    if not compression:
        return data
    if compression.startswith(SQLITE):
        place, _, packed = compression.partition("+")
        row = row_payload(data, place)
        return with_last(row, lambda last: _message(last, packed)) if packed else row
    if compression not in KNOWN:
        raise UnreadableSource(
            f"its chunks are compressed as {compression!r}", remedy="use lz4, snappy, zstd or none"
        )
    try:
        unpacked = _unpacked(data, compression)
    except (zstandard.ZstdError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableSource(
            f"a compressed chunk is damaged: {error}", remedy="copy it again from its origin"
        ) from error
    if len(unpacked) > LARGEST_CHUNK:
        raise UnreadableSource(
            f"a chunk unpacks to more than {LARGEST_CHUNK >> 20} MiB",
            remedy="write the file again with smaller chunks",
        )
    return unpacked


def _message(data: bytes, compression: str) -> bytes | memoryview:
    """One message that its recorder compressed by itself."""
    if compression == "zstd" and zstandard.frame_content_size(data) > LARGEST_MESSAGE:
        raise UnreadableSource(
            f"a message unpacks to more than {LARGEST_MESSAGE >> 20} MiB",
            remedy="record it without compressing messages",
        )
    return decompressed(data, compression)


def _unpacked(data: bytes | memoryview, compression: str) -> bytes:
    """At most one byte more than the largest. A size that is told makes room for just that."""
    if compression == "snappy":
        size = _snappy_size(data)
        if size > LARGEST_CHUNK:
            raise UnreadableSource(
                f"a chunk unpacks to more than {LARGEST_CHUNK >> 20} MiB",
                remedy="write the file again with smaller chunks",
            )
        block: bytes = pa.Codec("snappy").decompress(data, size, asbytes=True)
        return block
    if compression == "bz2":
        unpacked: bytes = bz2.BZ2Decompressor().decompress(data, max_length=LARGEST_CHUNK + 1)
        return unpacked
    if compression == "zstd":
        if 0 <= zstandard.frame_content_size(data) <= LARGEST_CHUNK:
            told: bytes = zstandard.ZstdDecompressor().decompress(data)
            return told
        with zstandard.ZstdDecompressor().stream_reader(data) as reader:
            read: bytes = reader.read(LARGEST_CHUNK + 1)
            return read
    if 0 < lz4.frame.get_frame_info(data)["content_size"] <= LARGEST_CHUNK:
        whole: bytes = lz4.frame.decompress(data)
        return whole
    begin: bytes = lz4.frame.LZ4FrameDecompressor().decompress(data, max_length=LARGEST_CHUNK + 1)
    return begin


def _snappy_size(data: bytes | memoryview) -> int:
    """The size that a block begins with: seven bits a byte, the lowest first, in five at most."""
    size = 0
    for place, byte in enumerate(bytes(data[:5])):
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return size
    raise EOFError("a block of snappy does not say its size")
