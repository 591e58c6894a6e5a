"""Rows in the leaves of SQLite tables: where each lies, with the pages that it goes on in.

A row that does not fit into its leaf goes on in a chain of overflow pages. Such a row is unpacked
out of the range of pages that holds them all, by a text that says where in it: so one ranged read
is enough, and nobody needs the database. Format: sqlite.org/fileformat.html, "B-tree Pages" and
"Cell Payload Overflow Pages".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.sqlite.pages import (
    LEAF_HEAD,
    PAGE_BYTES,
    SMALLEST_USABLE,
    Database,
    cell_places,
    head_at,
    table_leaves,
)
from ringroad.media.sqlite.records import REMEDY, Value, record, varint, varints

SQLITE = "sqlite-"
"""A compression begins with this where a chunk is a range of pages with one row in it."""
MOST_RANGE_BYTES = 64 << 20
"""A row whose pages lie farther apart is not read in place."""
RANGE_TIMES = 8
MOST_SPARED_BYTES = 512 << 20
"""All ranges together may be so many times the file and so much more: they overlap where rows of
one leaf share its neighbourhood, or where a table was much changed."""
FOLLOWED_TIMES = 4
"""So many times the file's pages are followed: a whole one has no more links than pages, but what
was cut off or damaged may claim more."""
MOST_SMALL_BYTES = 64 << 20
"""Of the rows of a table that is read as a whole."""
FOLLOW_PAGES = 1 << 18
"""Links of chains that are checked at a time."""
CELL = np.dtype(
    [
        ("leaf", "<i8"),  # page number
        ("cell", "<i4"),  # where the cell begins in its page
        ("begin", "<i4"),  # where the payload begins in its page
        ("rowid", "<i8"),
        ("size", "<i8"),  # of the payload
        ("local", "<i8"),  # how much of it lies in the leaf
        ("first", "<i8"),  # overflow page, 0 without
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeafRows:
    """The rows of some leaves.

    Attributes:
        rows: (n,) of `CELL`.
        buffer: (b,) uint8, the leaves.
        begins: (n,) int64, where the payloads begin in the buffer.
        bad: (k,) leaves with something in them that is no row.
    """

    rows: np.ndarray
    buffer: np.ndarray
    begins: np.ndarray
    bad: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranges:
    """Where rows lie with all their pages, each a range of the file.

    In a whole database no two of them begin at the same byte.

    Attributes:
        start: (n,) int64, its first byte: that of the row's cell, or of an overflow page of it.
        length: (n,) int64.
        whole: (n,) whether the chain was followed to an end where it should be.
        near: (n,) whether the range is short enough to be read.
    """

    start: np.ndarray
    length: np.ndarray
    whole: np.ndarray
    near: np.ndarray


def leaf_rows(database: Database, leaves: np.ndarray) -> Iterator[LeafRows]:
    """The rows of leaves in their order, some leaves at a time."""
    for numbers in database.batches(leaves):
        pages = database.read(numbers)
        page, cell, listed = cell_places(pages, head_at(numbers), LEAF_HEAD)
        buffer = pages.reshape(-1)
        base = page * database.page_bytes
        size, at = varints(buffer, base + cell)
        rowid, begin = varints(buffer, at)
        local = local_bytes(size, database.usable)
        end = begin + local + np.where(local < size, 4, 0)
        fits = (size >= 0) & (end <= base + database.usable) & (begin < len(buffer))
        room = np.bincount(
            page[fits], (end - base - cell + 2)[fits], minlength=len(numbers)
        )  # cells may not share bytes: else a page could hold any number of rows
        sound = (room <= database.usable - LEAF_HEAD) & listed
        kept = fits & sound[page]
        rows = np.zeros(int(kept.sum()), CELL)
        rows["leaf"], rows["cell"] = numbers[page[kept]], cell[kept]
        rows["begin"], rows["rowid"] = (begin - base)[kept], rowid[kept]
        rows["size"], rows["local"] = size[kept], local[kept]
        long = np.flatnonzero(rows["local"] < rows["size"])
        links = buffer[(begin + local)[kept][long, None] + np.arange(4)]
        rows["first"][long] = links.view(">u4")[:, 0]
        bad = ~sound
        bad[page[~fits]] = True
        yield LeafRows(rows=rows, buffer=buffer, begins=begin[kept], bad=numbers[bad])


def local_bytes(size: np.ndarray, usable: int) -> np.ndarray:
    """How many bytes of payloads lie in the leaf itself."""
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    over = least + (size - least) % (usable - 4)
    found: np.ndarray = np.where(size <= most, size, np.where(over <= most, over, least))
    return found


def row_ranges(database: Database, rows: np.ndarray) -> Ranges:
    """The pages of rows, whose overflow pages are followed to their ends.

    Chains that follow each other page by page, as nearly all do, are checked together.
    Short chains are followed first, where all together claim more than there can be.
    """
    leaf, first = rows["leaf"], rows["first"]
    counts = -(-(rows["size"] - rows["local"]) // (database.usable - 4))
    near = counts <= MOST_RANGE_BYTES // database.page_bytes
    whole = near & ((counts == 0) | (first > 1) & (first <= database.pages))
    whole &= _within(np.where(whole, counts, 0), FOLLOWED_TIMES * database.pages)
    straight = _straight(database, first, np.where(whole, counts, 0))
    low = np.where(straight, np.minimum(leaf, first), leaf)
    high = np.where(straight, np.maximum(leaf, first + counts - 1), leaf)
    bent = np.flatnonzero(whole & ~straight & (counts > 0))
    low[bent], high[bent], whole[bent] = _followed(database, rows[bent], counts[bent])
    start = (low - 1) * database.page_bytes + np.where(low == leaf, rows["cell"], 0)
    local_end = rows["begin"] + rows["local"] + np.where(counts > 0, 4, 0)
    end = (high - 1) * database.page_bytes + np.where(high == leaf, local_end, database.page_bytes)
    length = np.where(whole, end - start, 0)
    most = RANGE_TIMES * database.size_bytes + MOST_SPARED_BYTES
    near &= (length <= MOST_RANGE_BYTES) & _within(length, most)
    return Ranges(start=start, length=length, whole=whole, near=near)


def place_text(database: Database, start: int, leaf: int, cell: int) -> str:
    """What a row's range is compressed as: page size, reserved bytes, first byte, leaf, cell."""
    return f"{SQLITE}{database.page_bytes}-{database.reserved}-{start}-{leaf}-{cell}"


