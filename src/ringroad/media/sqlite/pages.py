"""SQLite databases by their pages: the file's header, pages by number, and the leaves of a table.

Reads what untrusted bytes say and nothing else: no SQL is run, no page is followed twice, and work
is bounded by the file's size. `rows.py` reads the rows in the leaves. Format:
sqlite.org/fileformat.html, "The Database Header" and "B-tree Pages".
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ringroad.domain.errors import UnreadableSource

MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
INTERIOR, LEAF = 5, 13
"""Kinds of the pages of a table; pages of indexes have others."""
LEAF_HEAD, INTERIOR_HEAD = 8, 12
SMALLEST_CELL = 6
"""Bytes that a cell takes at least, with its place in the page's list."""
PAGE_BYTES = tuple(1 << shift for shift in range(9, 17))
SMALLEST_USABLE = 480
MOST_PAGES = 1 << 26
DEEPEST = 20
WINDOW_BYTES = 64 << 20
"""How much of the file is mapped at a time: a worker's address space is limited."""
BATCH_BYTES = 4 << 20
"""Pages are handed out in batches of about so many bytes."""
LOOKED_AT = 1 << 16
"""Pages whose kinds are looked at together."""
ENCODINGS = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
REMEDY = "copy it again from its origin"
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open database.

    Attributes:
        file: descriptor.
        page_bytes: of each page.
        reserved: bytes at the end of each page that hold nothing.
        pages: whole ones that the file holds.
        told: pages that its header speaks of; 0 where that is out of date.
        size_bytes: of the file.
        encoding: of texts.
    """

    file: int
    page_bytes: int
    reserved: int
    pages: int
    told: int
    size_bytes: int
    encoding: str

    @property
    def usable(self) -> int:
        """Bytes of each page that may hold something."""
        return self.page_bytes - self.reserved

    @property
    def cut(self) -> str:
        """How the file was cut off; empty where it was not."""
        if self.told > self.pages:
            return f"the file was cut off: {self.pages} of {self.told} pages are there"
        return "the file ends within a page" if self.size_bytes % self.page_bytes else ""

    def read(self, numbers: np.ndarray, width: int = 0) -> np.ndarray:
        """Pages, or the first `width` bytes of each: (n, width) uint8. All must be in the file."""
        width = width or self.page_bytes
        found = np.empty((len(numbers), width), np.uint8)
        each = WINDOW_BYTES // self.page_bytes
        windows = (numbers - 1) // each
        order = np.argsort(windows, kind="stable")
        ends = np.flatnonzero(np.diff(windows[order])) + 1
        for rows in np.split(order, ends) if len(order) else ():
            first = int(windows[rows[0]]) * each
            count = min(each, self.pages - first)
            mapped = mmap.mmap(
                self.file,
                count * self.page_bytes,
                offset=first * self.page_bytes,
                access=mmap.ACCESS_READ,
            )
            table = np.frombuffer(mapped, np.uint8).reshape(count, self.page_bytes)
            found[rows] = table[:, :width][numbers[rows] - 1 - first]
        return found

    def batches(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        """Page numbers, some at a time."""
        each = max(1, BATCH_BYTES // self.page_bytes)
        yield from (numbers[at : at + each] for at in range(0, len(numbers), each))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaves:
    """The pages that hold a table's rows.

    Attributes:
        pages: (n,) int64 page numbers, in the order of the rows.
        interior: (k,) pages above them.
        bad: (m,) pages that should be among them and are of another kind, or damaged.
        missing: how often a page was named that the file does not hold, or a second time.
    """

    pages: np.ndarray
    interior: np.ndarray
    bad: np.ndarray
    missing: int


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a database by its header.

    Raises:
        UnreadableSource: it is none, or one that we do not read.
    """
    with path.open("rb", buffering=0) as file:
        head = os.pread(file.fileno(), HEADER_BYTES, 0)
        yield _database(file.fileno(), head, os.fstat(file.fileno()).st_size, str(path))


def _database(file: int, head: bytes, size: int, subject: str) -> Database:
    if len(head) < HEADER_BYTES or head[: len(MAGIC)] != MAGIC:
        raise UnreadableSource("is no SQLite database", subject=subject, remedy=REMEDY)
    page_bytes = int.from_bytes(head[16:18], "big")
    page_bytes = 1 << 16 if page_bytes == 1 else page_bytes
    reserved, encoding = head[20], int.from_bytes(head[56:60], "big")
    known = page_bytes in PAGE_BYTES and page_bytes - reserved >= SMALLEST_USABLE
    if not known or head[19] not in {1, 2} or encoding not in {0, *ENCODINGS}:
        raise UnreadableSource("its header is damaged", subject=subject, remedy=REMEDY)
    pages = size // page_bytes
    if not 0 < pages <= MOST_PAGES:
        raise UnreadableSource(
            f"has {pages} pages", subject=subject, remedy=f"1 to {MOST_PAGES} are read"
        )
    current = head[24:28] == head[92:96]
    return Database(
        file=file,
        page_bytes=page_bytes,
        reserved=reserved,
        pages=pages,
        told=int.from_bytes(head[28:32], "big") if current else 0,
        size_bytes=size,
        encoding=ENCODINGS[encoding or 1],
    )


