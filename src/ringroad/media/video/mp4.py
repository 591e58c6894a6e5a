"""Boxes of MP4 and MOV files: where each sample of the video track lies. Decodes nothing.

Layout after ISO/IEC 14496-12 (boxes, sample tables, fragments) and 14496-15 (avcC, hvcC). Only
the index is read, so that the cost follows the number of samples and not their bytes. The file is
untrusted: every length is held against the box around it, and a count that no bytes stand behind
against `MOST_SAMPLES`.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ringroad.domain.errors import UnreadableSource

CODECS = {b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc"}
CONFIGURATION = {"h264": b"avcC", "hevc": b"hvcC"}
MOST_INDEX_BYTES = 1 << 28
MOST_SAMPLES = 20_000_000
"""About nine days at 25 frames per second; a file that claims more is refused."""
SAMPLE_ENTRY = 78  # bytes of a visual sample entry before its own boxes
NOT_SYNC = 0x10000
BASE_IS_MOOF = 0x20000


class BrokenIndex(ValueError):
    """The boxes contradict themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: its kind, and where its body begins and ends."""

    kind: bytes
    body: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """Samples of one track in decode order; all arrays have one entry per sample.

    Attributes:
        offset: int64, bytes from the start of the file.
        size: int64, bytes.
        pts: int64, presentation time in units of the track.
        key: bool, decoding may start here.
    """

    offset: np.ndarray
    size: np.ndarray
    pts: np.ndarray
    key: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VideoTrack:
    """The first track that holds H.264 or HEVC.

    Attributes:
        codec: `h264` or `hevc`.
        extradata: body of its avcC or hvcC box.
        width: pixels, as the container says.
        height: pixels.
        timescale: units of `pts` in one second.
        samples: in decode order.
        shown_from: presentation time before which the edit list shows nothing; None without one.
        turned: the container asks for the picture to be shown rotated or mirrored.
        cut: the file ends in the middle of one of its parts.
    """

    codec: str
    extradata: bytes
    width: int
    height: int
    timescale: int
    samples: Samples
    shown_from: int | None
    turned: bool
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Defaults:
    """What a fragment's samples are where it does not say (`trex`, `tfhd`)."""

    duration: int = 0
    size: int = 0
    flags: int = 0


@dataclass(slots=True, kw_only=True)
class _Parts:
    """The file's outermost boxes, as far as they matter."""

    moov: bytes = b""
    moofs: list[tuple[int, bytes]] = field(default_factory=list)
    cut: bool = False


