"""Writes a packed dataset version: records into shards, the index last.

Pictures come as arrays and are encoded here, so that no byte from outside gets into a pack. Equal
frames give equal bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import pyarrow as pa
import xxhash

from ringroad.datasets.loader.marks import UNKNOWN, Marks
from ringroad.datasets.loader.pack import (
    INDEX,
    INDEX_FILE,
    SHARD_SUFFIX,
    SHARDS,
    PackHeader,
    open_pack,
)
from ringroad.domain.errors import InputError
from ringroad.domain.ids import digest_of
from ringroad.media import arrow

SHARD_BYTES = 256 << 20
"""A shard is closed once it holds as many."""
BATCH_ROWS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One frame as records: its own bytes, at half size too where the header says so.

    `start` counts back the frames that decoding needs before this one.
    """

    data: bytes
    half: bytes = b""
    start: int = 0


class PackWriter:
    """Takes frames one by one; `finish` makes the pack.

    Left by an error, it takes its shards away again.

    Args:
        folder: new or empty, or one that holds this very pack or the shards of an unfinished one.
        header: what all frames share; the shards are added.
    """

    def __init__(self, folder: Path, header: PackHeader, *, shard_bytes: int = SHARD_BYTES) -> None:
        self.folder = folder
        self.header = header
        self._rows: list[dict[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._count = 0
        self._names: list[str] = []
        _check_folder(folder)
        (folder / SHARDS).mkdir(parents=True, exist_ok=True)
        self._shards = [
            _Shards(folder / SHARDS, self._names, shard_bytes) for _ in range(1 + header.half)
        ]

    def add(
        self,
        frame_id: str,
        stored: Stored,
        marks: Marks,
        *,
        split: str = "",
        unit: str = "",
        weight: float = 1.0,
    ) -> None:
        """Write one frame. Raises InputError where its marks contradict one another."""
        _check_marks(frame_id, marks)
        row = self._count
        place = self._shards[0].put(stored.data, new=stored.start == 0)
        half = self._shards[1].put(stored.half, new=True) if self.header.half else (-1, 0, 0, 0)
        states = np.full(len(marks.boxes), UNKNOWN) if marks.states is None else marks.states
        self._rows.append(
            {
                "frame_id": frame_id,
                "split": split,
                "unit": unit,
                "weight": weight,
                **dict(zip(("shard", "offset", "length", "xxh3"), place, strict=True)),
                "start": row - stored.start,
                **dict(
                    zip(
                        ("half_shard", "half_offset", "half_length", "half_xxh3"), half, strict=True
                    )
                ),
                "boxes": np.asarray(marks.boxes, np.float32).ravel(),
                "categories": np.asarray(marks.categories, np.int32),
                "states": np.asarray(states, np.int32),
                "points": np.concatenate(
                    [np.zeros(0, np.float32), *(np.ravel(line) for line in marks.lines)]
                ).astype(np.float32),
                "lines": np.array([len(line) for line in marks.lines], np.int32),
                "line_categories": np.array(list(marks.line_categories), np.int32),
            }
        )
        self._count += 1
        if len(self._rows) == BATCH_ROWS:
            self._flush()

    def finish(self) -> str:
        """Close the shards, write the index, and return the pack's digest."""
        for shards in self._shards:
            shards.close()
        self._flush()
        table = pa.Table.from_batches(self._batches, schema=INDEX)
        header = replace(self.header, shards=tuple(self._names))
        data = arrow.to_bytes(table.replace_schema_metadata(header.to_metadata()))
        _write_durably(self.folder / INDEX_FILE, data)
        kept = set(self._names)
        for path in (self.folder / SHARDS).iterdir():
            if path.name.removesuffix(SHARD_SUFFIX) not in kept:
                path.unlink()
        return digest_of(data)

    def _flush(self) -> None:
        """Rows as columns: a million frames as Python values would fill the memory."""
        columns = {name: [row[name] for row in self._rows] for name in INDEX.names}
        self._batches.append(pa.RecordBatch.from_pydict(columns, schema=INDEX))
        self._rows = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del error, trace
        for shards in self._shards:
            shards.drop(everything=kind is not None)
        if kind is not None:
            with suppress(OSError):  # something else lies there: it stays
                (self.folder / SHARDS).rmdir()
                self.folder.rmdir()


class _Shards:
    """The shards of one scale, written one after the other."""

    def __init__(self, folder: Path, names: list[str], limit: int) -> None:
        self.folder = folder
        self.names = names
        self.limit = limit
        self._mine: list[Path] = []
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._place = -1
        self._size = 0

    def put(self, data: bytes, *, new: bool) -> tuple[int, int, int, int]:
        """Write one record, into another shard where it is `new` and this one is full."""
        if self._file is not None and new and self._size >= self.limit:
            self.close()
        if self._file is None:
            self._open()
        offset = self._size
        assert self._file is not None  # noqa: S101 (opened above)
        self._file.write(data)
        self._hash.update(data)
        self._size += len(data)
        return self._place, offset, len(data), xxhash.xxh3_64_intdigest(data)

    def close(self) -> None:
        """Give the shard its name."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        digest = self._hash.hexdigest()
        self.names[self._place] = digest
        path = self.folder / (digest + SHARD_SUFFIX)
        self._unfinished().replace(path)
        self._mine.append(path)

    def drop(self, *, everything: bool) -> None:
        """Take away what is unfinished, or all that was written."""
        if self._file is not None:
            self._file.close()
            self._unfinished().unlink(missing_ok=True)
            self._file = None
        for path in self._mine if everything else ():
            path.unlink(missing_ok=True)

    def _open(self) -> None:
        self._place = len(self.names)
        self.names.append("")
        self._hash = hashlib.sha256()
        self._size = 0
        self._file = self._unfinished().open("wb")

    def _unfinished(self) -> Path:
        return self.folder / f"{self._place:05d}.part"


def _check_folder(folder: Path) -> None:
    """Refuse what holds anything but a pack or the rest of one."""
    entries = [path.name for path in _entries(folder)]
    if strange := sorted(set(entries) - {INDEX_FILE, f"{INDEX_FILE}.part", SHARDS}):
        raise InputError(
            f"the folder holds something else, such as {strange[0]}",
            subject=str(folder),
            remedy="pack into a new or empty folder",
        )
    if INDEX_FILE in entries:
        raise InputError(
            f"the folder holds a pack already, of {open_pack(folder).header.dataset}",
            subject=str(folder),
            remedy="pack into a new or empty folder, or remove this one first",
        )


def _entries(folder: Path) -> Iterator[Path]:
    if folder.exists():
        yield from folder.iterdir()


def _check_marks(frame_id: str, marks: Marks) -> None:
    boxes = np.asarray(marks.boxes, np.float32)
    count = len(boxes)
    states = count if marks.states is None else len(marks.states)
    wrong = ""
    if boxes.shape != (count, 4) or len(marks.categories) != count or states != count:
        wrong = "boxes, categories and states differ in number"
    elif not np.isfinite(boxes).all():
        wrong = "a box holds a number that is none"
    elif len(marks.lines) != len(marks.line_categories):
        wrong = "polylines and their categories differ in number"
    elif any(np.ndim(line) != 2 or len(line) < 2 or np.shape(line)[1] != 2 for line in marks.lines):
        wrong = "a polyline has fewer than two points"
    elif not all(np.isfinite(line).all() for line in marks.lines):
        wrong = "a polyline holds a number that is none"
    if wrong:
        raise InputError(wrong, subject=frame_id, remedy="correct its annotations")


def _write_durably(path: Path, data: bytes) -> None:
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as sink:
        sink.write(data)
        sink.flush()
        os.fsync(sink.fileno())
    unfinished.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
