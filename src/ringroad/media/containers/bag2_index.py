"""ROS 2 bags in SQLite: their topics, and where each message lies, without running any SQL.

The result is an `McapIndex`. Messages that lie in one page are in plain chunks: stretches of the
file. Each longer one is a chunk by itself, whose compression says where its row lies in a range of
pages (`media/sqlite`); so is each that the recorder compressed. A place is that of the row's
record, in a chunk as it is unpacked. Tables after rosbag2's default storage plugin, which has had
the same columns of messages since the first version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.containers.mcap_index import Chunk, McapChannel, McapIndex, Messages
from ringroad.media.sqlite.pages import Database, opened, stray_leaves, table_leaves
from ringroad.media.sqlite.records import (
    REMEDY,
    Value,
    columns,
    integers,
    is_blob,
    is_integer,
    last_column,
)
from ringroad.media.sqlite.rows import (
    CELL,
    MOST_RANGE_BYTES,
    LeafRows,
    leaf_rows,
    place_text,
    row_ranges,
    small_table,
)

ROS2 = "ros2-bag"
MESSAGE_COLUMNS = ("id", "topic_id", "timestamp", "data")
TOPIC, TIME, DATA = 1, 2, 3
SCHEMA_PAGE = 1
MOST_HEADER_BYTES = 9 * (1 + len(MESSAGE_COLUMNS))
STRETCH_BYTES = 64 << 20
"""Of the file, in one plain chunk."""
ZSTD = "+zstd"
"""Behind a row's place: its message is compressed."""
ZSTD_MAGIC = 0x28B52FFD
"""No CDR message begins with these four bytes."""
LOGS = {
    "-wal": "to take them in, run: sqlite3 {name} 'PRAGMA wal_checkpoint(TRUNCATE)'",
    "-journal": "to undo what it had begun, run: sqlite3 {name} 'PRAGMA user_version'",
}
"""What a recorder that was not closed leaves beside its database -> what to do."""
ROW = np.dtype([*CELL.descr, ("topic", "<i8"), ("time_ns", "<i8"), ("packed", "?")])
BROKEN = "messages have pages that are damaged or missing"
SCATTERED = (
    f"messages have pages more than {MOST_RANGE_BYTES >> 20} MiB apart; "
    "put them together with: sqlite3 BAG.db3 \"VACUUM INTO 'NEW.db3'\""
)


@dataclass(slots=True)
class _Found:
    """What was met so far."""

    parts: list[np.ndarray] = field(default_factory=lambda: [np.empty(0, ROW)])
    bad: list[int] = field(default_factory=list)
    """Pages with something in them that cannot be read."""


def index_bag2(path: Path) -> McapIndex:
    """Index one SQLite file of a bag.

    Raises:
        UnreadableSource: it is none, or holds no message that can be found.
    """
    with opened(path) as database:
        root_of = _tables(database, str(path))
        topics = _topics(small_table(database, root_of["topics"]))
        rows, bad = _messages(database, root_of["messages"], topics)
        index = _indexed(database, rows, topics, bad)
    if not index.messages:
        why = "; ".join(part for part in (index.cut, unclosed(path)) if part)
        raise UnreadableSource(
            f"holds no message{': ' + why if why else ''}", subject=str(path), remedy=REMEDY
        )
    return index


def unclosed(path: Path) -> str:
    """What beside a database tells that its recorder did not close it; empty without."""
    for suffix, remedy in LOGS.items():
        log = path.with_name(path.name + suffix)
        if log.is_file() and (size := log.stat().st_size):
            told = f"it was not closed: {log.name} holds {size} bytes that are not read"
            return f"{told}; {remedy.format(name=path.name)}"
    return ""