def table_leaves(database: Database, root: int) -> Leaves:
    """The leaves of the table whose tree begins at page `root`, which may be damaged."""
    seen = np.zeros(database.pages + 1, bool)
    leaves, interior, bad = [_NONE], [_NONE], [_NONE]
    level = _fresh(np.array([root], np.int64), seen)
    missing = 1 - len(level)
    for _ in range(DEEPEST):
        kinds = _kinds(database, level)
        leaves.append(level[kinds == LEAF])
        bad.append(level[(kinds != LEAF) & (kinds != INTERIOR)])
        below = [_NONE]
        for numbers in database.batches(level[kinds == INTERIOR]):
            children, whole = _children(database, numbers)
            below.append(_fresh(children, seen))
            missing += len(children) - len(below[-1])
            interior.append(numbers[whole])
            bad.append(numbers[~whole])
        level = np.concatenate(below)
        if not len(level):
            break
    return Leaves(
        pages=np.concatenate(leaves),
        interior=np.concatenate(interior),
        bad=np.concatenate([*bad, level]),
        missing=missing,
    )


def stray_leaves(database: Database, known: Leaves) -> np.ndarray:
    """Pages that look like leaves of a table and that no page above them names any more."""
    stray = np.ones(database.pages + 1, bool)
    stray[:2] = False
    for part in (known.pages, known.interior, known.bad):
        stray[part] = False
    found = [_NONE]
    for at in range(0, database.pages + 1, LOOKED_AT):
        numbers = at + np.flatnonzero(stray[at : at + LOOKED_AT])
        found.append(numbers[_kinds(database, numbers) == LEAF])
    return np.concatenate(found)


def head_at(numbers: np.ndarray) -> np.ndarray:
    """Where the heads of tree pages begin: behind the file's header in the first page."""
    return np.where(numbers == 1, HEADER_BYTES, 0)


def cell_places(pages: np.ndarray, heads: np.ndarray, head_bytes: int) -> tuple[np.ndarray, ...]:
    """The cells of pages (n, page bytes) whose heads begin at `heads` (n,).

    Returns:
        (m,) which page each cell is of, (m,) where it begins in it, and (n,) whether so many
        cells fit into the page. Of those where they do not, no cell is told.
    """
    rows = np.arange(len(pages))
    counts = _number(pages, rows, heads + 3, 2)
    whole = heads + head_bytes + SMALLEST_CELL * counts <= pages.shape[1]
    counts = np.where(whole, counts, 0)
    page = np.repeat(rows, counts)
    nth = np.arange(len(page)) - np.repeat(np.cumsum(counts) - counts, counts)
    return page, _number(pages, page, heads[page] + head_bytes + 2 * nth, 2), whole


def _fresh(numbers: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Those that are in the file and were not named before, in their order; they are seen now."""
    inside = numbers[(numbers > 0) & (numbers < len(seen))]
    once = np.zeros(len(inside), bool)
    once[np.unique(inside, return_index=True)[1]] = True
    fresh: np.ndarray = inside[once & ~seen[inside]]
    seen[fresh] = True
    return fresh


def _kinds(database: Database, numbers: np.ndarray) -> np.ndarray:
    heads = database.read(numbers, HEADER_BYTES + 1)
    kinds: np.ndarray = heads[np.arange(len(numbers)), head_at(numbers)]
    return kinds


def _children(database: Database, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pages below interior ones in their order, and which of those are whole."""
    pages, heads = database.read(numbers), head_at(numbers)
    page, places, whole = cell_places(pages, heads, INTERIOR_HEAD)
    left = _number(pages, page, places, 4)
    rows = np.flatnonzero(whole)
    right = _number(pages, rows, heads[rows] + LEAF_HEAD, 4)
    order = np.argsort(np.concatenate([page, rows]), kind="stable")  # the rightmost one last
    return np.concatenate([left, right])[order], whole


def _number(pages: np.ndarray, rows: np.ndarray, at: np.ndarray, width: int) -> np.ndarray:
    """Big-endian numbers of `width` bytes at a place of each of some pages."""
    places = np.minimum(at[:, None] + np.arange(width), pages.shape[1] - 1)
    raw = pages[rows[:, None], places].astype(np.int64)
    found: np.ndarray = raw @ (1 << 8 * np.arange(width - 1, -1, -1))
    return found
