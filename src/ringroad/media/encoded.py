"""Bytes of frames and sweeps as they were recorded; `media/frames.py` decodes frames.

Ranges are read and verified here. Chunks that are compressed are unpacked in the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import xxhash

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import Digest
from ringroad.media.compression import decompressed
from ringroad.media.ranges import read_together
from ringroad.protocols.blobs import Sources
from ringroad.protocols.sandbox import Sandbox

BATCH_BYTES = 8 << 20
"""Encoded bytes that are held at a time, unless one frame has more."""


def iterate_encoded(
    sources: Sources, sandbox: Sandbox, rows: pa.Table, *, batch_bytes: int = BATCH_BYTES
) -> Iterator[bytes]:
    """The bytes of each row of FRAMES or SWEEPS, in order, some rows in memory at a time.

    Raises:
        DigestMismatch, SourceChanged, SourceMissing: as `Sources`.
        UnreadableSource: a chunk does not unpack, or to other bytes than were ingested.
    """
    lengths = rows.column("length").to_pylist()
    begin, held = 0, 0
    for at, length in enumerate(lengths):
        if at > begin and held + length > batch_bytes:
            yield from read_encoded(sources, sandbox, rows.slice(begin, at - begin))
            begin, held = at, 0
        held += length
    if begin < len(lengths):
        yield from read_encoded(sources, sandbox, rows.slice(begin))


def read_encoded(sources: Sources, sandbox: Sandbox, rows: pa.Table) -> list[bytes]:
    """The same at once; all rows are of one source."""
    names = ("offset", "length", "xxh3", "compression", "chunk_offset", "chunk_length")
    listed = rows.select(names).to_pylist()
    source = Digest(rows.column("source")[0].as_py())
    plain = [at for at, row in enumerate(listed) if row["chunk_offset"] < 0]
    found: list[bytes] = [b""] * len(listed)
    ranges = [tuple(listed[at][name] for name in names[:3]) for at in plain]
    for at, data in zip(plain, read_together(sources, source, ranges), strict=True):
        found[at] = data
    for at, row in enumerate(listed):
        chunk = row["chunk_offset"]
        if chunk < 0 or found[at]:
            continue
        inside = [n for n, other in enumerate(listed) if other["chunk_offset"] == chunk]
        packed = sources.read_range(source, chunk, row["chunk_length"])
        wanted = [tuple(listed[n][name] for name in names[:3]) for n in inside]
        parts = sandbox.call(unpack_ranges, packed, row["compression"], wanted)
        for n, data in zip(inside, parts, strict=True):
            found[n] = data
    return found


def unpack_ranges(
    packed: bytes, compression: str, ranges: Sequence[tuple[int, int, int]]
) -> list[bytes]:
    """Offset, length and XXH3 of parts of a compressed chunk, to bytes. Runs in the sandbox."""
    data = decompressed(packed, compression)
    found = [bytes(data[offset : offset + length]) for offset, length, _ in ranges]
    for part, (_, _, xxh3) in zip(found, ranges, strict=True):
        if xxhash.xxh3_64_intdigest(part) != xxh3:
            raise UnreadableSource(
                "a message differs from what was ingested", remedy="ingest the recording again"
            )
    return found