def read_video_track(path: Path) -> VideoTrack:
    """The index of the first video track.

    Raises:
        UnreadableSource: no index, none of a codec we know, or one that contradicts itself.
    """
    try:
        with path.open("rb", buffering=0) as file:
            parts = _parts(file, os.fstat(file.fileno()).st_size)
        if not parts.moov:
            raise UnreadableSource(
                "its index (moov) is missing: the recorder was cut off before it wrote it",
                subject=str(path),
                remedy="repair it with a tool such as untrunc and a whole file of that camera",
            )
        return _track(parts, str(path))
    except (BrokenIndex, struct.error, ValueError, IndexError) as error:
        raise UnreadableSource(
            f"its index is damaged: {error}",
            subject=str(path),
            remedy="copy it again from its origin",
        ) from error


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes that lie one after the other in a part of an index."""
    while end - start >= 8:
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        elif size == 0:
            size = end - start
        if size < body - start or start + size > end:
            raise BrokenIndex(f"box {kind!r} does not fit into the one around it")
        yield Box(kind=kind, body=body, end=start + size)
        start += size


def _parts(file: BinaryIO, size: int) -> _Parts:
    """Walk the outermost boxes; only index boxes are read, media is jumped over."""
    parts, at = _Parts(), 0
    while at + 8 <= size:
        head = os.pread(file.fileno(), 16, at)
        length, kind = struct.unpack_from(">I4s", head)
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
        elif length == 0:
            length = size - at
        if length < 8:
            parts.cut = True
            break
        if kind in {b"moov", b"moof"} and at + length <= size:
            if length > MOST_INDEX_BYTES:
                raise BrokenIndex(f"box {kind!r} claims {length} bytes")
            body = os.pread(file.fileno(), length, at)
            if kind == b"moov":
                parts.moov = parts.moov or body
            else:
                parts.moofs.append((at, body))
        at += length
    parts.cut = parts.cut or at != size
    return parts


def _track(parts: _Parts, subject: str) -> VideoTrack:
    moov = parts.moov
    (whole,) = boxes(moov, 0, len(moov))
    top = list(boxes(moov, whole.body, whole.end))
    met: list[str] = []
    for trak in top:
        if trak.kind == b"trak":
            inside = _inside(moov, trak)
            found = _sample_entry(moov, inside, met)
            if found is not None:
                codec, extradata, size = found
                samples, timescale = _samples(moov, inside, top, parts)
                return VideoTrack(
                    codec=codec,
                    extradata=extradata,
                    width=size[0],
                    height=size[1],
                    timescale=timescale,
                    samples=samples,
                    shown_from=_shown_from(moov, inside.get(b"elst")),
                    turned=_turned(moov, inside.get(b"tkhd")),
                    cut=parts.cut,
                )
    if met:
        raise UnreadableSource(
            f"its video is {', '.join(met)}, which is not read yet",
            subject=subject,
            remedy="use H.264 or HEVC: ffmpeg -i IN -c:v libx264 OUT.mp4",
        )
    raise UnreadableSource("holds no video", subject=subject, remedy="name a file with video")


def _inside(data: bytes, trak: Box) -> dict[bytes, Box]:
    """Every box of a track by kind, through the boxes that only hold others."""
    found: dict[bytes, Box] = {}
    waiting = [trak]
    while waiting:
        around = waiting.pop()
        for box in boxes(data, around.body, around.end):
            if box.kind in {b"mdia", b"minf", b"stbl", b"edts"}:
                waiting.append(box)
            else:
                if box.kind == b"hdlr" and box.kind in found and around.kind != b"mdia":
                    continue  # QuickTime names a data handler as well
                found[box.kind] = box
    return found


def _sample_entry(
    data: bytes, inside: dict[bytes, Box], met: list[str]
) -> tuple[str, bytes, tuple[int, int]] | None:
    """Codec, extradata, width and height; None where the track is no video that we read."""
    handler, table = inside.get(b"hdlr"), inside.get(b"stsd")
    if handler is None or table is None or data[handler.body + 8 : handler.body + 12] != b"vide":
        return None
    entries = list(boxes(data, table.body + 8, table.end))
    if not entries:
        raise BrokenIndex("the video track does not say how it is encoded")
    entry = entries[0]
    codec = CODECS.get(entry.kind)
    if codec is None:
        met.append(entry.kind.decode("latin-1"))
        return None
    if len(entries) > 1:
        raise BrokenIndex("the video changes its settings in between")
    width, height = struct.unpack_from(">HH", data, entry.body + 24)
    for box in boxes(data, entry.body + SAMPLE_ENTRY, entry.end):
        if box.kind == CONFIGURATION[codec]:
            return codec, data[box.body : box.end], (width, height)
    raise BrokenIndex("the video track has no parameter sets")


def _samples(
    data: bytes, inside: dict[bytes, Box], top: list[Box], parts: _Parts
) -> tuple[Samples, int]:
    header = _need(inside, b"mdhd")
    (timescale,) = struct.unpack_from(
        ">I", data, header.body + (20 if data[header.body] == 1 else 12)
    )
    if not timescale:
        raise BrokenIndex("the video track has no time scale")
    plain = _table_samples(data, inside)
    track = _track_id(data, inside)
    defaults = _fragment_defaults(data, top, track)
    if defaults is None:
        return plain, timescale
    return _joined([plain, *_fragments(parts, track, defaults)]), timescale


def _table_samples(data: bytes, inside: dict[bytes, Box]) -> Samples:
    size = _sizes(data, inside)
    count = len(size)
    chunks = _chunk_offsets(data, inside)
    runs = _entries(data, _need(inside, b"stsc"), ">u4", 3)
    if not count or not len(chunks) or not len(runs):
        none = np.zeros(0, np.int64)
        return Samples(offset=none, size=none, pts=none, key=none.astype(bool))
    run = np.searchsorted(runs[:, 0], np.arange(1, len(chunks) + 1), side="right") - 1
    per_chunk = runs[np.maximum(run, 0), 1].astype(np.int64)
    if per_chunk.sum() < count:
        raise BrokenIndex("more samples have a size than have a place")
    chunk = _spread(per_chunk, count)
    before = np.cumsum(size) - size
    first = np.minimum(np.cumsum(per_chunk) - per_chunk, count - 1)
    times = _entries(data, _need(inside, b"stts"), ">u4", 2)
    step = times[_spread(times[:, 0], count), 1].astype(np.int64)
    pts = np.cumsum(step) - step
    if b"ctts" in inside:
        late = _entries(data, inside[b"ctts"], ">i4", 2)
        pts = pts + late[_spread(late[:, 0].view(">u4"), count), 1]
    key = np.ones(count, bool)
    if b"stss" in inside:
        sync = _entries(data, inside[b"stss"], ">u4", 1)[:, 0].astype(np.int64) - 1
        key[:] = False
        key[sync[(sync >= 0) & (sync < count)]] = True
    return Samples(
        offset=chunks[chunk] + before - before[first[chunk]], size=size, pts=pts, key=key
    )


def _sizes(data: bytes, inside: dict[bytes, Box]) -> np.ndarray:
    box = _need(inside, b"stsz")
    fixed, count = struct.unpack_from(">II", data, box.body + 4)
    if count > MOST_SAMPLES:
        raise BrokenIndex(f"it claims {count} samples")
    if fixed:
        return np.full(count, fixed, np.int64)
    if box.body + 12 + 4 * count > box.end:
        raise BrokenIndex("the table of sizes is cut short")
    return np.frombuffer(data, ">u4", count, box.body + 12).astype(np.int64)


def _chunk_offsets(data: bytes, inside: dict[bytes, Box]) -> np.ndarray:
    if b"co64" in inside:
        return _entries(data, inside[b"co64"], ">u8", 1)[:, 0].astype(np.int64)
    return _entries(data, _need(inside, b"stco"), ">u4", 1)[:, 0].astype(np.int64)


def _entries(data: bytes, box: Box, dtype: str, columns: int) -> np.ndarray:
    """(n, columns) entries of a full box that says their number first."""
    (count,) = struct.unpack_from(">I", data, box.body + 4)
    if box.body + 8 + count * columns * np.dtype(dtype).itemsize > box.end:
        raise BrokenIndex(f"table {box.kind!r} is cut short")
    return np.frombuffer(data, dtype, count * columns, box.body + 8).reshape(count, columns)


def _spread(counts: np.ndarray, length: int) -> np.ndarray:
    """For each of `length` samples, the entry it belongs to; the last one serves the rest."""
    if not len(counts):
        raise BrokenIndex("a table without entries")
    ends = np.cumsum(counts.astype(np.int64))
    return np.minimum(np.searchsorted(ends, np.arange(length), side="right"), len(counts) - 1)


def _need(inside: dict[bytes, Box], kind: bytes) -> Box:
    if kind not in inside:
        raise BrokenIndex(f"box {kind!r} is missing")
    return inside[kind]


def _shown_from(data: bytes, box: Box | None) -> int | None:
    """Media time of the first edit that shows anything."""
    if box is None:
        return None
    form = ">QqI" if data[box.body] == 1 else ">IiI"
    (count,) = struct.unpack_from(">I", data, box.body + 4)
    size = struct.calcsize(form)
    for at in range(box.body + 8, min(box.end, box.body + 8 + count * size) - size + 1, size):
        media_time = int(struct.unpack_from(form, data, at)[1])
        if media_time >= 0:
            return media_time
    return None


def _turned(data: bytes, box: Box | None) -> bool:
    if box is None:
        return False
    at = box.body + (52 if data[box.body] == 1 else 40)
    a, b, _, c, d = struct.unpack_from(">5i", data, at)
    return (a, b, c, d) != (0x10000, 0, 0, 0x10000)


def _track_id(data: bytes, inside: dict[bytes, Box]) -> int:
    box = _need(inside, b"tkhd")
    (number,) = struct.unpack_from(">I", data, box.body + (20 if data[box.body] == 1 else 12))
    return int(number)


def _fragment_defaults(data: bytes, top: list[Box], track: int) -> _Defaults | None:
    """Defaults of the track's fragments; None where the file has none."""
    for extends in top:
        if extends.kind == b"mvex":
            for box in boxes(data, extends.body, extends.end):
                if box.kind == b"trex":
                    number, _, duration, size, flags = struct.unpack_from(">5I", data, box.body + 4)
                    if number == track:
                        return _Defaults(duration=duration, size=size, flags=flags)
    return None