def row_payload(data: bytes | memoryview, place: str) -> bytes:
    """A row out of the range of bytes that holds it, by the text that says where.

    Raises:
        UnreadableSource: the text says nothing, or the range does not hold such a row.
    """
    page_bytes, usable, start, leaf, cell = _place(place)
    page = (leaf - 1) * page_bytes - start
    size, at = varint(data, page + cell)
    _, at = varint(data, at)
    if size > len(data):
        raise UnreadableSource("a row is longer than its range", remedy=REMEDY)
    local = int(local_bytes(np.array([size]), usable)[0])
    if at + local + (4 if local < size else 0) > min(page + usable, len(data)):
        raise UnreadableSource("a row reaches over its page", remedy=REMEDY)
    if local == size:
        return bytes(data[at : at + size])
    begin = -start % page_bytes
    held = max(0, len(data) - begin) // page_bytes
    if not held:
        raise UnreadableSource("a row's pages lie outside of its range", remedy=REMEDY)
    table = np.frombuffer(data, np.uint8, held * page_bytes, begin).reshape(held, page_bytes)
    first = int.from_bytes(data[at + local : at + local + 4], "big")
    count = -(-(size - local) // (usable - 4))
    chain = _chain(table, first, count, (start + begin) // page_bytes + 1)
    rest = table[chain, 4:usable].tobytes()
    return b"".join([data[at : at + local], rest[: size - local]])


def small_table(database: Database, root: int) -> list[list[Value]]:
    """All rows of a table that is small, the row's own number in front of each.

    Rows that cannot be read are left out.

    Raises:
        UnreadableSource: it is not small.
    """
    found: list[list[Value]] = []
    held = 0
    for part in leaf_rows(database, table_leaves(database, root).pages):
        ranges = row_ranges(database, part.rows)
        usable = ranges.whole & ranges.near
        held += int(ranges.length[usable].sum())
        if held > MOST_SMALL_BYTES:
            raise UnreadableSource("a table that should be small is not", remedy=REMEDY)
        for row, start, length in zip(
            part.rows[usable], ranges.start[usable], ranges.length[usable], strict=True
        ):
            place = place_text(database, start, row["leaf"], row["cell"])
            with suppress(UnreadableSource):
                data = os.pread(database.file, length, start)
                values = record(row_payload(data, place), database.encoding)
                found.append([int(row["rowid"]), *values])
    return found


def _within(sizes: np.ndarray, most: int) -> np.ndarray:
    """Which may be had so that all together are no more than `most`: the small ones first."""
    order = np.argsort(sizes, kind="stable")
    kept = np.empty(len(sizes), bool)
    kept[order] = np.cumsum(sizes[order].astype(np.float64)) <= most
    return kept


def _straight(database: Database, first: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Which chains are pages that follow each other; those of no page are none."""
    found: np.ndarray = (counts > 0) & (first + counts - 1 <= database.pages)
    rows = np.flatnonzero(found)
    parts = np.cumsum(counts[rows]) // FOLLOW_PAGES
    for part in np.split(rows, np.flatnonzero(np.diff(parts)) + 1) if len(rows) else ():
        lengths = counts[part]
        ends = np.cumsum(lengths)
        numbers = np.arange(ends[-1]) + np.repeat(first[part] - (ends - lengths), lengths)
        following = numbers + 1
        following[ends - 1] = 0
        linked = _links(database, numbers) == following
        found[part] = np.logical_and.reduceat(linked, ends - lengths)
    return found


def _followed(
    database: Database, rows: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest and highest page of rows, one link of all chains at a time; which end well."""
    low, high, at = rows["leaf"].copy(), rows["leaf"].copy(), rows["first"].copy()
    whole, going_on = np.zeros(len(rows), bool), np.arange(len(rows))
    for step in range(int(counts.max(initial=0))):
        low[going_on] = np.minimum(low[going_on], at[going_on])
        high[going_on] = np.maximum(high[going_on], at[going_on])
        following = _links(database, at[going_on])
        last = counts[going_on] == step + 1
        whole[going_on[last & (following == 0)]] = True
        at[going_on] = following
        going_on = going_on[~last & (following > 1) & (following <= database.pages)]
        if not len(going_on):
            break
    return low, high, whole


def _links(database: Database, numbers: np.ndarray) -> np.ndarray:
    """The page that each overflow page names as the next; 0 at the end."""
    links = database.read(numbers, 4).view(">u4")[:, 0]
    return links.astype(np.int64)


def _place(text: str) -> tuple[int, int, int, int, int]:
    """Page size, usable bytes, first byte, leaf and cell of a place's text."""
    parts = text.removeprefix(SQLITE).split("-")
    if len(parts) != 5 or not all(part.isascii() and part.isdigit() for part in parts):
        raise UnreadableSource(f"{text[:80]!r} is no place of a row", remedy=REMEDY)
    page_bytes, reserved, start, leaf, cell = (int(part[:18]) for part in parts)
    if page_bytes not in PAGE_BYTES or page_bytes - reserved < SMALLEST_USABLE:
        raise UnreadableSource(f"{text[:80]!r} is no place of a row", remedy=REMEDY)
    return page_bytes, page_bytes - reserved, start, leaf, cell


def _chain(table: np.ndarray, first: int, count: int, lowest: int) -> slice | np.ndarray:
    """Where the overflow pages of a row are in its range, which begins with page `lowest`."""
    held, at = len(table), first - lowest
    if at >= 0 and at + count <= held:
        links = np.ascontiguousarray(table[at : at + count, :4]).view(">u4")[:, 0]
        following = np.arange(first + 1, first + count + 1)
        following[-1] = 0
        if (links == following).all():
            return slice(at, at + count)
    found = np.empty(min(count, held), np.int64)
    for step in range(len(found)):
        if not 0 <= at < held:
            raise UnreadableSource("a row's pages lie outside of its range", remedy=REMEDY)
        found[step] = at
        at = int.from_bytes(table[at, :4].tobytes(), "big") - lowest
    if count > held or at != -lowest:
        raise UnreadableSource("a row's pages do not end with it", remedy=REMEDY)
    return found
