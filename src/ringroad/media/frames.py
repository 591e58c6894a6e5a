"""Frames of any encoding to arrays: ranges are read and verified here, decoded in the sandbox.

Work is cut into slices. A slice is what one call of the sandbox decodes by itself: packets from
a key frame on, or some pictures. Each is bounded in pixels given back and in bytes handed in, so
that memory does not grow with a recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from ringroad.domain.errors import RingroadError, UnreadableSource, UsageError
from ringroad.domain.ids import Digest
from ringroad.media.compression import decompressed
from ringroad.media.encoded import read_encoded
from ringroad.media.pictures.picture import Kind, decode_picture, is_picture
from ringroad.media.video.container import CODECS, decode_packets, decoder_of
from ringroad.protocols.blobs import Sources
from ringroad.protocols.sandbox import Sandbox

SLICE_PIXEL_BYTES = 192 << 20
"""RGB bytes that one call of the sandbox gives back at most, unless one frame has more."""
SLICE_PICTURE_BYTES = 32 << 20
"""Encoded bytes of pictures that one call is handed at most, unless one picture has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What one call of the sandbox decodes.

    Attributes:
        rows: places in the table that was planned over, in the order to decode them.
        wanted: sequence numbers of the frames to give back, ascending.
    """

    rows: tuple[int, ...]
    wanted: tuple[int, ...]


def read_decoded(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    sequences: Sequence[int],
    *,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Decode frames of one camera channel.

    Args:
        sources: where the bytes are read.
        sandbox: where they are decoded.
        frames: all rows of the channel, as ingest wrote them.
        sequences: which frames, each once, in any order.
        size: width and height to decode to; None for as recorded.

    Returns:
        (n, h, w, 3) uint8 RGB, in the order of `sequences`.

    Raises:
        UsageError: rows of several channels, or a frame asked for twice.
        UnreadableSource, SourceChanged, SourceMissing, DigestMismatch, WorkerDied,
        WorkerTimedOut: one of the frames cannot be had; the recording is named.
    """
    place = {sequence: at for at, sequence in enumerate(sequences)}
    if len(place) != len(sequences):
        raise UsageError("a frame is asked for twice", remedy="name each frame once")
    width, height = size or (0, 0)
    out = np.zeros((0, height, width, 3), np.uint8)
    for wanted, pixels in iterate_decoded(sources, sandbox, frames, sequences, size=size):
        if not len(out):
            out = np.empty((len(sequences), *pixels.shape[1:]), np.uint8)
        if out.shape[1:] != pixels.shape[1:]:
            raise UnreadableSource(
                "frames differ in size",
                subject=frames.column("recording_id")[0].as_py(),
                remedy="decode them to one size",
            )
        out[[place[sequence] for sequence in wanted]] = pixels
    return out


def read_frames(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    frame_ids: Sequence[str],
    *,
    size: tuple[int, int],
) -> np.ndarray:
    """Decode frames of one recording by id, whichever of its cameras they are from.

    `frames` holds all rows of the recording; all else as `read_decoded`.
    """
    wanted = {frame: at for at, frame in enumerate(frame_ids)}
    out = np.zeros((len(frame_ids), size[1], size[0], 3), np.uint8)
    found = 0
    for channel in pc.unique(frames.column("channel")).to_pylist():
        rows = frames.filter(pc.equal(frames.column("channel"), channel))
        ids = rows.select(["frame_id", "sequence"]).to_pylist()
        asked = {
            row["sequence"]: wanted[row["frame_id"]] for row in ids if row["frame_id"] in wanted
        }
        found += len(asked)
        for sequences, pixels in iterate_decoded(sources, sandbox, rows, [*asked], size=size):
            out[[asked[sequence] for sequence in sequences]] = pixels
    if found != len(frame_ids):
        raise UsageError(
            f"{len(frame_ids) - found} of {len(frame_ids)} frames are not of this recording",
            remedy="hand in all rows of the recording, and each frame once",
        )
    return out


