"""Frames of any encoding to arrays: ranges are read and verified here, decoded in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import lz4.frame
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
import zstandard

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import Digest
from ringroad.media.images import JPEG, PNG, decode_image, resize
from ringroad.media.video import CODECS, decode_packets, decoder_of
from ringroad.protocols.blobs import Sources
from ringroad.protocols.sandbox import Sandbox

PICTURES_AT_ONCE = 32
LARGEST_CHUNK = 256 << 20
"""A compressed chunk that claims to be larger is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Packets that are decoded together, and which of them are wanted."""

    positions: range
    wanted: tuple[int, ...]
    """Sequence numbers."""


def read_decoded(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    sequences: Sequence[int],
    *,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Decode frames of one recording.

    Args:
        sources: where the bytes are read.
        sandbox: where they are decoded.
        frames: all rows of one camera channel, as ingest wrote them.
        sequences: which frames, each once, in any order.
        size: width and height to decode to; None for as recorded.

    Returns:
        (n, h, w, 3) uint8 RGB, in the order of `sequences`.

    Raises:
        UnreadableSource, SourceChanged, SourceMissing, DigestMismatch, WorkerDied,
        WorkerTimedOut: one of the frames cannot be had.
    """
    if not len(sequences):
        width, height = size or (0, 0)
        return np.zeros((0, height, width, 3), np.uint8)
    encoding = frames.column("encoding")[0].as_py()
    if encoding in CODECS:
        parts = _decode_video(sources, sandbox, frames, sequences, size)
    elif encoding in {JPEG, PNG}:
        parts = _decode_pictures(sources, sandbox, frames, sequences, size)
    else:
        raise UnreadableSource(
            f"frames encoded as {encoding!r} are not read",
            subject=frames.column("recording_id")[0].as_py(),
            remedy="known: h264, hevc, jpeg, png",
        )
    place = {sequence: at for at, sequence in enumerate(sequences)}
    out: np.ndarray | None = None
    for wanted, pixels in parts:
        if out is None:
            out = np.empty((len(sequences), *pixels.shape[1:]), np.uint8)
        out[[place[sequence] for sequence in wanted]] = pixels
    if out is None:
        raise UnreadableSource("nothing came out", remedy="ingest the recording again")
    return out


def plan_runs(frames: pa.Table, sequences: Sequence[int]) -> list[Run]:
    """Which packets to decode for frames of a video: one run per key frame to start from.

    Args:
        frames: all rows of the channel, by sequence number.
        sequences: wanted frames.
    """
    columns = frames.select(["sequence", "start_sequence", "position"]).to_pydict()
    position = dict(zip(columns["sequence"], columns["position"], strict=True))
    start = dict(zip(columns["sequence"], columns["start_sequence"], strict=True))
    groups: dict[int, list[int]] = {}
    for sequence in sorted(sequences):
        if sequence not in position:
            raise UnreadableSource(
                f"has no frame {sequence}", remedy=f"it has {len(position)} frames, from 0 on"
            )
        groups.setdefault(start[sequence], []).append(sequence)
    return [
        Run(
            positions=range(position[first], max(position[s] for s in wanted) + 1),
            wanted=tuple(wanted),
        )
        for first, wanted in groups.items()
    ]


def decode_pictures(
    chunks: Sequence[bytes],
    compressions: Sequence[str],
    ranges: Sequence[tuple[int, int, int]],
    size: tuple[int, int] | None,
) -> np.ndarray:
    """Decode pictures, out of compressed chunks where they lie in such. Runs in the sandbox.

    Args:
        chunks: the picture's own bytes, or the chunk around it.
        compressions: of each chunk: `lz4`, `zstd`, or empty text.
        ranges: offset, length and XXH3 of each picture in its chunk once that is decompressed.
        size: width and height to return; None for as recorded.
    """
    found = []
    for data, compression, (offset, length, xxh3) in zip(chunks, compressions, ranges, strict=True):
        picture = decompressed(data, compression)[offset : offset + length]
        if compression and xxhash.xxh3_64_intdigest(picture) != xxh3:
            raise UnreadableSource(
                "a picture differs from what was ingested", remedy="ingest the recording again"
            )
        pixels = decode_image(picture)
        found.append(pixels if size is None else resize(pixels, size))
    return np.stack(found)


def decompressed(data: bytes, compression: str) -> bytes:
    """A chunk's bytes as they were. Raises UnreadableSource."""
    try:
        if compression == "zstd":
            unpacked: bytes = zstandard.ZstdDecompressor().decompress(
                data, max_output_size=LARGEST_CHUNK
            )
            return unpacked
        if compression == "lz4":
            return bytes(lz4.frame.decompress(data))
    except (zstandard.ZstdError, RuntimeError, EOFError) as error:
        raise UnreadableSource(
            f"a compressed chunk is damaged: {error}", remedy="copy it again from its origin"
        ) from error
    return data


def _decode_video(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    sequences: Sequence[int],
    size: tuple[int, int] | None,
) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    codec, extradata = decoder_of(frames)
    by_position = frames.sort_by("position")
    digest = Digest(frames.column("source")[0].as_py())
    for run in plan_runs(frames, sequences):
        rows = by_position.slice(run.positions.start, len(run.positions))
        packets = [_read(sources, digest, row) for row in _places(rows)]
        labels = rows.column("sequence").to_pylist()
        pixels = sandbox.call(
            decode_packets, codec, extradata, packets, labels, list(run.wanted), size
        )
        yield run.wanted, pixels


def _decode_pictures(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    sequences: Sequence[int],
    size: tuple[int, int] | None,
) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    digest = Digest(frames.column("source")[0].as_py())
    ordered = sorted(sequences)
    for begin in range(0, len(ordered), PICTURES_AT_ONCE):
        wanted = tuple(ordered[begin : begin + PICTURES_AT_ONCE])
        rows = frames.filter(pc.is_in(frames.column("sequence"), value_set=pa.array(wanted)))
        chunks, ranges = [], []
        for row in _places(rows.sort_by("sequence")):
            chunks.append(_read(sources, digest, row))
            plain = row["chunk_offset"] < 0
            ranges.append((0 if plain else row["offset"], row["length"], row["xxh3"]))
        compressions = rows.sort_by("sequence").column("compression").to_pylist()
        if len(chunks) != len(wanted):
            raise UnreadableSource(
                f"has {len(chunks)} of {len(wanted)} frames asked for",
                remedy="ingest the recording again",
            )
        yield wanted, sandbox.call(decode_pictures, chunks, compressions, ranges, size)


def _read(sources: Sources, digest: Digest, row: dict[str, int]) -> bytes:
    """The frame's own bytes, verified, or the compressed chunk they lie in."""
    if row["chunk_offset"] < 0:
        return sources.read_range(digest, row["offset"], row["length"], xxh3=row["xxh3"])
    return sources.read_range(digest, row["chunk_offset"], row["chunk_length"])


def _places(rows: pa.Table) -> list[dict[str, int]]:
    names = ["offset", "length", "xxh3", "chunk_offset", "chunk_length"]
    places: list[dict[str, int]] = rows.select(names).to_pylist()
    return places