def _fragments(parts: _Parts, track: int, defaults: _Defaults) -> Iterator[Samples]:
    time = 0
    for place, data in parts.moofs:
        (moof,) = boxes(data, 0, len(data))
        for traf in boxes(data, moof.body, moof.end):
            if traf.kind != b"traf":
                continue
            inside = list(boxes(data, traf.body, traf.end))
            head = next((box for box in inside if box.kind == b"tfhd"), None)
            if head is None or struct.unpack_from(">I", data, head.body + 4)[0] != track:
                continue
            base, own = _fragment_head(data, head, place, defaults)
            for box in inside:
                if box.kind == b"tfdt":
                    form = ">Q" if data[box.body] == 1 else ">I"
                    (time,) = struct.unpack_from(form, data, box.body + 4)
                elif box.kind == b"trun":
                    samples, base, time = _run(data, box, base, own, time)
                    yield samples


def _fragment_head(data: bytes, box: Box, place: int, defaults: _Defaults) -> tuple[int, _Defaults]:
    """Where the fragment's data starts, and what its samples are by default."""
    (told,) = struct.unpack_from(">I", data, box.body)
    flags, at = told & 0xFFFFFF, box.body + 8
    base, values = place, [defaults.duration, defaults.size, defaults.flags]
    if flags & 1 and not flags & BASE_IS_MOOF:
        (base,) = struct.unpack_from(">Q", data, at)
    at += 8 * bool(flags & 1) + 4 * bool(flags & 2)
    for number, bit in enumerate((0x8, 0x10, 0x20)):
        if flags & bit:
            (values[number],) = struct.unpack_from(">I", data, at)
            at += 4
    return base, _Defaults(duration=values[0], size=values[1], flags=values[2])