def record_data(buffer: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end of each message's data, given where its row's record begins.

    Raises:
        UnreadableSource: a record does not fit into its chunk.
    """
    if len(begins) and not 0 <= begins.min() <= begins.max() < len(buffer):
        raise UnreadableSource("its index points outside of a chunk", remedy=REMEDY)
    if len(begins) == 1:  # a long message, alone in its chunk
        begin = int(begins[0])
        data, end = last_column(buffer[begin : begin + MOST_HEADER_BYTES].tobytes())
        if begin + end > len(buffer):
            raise UnreadableSource("a message does not fit into its chunk", remedy=REMEDY)
        return begins + data, begins + end
    found = columns(buffer, begins, len(MESSAGE_COLUMNS))
    if (~found.whole | (found.ends > len(buffer))).any():
        raise UnreadableSource("a message does not fit into its chunk", remedy=REMEDY)
    return found.begins[:, DATA], found.ends


def _tables(database: Database, subject: str) -> dict[str, int]:
    """Root pages of the tables of topics and messages."""
    roots: dict[str, int] = {}
    for _, *told in small_table(database, SCHEMA_PAGE):
        if len(told) != 5 or told[0] != "table":
            continue
        name, root, sql = told[1], told[3], told[4]
        if name == "messages" and _named(sql) != MESSAGE_COLUMNS:
            raise UnreadableSource(
                f"its messages have other columns than {', '.join(MESSAGE_COLUMNS)}",
                subject=subject,
                remedy="convert the bag with: ros2 bag convert",
            )
        if isinstance(name, str) and isinstance(root, int):
            roots[name] = root
    if not {"topics", "messages"} <= roots.keys():
        tables = ", ".join(sorted(roots)[:5]) or "none"
        why = unclosed(Path(subject)) or database.cut
        raise UnreadableSource(
            f"has no tables of topics and messages (it has: {tables}){'; ' + why if why else ''}",
            subject=subject,
            remedy="name a bag of rosbag2",
        )
    return roots


def _named(sql: Value) -> tuple[str, ...]:
    """The columns' names in a `CREATE TABLE` that uses no brackets within."""
    inside = re.search(r"\(([^()]*)\)\s*$", sql) if isinstance(sql, str) else None
    parts = inside[1].split(",") if inside else []
    return tuple(part.split()[0].strip("\"'`[]").lower() for part in parts if part.split())


def _topics(table: list[list[Value]]) -> dict[int, McapChannel]:
    """Channels by the number of their topic."""
    found = {}
    for number, *told in table:
        if isinstance(number, int) and len(told) > 3:
            topic, kind, encoding = (str(value or "") for value in told[1:4])
            found[number] = McapChannel(topic=topic, kind=kind, encoding=encoding)
    return dict(sorted(found.items()))


def _messages(
    database: Database, root: int, topics: dict[int, McapChannel]
) -> tuple[np.ndarray, list[int]]:
    """All rows, as `ROW`, by their numbers; and pages with something in them that is none.

    Of a file that was cut off, pages that look like this table's and that nothing names any more
    are taken where every row in them is a message of a known topic.
    """
    found = _Found()
    leaves = table_leaves(database, root)
    found.bad += leaves.bad.tolist()
    if leaves.missing and not database.cut:
        found.bad.append(root)
    for part in leaf_rows(database, leaves.pages):
        rows, whole = _parsed(part)
        found.parts.append(rows[whole])
        found.bad += [*part.bad.tolist(), *rows["leaf"][~whole].tolist()]
    if database.cut or len(leaves.bad) or leaves.missing:
        for part in leaf_rows(database, stray_leaves(database, leaves)):
            rows, whole = _parsed(part)
            whole &= np.isin(rows["topic"], [*topics])
            foreign = np.concatenate([part.bad, rows["leaf"][~whole]])
            found.parts.append(rows[~np.isin(rows["leaf"], foreign)])
    rows = np.concatenate(found.parts)
    if (np.diff(rows["rowid"]) <= 0).any():
        rows = rows[np.unique(rows["rowid"], return_index=True)[1]]
    return rows, sorted(set(found.bad))


def _parsed(part: LeafRows) -> tuple[np.ndarray, np.ndarray]:
    """Rows of leaves as messages, and which of them are whole."""
    rows = np.zeros(len(part.rows), ROW)
    for name in CELL.names or ():
        rows[name] = part.rows[name]
    told = columns(part.buffer, part.begins, len(MESSAGE_COLUMNS))
    whole = told.whole & (told.ends - part.begins == rows["size"]) & is_blob(told.types[:, DATA])
    whole &= is_integer(told.types[:, TOPIC]) & is_integer(told.types[:, TIME])
    whole &= told.begins[:, DATA] <= part.begins + rows["local"]
    rows["topic"], rows["time_ns"] = (
        integers(part.buffer, told.begins[:, at], told.types[:, at]) for at in (TOPIC, TIME)
    )
    magic = part.buffer.take(told.begins[:, DATA, None] + np.arange(4), mode="clip")
    rows["packed"] = magic.view(">u4")[:, 0] == ZSTD_MAGIC
    return rows, whole


def _indexed(
    database: Database, rows: np.ndarray, topics: dict[int, McapChannel], bad: list[int]
) -> McapIndex:
    """Rows as chunks and messages; those that cannot be read stay known and are told."""
    begins = (rows["leaf"] - 1) * database.page_bytes + rows["begin"]
    own = (rows["first"] > 0) | rows["packed"]
    stretches = np.unique(begins[~own] // STRETCH_BYTES)
    chunks = [_stretch(database, int(number) * STRETCH_BYTES) for number in stretches]
    chunk = np.searchsorted(stretches, begins // STRETCH_BYTES)
    chunk[own], damaged = _own_chunks(database, rows[own], chunks)
    if bad:
        why = f"{len(bad)} pages hold or name something else than messages"
        damaged[_lost(database, bad[0], chunks)] = why
    return McapIndex(
        channels=topics,
        chunks=tuple(chunks),
        messages=_by_topic(
            rows["topic"], rows["time_ns"], chunk, np.where(own, 0, begins % STRETCH_BYTES)
        ),
        cut=database.cut,
        damaged=damaged,
        wire=ROS2,
    )


def _own_chunks(
    database: Database, rows: np.ndarray, chunks: list[Chunk]
) -> tuple[np.ndarray, dict[int, str]]:
    """A chunk for each row, behind those there are; and what is wrong with some of them.

    Rows that cannot be read share a chunk, so that there is one reason for all of them.
    """
    ranges = row_ranges(database, rows)
    usable = ranges.whole & ranges.near
    numbers = np.zeros(len(rows), np.int64)
    numbers[usable] = len(chunks) + np.arange(int(usable.sum()))
    told = (ranges.start, ranges.length, rows["leaf"], rows["cell"], rows["packed"])
    for start, length, leaf, cell, packed in zip(
        *(column[usable].tolist() for column in told), strict=True
    ):
        place = place_text(database, start, leaf, cell) + (ZSTD if packed else "")
        chunks.append(_chunk(start, length, place))
    damaged: dict[int, str] = {}
    for lost, why in ((ranges.near & ~ranges.whole, BROKEN), (~ranges.near, SCATTERED)):
        if lost.any():
            numbers[lost] = number = _lost(database, int(rows["leaf"][lost][0]), chunks)
            damaged[number] = f"{int(lost.sum())} {why}"
    return numbers, damaged


def _by_topic(
    topic: np.ndarray, time_ns: np.ndarray, chunk: np.ndarray, place: np.ndarray
) -> dict[int, Messages]:
    order = np.lexsort((chunk, topic))  # stable: rows of a chunk keep their order
    ends = np.flatnonzero(np.diff(topic[order])) + 1
    return {
        int(topic[rows[0]]): Messages(log_ns=time_ns[rows], chunk=chunk[rows], place=place[rows])
        for rows in np.split(order, ends)
        if len(rows)
    }


def _lost(database: Database, page: int, chunks: list[Chunk]) -> int:
    """A chunk that stands for what cannot be read, with the first page of that; its number."""
    chunks.append(_chunk((page - 1) * database.page_bytes, database.page_bytes, ""))
    return len(chunks) - 1


def _stretch(database: Database, start: int) -> Chunk:
    whole = database.pages * database.page_bytes
    return _chunk(start, min(STRETCH_BYTES, whole - start), "")


def _chunk(start: int, length: int, compression: str) -> Chunk:
    return Chunk(
        start=start,
        records=start,
        length=length,
        compression=compression,
        first_ns=0,
        last_ns=0,
    )
