"""Compressed chunks to what they were, never larger than they may be."""

from __future__ import annotations

import lz4.frame
import zstandard

from ringroad.domain.errors import UnreadableSource

LARGEST_CHUNK = 256 << 20
"""A chunk that unpacks to more bytes is refused, whatever it claims."""
KNOWN = ("", "lz4", "zstd")


def decompressed(data: bytes | memoryview, compression: str) -> bytes | memoryview:
    """A chunk's bytes as they were; themselves where `compression` is empty.

    Raises:
        UnreadableSource: damaged, too large, or of a compression we do not know.
    """
    if not compression:
        return data
    if compression not in KNOWN:
        raise UnreadableSource(
            f"its chunks are compressed as {compression!r}", remedy="use lz4, zstd or none"
        )
    try:
        unpacked = _unpacked(data, compression)
    except (zstandard.ZstdError, RuntimeError, EOFError) as error:
        raise UnreadableSource(
            f"a compressed chunk is damaged: {error}", remedy="copy it again from its origin"
        ) from error
    if len(unpacked) > LARGEST_CHUNK:
        raise UnreadableSource(
            f"a chunk unpacks to more than {LARGEST_CHUNK >> 20} MiB",
            remedy="write the file again with smaller chunks",
        )
    return unpacked


def _unpacked(data: bytes | memoryview, compression: str) -> bytes:
    """At most one byte more than the largest. A size that is told makes room for just that."""
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
