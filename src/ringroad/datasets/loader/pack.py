"""A packed dataset version, opened: which frames it holds, where their bytes lie, their marks.

    FOLDER/
      index.arrow            one row per frame, `INDEX`; the header in its metadata; written last
      shards/<sha256>.pack   records, one after the other

Every frame is one record. A JPEG decodes by itself. A frame of a video decodes from the record of
`start` on, a row of the same shard; rows of a group of pictures follow one another. Marks are in
pixels of the stored picture. The pack's name is the SHA-256 of its index, which names the shards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.loader.marks import Marks
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import DigestMismatch, InputError, RingroadError, SourceMissing
from ringroad.domain.ids import digest_of
from ringroad.media import arrow
from ringroad.media.pictures.images import MOST_PIXELS

FORMAT = 1
INDEX_FILE = "index.arrow"
SHARDS = "shards"
SHARD_SUFFIX = ".pack"
METADATA_KEY = b"ringroad.pack"
JPEG = "jpeg"
H264 = "h264"
MOST_RECORD_BYTES = 1 << 16
"""A record may have so many, and twice the bytes of its pixels."""
FULL, HALF = 1, 2
"""Scales: the picture as stored, and half as wide and high."""

_REMEDY = "pack the dataset version again: ringroad datasets pack NAME FOLDER"

INDEX = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("weight", pa.float32(), nullable=False),
        pa.field("shard", pa.int32(), nullable=False),  # place in the header's list
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
        pa.field("xxh3", pa.uint64(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),  # row to decode from
        pa.field("half_shard", pa.int32(), nullable=False),  # -1 where no half size is stored
        pa.field("half_offset", pa.int64(), nullable=False),
        pa.field("half_length", pa.int64(), nullable=False),
        pa.field("half_xxh3", pa.uint64(), nullable=False),
        # Flat lists: four numbers a box, two a point; `lines` counts the points of each polyline.
        pa.field("boxes", pa.list_(pa.float32()), nullable=False),
        pa.field("categories", pa.list_(pa.int32()), nullable=False),
        pa.field("states", pa.list_(pa.int32()), nullable=False),  # -1 where unknown
        pa.field("points", pa.list_(pa.float32()), nullable=False),
        pa.field("lines", pa.list_(pa.int32()), nullable=False),
        pa.field("line_categories", pa.list_(pa.int32()), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackHeader:
    """What all frames of a pack share."""

    dataset: str
    """Id of the dataset version."""
    name: str
    width: int
    height: int
    encoding: str = JPEG
    half: bool = False
    """Whether every frame is stored at half size too."""
    categories: tuple[str, ...] = ()
    light_states: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    shards: tuple[str, ...] = ()
    """SHA-256 of each."""
    format: int = FORMAT

    def to_metadata(self) -> dict[bytes, bytes]:
        """As it stands in the index."""
        return {METADATA_KEY: canonical_json(asdict(self))}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """Where the records of one scale lie, row by row."""

    shard: np.ndarray
    offset: np.ndarray
    length: np.ndarray
    xxh3: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ragged:
    """Lists of rows of numbers: those of list k are `values[starts[k] : starts[k + 1]]`."""

    values: np.ndarray
    starts: np.ndarray

    def of(self, row: int) -> np.ndarray:
        """A view of one list."""
        found: np.ndarray = self.values[self.starts[row] : self.starts[row + 1]]
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """An opened pack. Its columns map into memory; it pickles as its folder.

    Attributes:
        folder: where it lies.
        digest: SHA-256 of its index.
        header: what all frames share.
        frames: rows of `INDEX`.
        full: records of the stored pictures.
        half: records of those at half size, None where there are none.
        start: (n,) row from which each frame decodes.
        boxes: per frame (m, 4) float32 x, y, w, h.
        categories: per box, a place in the header's list.
        states: per box, a place in the header's list, -1 where unknown.
        lines: per frame the number of points of each polyline.
        line_categories: per polyline.
        points: per frame (p, 2) float32, polyline after polyline.
    """

    folder: Path
    digest: str
    header: PackHeader
    frames: pa.Table
    full: Records
    half: Records | None
    start: np.ndarray
    boxes: Ragged
    categories: Ragged
    states: Ragged
    lines: Ragged
    line_categories: Ragged
    points: Ragged

    def __len__(self) -> int:
        """How many frames."""
        return int(self.frames.num_rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_pack, (self.folder,)

    def frame_id(self, row: int) -> str:
        """The id of the frame in a row."""
        return str(self.frames.column("frame_id")[row].as_py())

    def rows(self, split: str = "") -> np.ndarray:
        """Rows of a split, of all where none is named. Raises InputError where it has none."""
        if not split:
            return np.arange(len(self))
        named = self.frames.column("split")
        found = np.flatnonzero(pc.equal(named, split).to_numpy())
        if not len(found):
            known = ", ".join(sorted(pc.unique(named).to_pylist()))
            raise InputError(
                f"has no frames of split {split!r}",
                subject=str(self.folder),
                remedy=f"it has {known}",
            )
        return found

    def marks(self, row: int, scale: int = FULL) -> Marks:
        """What annotators said of a frame, in pixels of the picture at a scale."""
        boxes, points = self.boxes.of(row), self.points.of(row)
        if scale != FULL:
            boxes, points = boxes / np.float32(scale), points / np.float32(scale)
        counts = self.lines.of(row)
        return Marks(
            boxes=boxes,
            categories=self.categories.of(row),
            states=self.states.of(row),
            lines=np.split(points, np.cumsum(counts)[:-1]) if len(counts) else (),
            line_categories=self.line_categories.of(row).tolist() if len(counts) else (),
        )

    def shard_path(self, place: int) -> Path:
        """Where a shard lies in the folder."""
        return self.folder / SHARDS / (self.header.shards[place] + SHARD_SUFFIX)

    def size(self, scale: int) -> tuple[int, int]:
        """Width and height of decoded pictures."""
        return -(-self.header.width // scale), -(-self.header.height // scale)


def open_pack(folder: Path) -> Pack:
    """Open a pack.

    Raises:
        SourceMissing: the folder holds no pack, or an unfinished one.
        DigestMismatch: its index is damaged, or of another format.
    """
    folder = Path(folder)
    try:
        data = pa.memory_map(str(folder / INDEX_FILE)).read_buffer()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceMissing(
            f"holds no {INDEX_FILE}, so it is no pack, or one that was not finished",
            subject=str(folder),
            remedy=_REMEDY,
        ) from error
    try:
        return _opened(folder, digest_of(memoryview(data)), arrow.from_bytes(data))
    except RingroadError as error:
        raise type(error)(error.what, subject=str(folder), remedy=_REMEDY) from error
    except (pa.ArrowException, KeyError, TypeError, ValueError, IndexError) as error:
        raise _damaged(folder, str(error)) from error


def _opened(folder: Path, digest: str, table: pa.Table) -> Pack:
    told: Mapping[str, Any] = json.loads((table.schema.metadata or {})[METADATA_KEY])
    if told["format"] != FORMAT:
        raise DigestMismatch(f"is of format {told['format']}, this version reads {FORMAT}")
    lists = ("categories", "light_states", "tasks", "shards")
    header = PackHeader(**{**told, **{name: tuple(told[name]) for name in lists}})
    if not table.schema.equals(INDEX):
        raise DigestMismatch("its index has other columns")
    whole = table.combine_chunks()
    pack = Pack(
        folder=folder,
        digest=digest,
        header=header,
        frames=whole,
        full=_records(whole, ""),
        half=_records(whole, "half_") if header.half else None,
        start=whole.column("start").to_numpy(),
        boxes=_ragged(whole, "boxes", 4),
        categories=_ragged(whole, "categories", 1),
        states=_ragged(whole, "states", 1),
        lines=_ragged(whole, "lines", 1),
        line_categories=_ragged(whole, "line_categories", 1),
        points=_ragged(whole, "points", 2),
    )
    _check(pack)
    return pack


def _records(table: pa.Table, prefix: str) -> Records:
    names = ("shard", "offset", "length", "xxh3")
    return Records(**{name: table.column(prefix + name).to_numpy() for name in names})


def _ragged(table: pa.Table, name: str, width: int) -> Ragged:
    column = table.column(name)
    if not column.num_chunks or not len(column):
        empty = np.zeros((0, width) if width > 1 else 0, column.type.value_type.to_pandas_dtype())
        return Ragged(values=empty, starts=np.zeros(1, np.int64))
    lists = column.chunk(0)
    values = lists.values.to_numpy()
    starts = lists.offsets.to_numpy().astype(np.int64)
    if width == 1:
        return Ragged(values=values, starts=starts)
    if (starts % width).any():
        raise DigestMismatch(f"its index holds {name} that are none")
    return Ragged(values=values.reshape(-1, width), starts=starts // width)


def _check(pack: Pack) -> None:
    """Nothing that the loader computes with may point outside."""
    header, rows = pack.header, np.arange(len(pack))
    pixels = header.width * header.height
    if min(header.width, header.height) < 1 or pixels > MOST_PIXELS:
        raise DigestMismatch(f"holds pictures of {header.width}x{header.height} pixels")
    if header.encoding not in {JPEG, H264}:
        raise DigestMismatch(f"holds frames as {header.encoding!r}")
    most = MOST_RECORD_BYTES + 6 * pixels
    for records in (pack.full, pack.half):
        if records is None or not len(rows):
            continue
        places = records.shard
        if places.min() < 0 or places.max() >= len(header.shards):
            raise DigestMismatch("its index names shards that its header does not")
        if records.offset.min() < 0 or records.length.min() < 1 or records.length.max() > most:
            raise DigestMismatch("its index holds ranges that are none")
    if ((pack.start < 0) | (pack.start > rows)).any():
        raise DigestMismatch("its index holds frames that decode from nowhere")
    if pack.categories.values.size and pack.categories.values.max() >= len(header.categories):
        raise DigestMismatch("its index holds categories that its header does not name")
    boxes = np.diff(pack.boxes.starts)
    same = (np.diff(pack.categories.starts) == boxes) & (np.diff(pack.states.starts) == boxes)
    lines = np.diff(pack.line_categories.starts) == np.diff(pack.lines.starts)
    if not (same.all() and lines.all()):
        raise DigestMismatch("its index holds marks without categories")
    counts = pack.lines.values
    ends = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    held = np.diff(ends[pack.lines.starts]) == np.diff(pack.points.starts)
    if not held.all() or counts.min(initial=2) < 2:
        raise DigestMismatch("its index holds polylines without points")


def _damaged(folder: Path, what: str) -> DigestMismatch:
    return DigestMismatch(f"its index is damaged: {what}", subject=str(folder), remedy=_REMEDY)