def _run(data: bytes, box: Box, base: int, own: _Defaults, time: int) -> tuple[Samples, int, int]:
    """Samples of one `trun`; the offset and the time after them."""
    told, count = struct.unpack_from(">II", data, box.body)
    flags, at = told & 0xFFFFFF, box.body + 8
    if flags & 1:
        (shift,) = struct.unpack_from(">i", data, at)
        base, at = base + shift, at + 4
    first_flags = struct.unpack_from(">I", data, at)[0] if flags & 4 else None
    at += 4 * bool(flags & 4)
    told_columns = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
    if at + 4 * count * len(told_columns) > box.end or count > MOST_SAMPLES:
        raise BrokenIndex("a fragment's table is cut short")
    table = np.frombuffer(data, ">u4", count * len(told_columns), at)
    table = table.reshape(count, len(told_columns)).astype(np.int64)
    columns = {bit: table[:, number] for number, bit in enumerate(told_columns)}
    duration = columns.get(0x100, np.full(count, own.duration, np.int64))
    size = columns.get(0x200, np.full(count, own.size, np.int64))
    sample_flags = columns.get(0x400, np.full(count, own.flags, np.int64)).copy()
    if first_flags is not None and count:
        sample_flags[0] = first_flags
    late = columns.get(0x800, np.zeros(count, np.int64)).astype(np.int32)
    samples = Samples(
        offset=base + np.cumsum(size) - size,
        size=size,
        pts=time + np.cumsum(duration) - duration + late,
        key=(sample_flags & NOT_SYNC) == 0,
    )
    return samples, base + int(size.sum()), time + int(duration.sum())


def _joined(parts: list[Samples]) -> Samples:
    return Samples(
        offset=np.concatenate([part.offset for part in parts]),
        size=np.concatenate([part.size for part in parts]),
        pts=np.concatenate([part.pts for part in parts]),
        key=np.concatenate([part.key for part in parts]),
    )