def iterate_decoded(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    sequences: Sequence[int],
    *,
    size: tuple[int, int] | None = None,
) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """The same slice by slice: sequence numbers, and their pixels (k, h, w, 3).

    Slices come in the order of their first packet; arguments and errors as `read_decoded`.
    """
    if not len(sequences):
        return
    if pc.count_distinct(frames.column("channel")).as_py() != 1:
        raise UsageError("rows of several channels", remedy="decode one camera after the other")
    encodings = set(pc.unique(frames.column("encoding")).to_pylist())
    recording = frames.column("recording_id")[0].as_py()
    pictures = all(is_picture(encoding) for encoding in encodings)
    if not pictures and not (len(encodings) == 1 and encodings <= set(CODECS)):
        raise UnreadableSource(
            f"frames encoded as {', '.join(sorted(encodings))} are not read",
            subject=recording,
            remedy="known: h264, hevc, jpeg, png, dng, bayer-..., rgb8 and other plain pixels",
        )
    decode = _decode_pictures if pictures else _decode_video
    for part in plan_slices(frames, sequences, size=size):
        try:
            pixels = decode(sources, sandbox, frames, part, size)
        except RingroadError as error:
            raise _named(error, recording, part) from error
        yield part.wanted, pixels


def plan_slices(
    frames: pa.Table, sequences: Sequence[int], *, size: tuple[int, int] | None = None
) -> list[Slice]:
    """Cut the decoding of frames into slices.

    A frame of a video brings along all packets from its key frame on. Where a group of pictures
    has more wanted frames than fit into a slice, the next slice starts at the key frame again.

    Args:
        frames: all rows of one channel.
        sequences: wanted frames.
        size: they will be decoded to; None for as recorded.

    Raises:
        UnreadableSource: the recording has no such frame.
    """
    columns = frames.select(["sequence", "start_sequence", "position", "length"]).to_pydict()
    row_of = {sequence: row for row, sequence in enumerate(columns["sequence"])}
    missing = sorted(set(sequences) - row_of.keys())
    if missing:
        raise UnreadableSource(
            f"has no frame {missing[0]}",
            subject=frames.column("recording_id")[0].as_py(),
            remedy=f"it has {len(row_of)} frames",
        )
    most = max(1, SLICE_PIXEL_BYTES // _frame_bytes(frames, size))
    if frames.column("encoding")[0].as_py() in CODECS:
        return _video_slices(columns, row_of, sorted(sequences), most)
    return _picture_slices(columns["length"], row_of, sorted(sequences), most)


def decode_pictures(
    chunks: Sequence[bytes],
    compressions: Sequence[str],
    ranges: Sequence[tuple[int, int, int, int]],
    kinds: Sequence[Kind],
    size: tuple[int, int] | None,
) -> np.ndarray:
    """Decode pictures, out of compressed chunks where they lie in such. Runs in the sandbox.

    Args:
        chunks: pictures' own bytes, or chunks around some of them.
        compressions: of each chunk: `lz4`, `zstd`, or empty text.
        ranges: of each picture: which chunk, then offset, length and XXH3 in it once unpacked.
        kinds: of each picture: its encoding, and its width and height as recorded.
        size: width and height to return; None for as recorded.
    """
    unpacked = [
        decompressed(data, compression)
        for data, compression in zip(chunks, compressions, strict=True)
    ]
    found = []
    for (chunk, offset, length, xxh3), kind in zip(ranges, kinds, strict=True):
        picture = bytes(unpacked[chunk][offset : offset + length])
        if compressions[chunk] and xxhash.xxh3_64_intdigest(picture) != xxh3:
            raise UnreadableSource(
                "a picture differs from what was ingested", remedy="ingest the recording again"
            )
        found.append(decode_picture(picture, kind, size))
    if len({pixels.shape for pixels in found}) > 1:
        raise UnreadableSource("pictures differ in size", remedy="decode them to one size")
    return np.stack(found)


def _video_slices(
    columns: Mapping[str, list[int]], row_of: Mapping[int, int], sequences: list[int], most: int
) -> list[Slice]:
    by_position = np.argsort(np.array(columns["position"]), kind="stable")
    rank = np.empty(len(by_position), np.int64)
    rank[by_position] = np.arange(len(by_position))
    groups: dict[int, list[int]] = {}
    for sequence in sequences:
        groups.setdefault(columns["start_sequence"][row_of[sequence]], []).append(sequence)
    slices = []
    for start, members in sorted(groups.items()):
        for begin in range(0, len(members), most):
            wanted = members[begin : begin + most]
            last = max(rank[row_of[sequence]] for sequence in wanted)
            rows = by_position[rank[row_of[start]] : last + 1]
            slices.append(Slice(rows=tuple(rows.tolist()), wanted=tuple(wanted)))
    return slices


def _picture_slices(
    lengths: list[int], row_of: Mapping[int, int], sequences: list[int], most: int
) -> list[Slice]:
    slices: list[Slice] = []
    wanted: list[int] = []
    held = 0
    for sequence in sequences:
        length = lengths[row_of[sequence]]
        if wanted and (len(wanted) == most or held + length > SLICE_PICTURE_BYTES):
            slices.append(_pictures(wanted, row_of))
            wanted, held = [], 0
        wanted.append(sequence)
        held += length
    return [*slices, _pictures(wanted, row_of)]


def _pictures(wanted: list[int], row_of: Mapping[int, int]) -> Slice:
    return Slice(rows=tuple(row_of[sequence] for sequence in wanted), wanted=tuple(wanted))


def _frame_bytes(frames: pa.Table, size: tuple[int, int] | None) -> int:
    if size is not None:
        return size[0] * size[1] * 3
    pixels = pc.multiply(frames.column("width"), frames.column("height"))
    return max(1, int(pc.max(pixels).as_py()) * 3)


def _decode_video(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    part: Slice,
    size: tuple[int, int] | None,
) -> np.ndarray:
    codec, extradata = decoder_of(frames)
    rows = frames.take(list(part.rows))
    packets = read_encoded(sources, sandbox, rows)
    labels = rows.column("sequence").to_pylist()
    return sandbox.call(decode_packets, codec, extradata, packets, labels, list(part.wanted), size)


def _decode_pictures(
    sources: Sources,
    sandbox: Sandbox,
    frames: pa.Table,
    part: Slice,
    size: tuple[int, int] | None,
) -> np.ndarray:
    rows = frames.take(list(part.rows)).to_pylist()
    digest = Digest(rows[0]["source"])
    chunks: list[bytes] = []
    compressions: list[str] = []
    unpacked: dict[int, int] = {}
    ranges: list[tuple[int, int, int, int]] = []
    kinds = [(row["encoding"], row["width"], row["height"]) for row in rows]
    for row in rows:
        own = (row["length"], row["xxh3"])
        if row["chunk_offset"] < 0:
            chunks.append(
                sources.read_range(digest, row["offset"], row["length"], xxh3=row["xxh3"])
            )
            compressions.append("")
            ranges.append((len(chunks) - 1, 0, *own))
            continue
        if row["chunk_offset"] not in unpacked:
            unpacked[row["chunk_offset"]] = len(chunks)
            chunks.append(sources.read_range(digest, row["chunk_offset"], row["chunk_length"]))
            compressions.append(row["compression"])
        ranges.append((unpacked[row["chunk_offset"]], row["offset"], *own))
    return sandbox.call(decode_pictures, chunks, compressions, ranges, kinds, size)


def _named(error: RingroadError, recording: str, part: Slice) -> RingroadError:
    """The same error, saying which recording and frames it is about."""
    place = f"frames {part.wanted[0]} to {part.wanted[-1]}"
    if error.subject and error.subject != recording:
        place = f"{place}, {error.subject}"
    if error.place:
        place = f"{place}, {error.place}"
    return type(error)(error.what, subject=recording, place=place, remedy=error.remedy)
