"""Pages of SQLite databases against SQLite itself; trees and chains that lead astray."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.compression import LARGEST_CHUNK, decompressed
from ringroad.media.containers.bag2_index import index_bag2, record_data
from ringroad.media.containers.mcap_index import McapIndex
from ringroad.media.sqlite.pages import opened
from ringroad.media.sqlite.records import columns, integers, record, varint, varints, with_last
from ringroad.media.sqlite.rows import (
    MOST_RANGE_BYTES,
    MOST_SPARED_BYTES,
    RANGE_TIMES,
    local_bytes,
    row_payload,
    small_table,
)

TABLES = """
    CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
        serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
    CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL,
        timestamp INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX timestamp_idx ON messages (timestamp ASC);
    INSERT INTO topics VALUES (1, '/a', 'x/msg/Y', 'cdr', ''), (2, '/ü', 'x/msg/Y', 'cdr', '');
"""
PAGE_SIZES = (512, 1024, 4096, 65536)
Row = tuple[int, int, bytes]


def write(path: Path, rows: list[Row], *, page_bytes: int = 4096, pragmas: str = "") -> None:
    with sqlite3.connect(path) as database:
        database.executescript(f"PRAGMA page_size={page_bytes}; {pragmas} {TABLES}")
        database.executemany("INSERT INTO messages VALUES (NULL, ?, ?, ?)", rows)
    database.close()


def truth(path: Path) -> list[Row]:
    database = sqlite3.connect(path)
    rows = database.execute("SELECT topic_id, timestamp, data FROM messages").fetchall()
    database.close()
    return rows


def rows_of(path: Path, index: McapIndex) -> list[Row]:
    """Every message as a reader of frames would get it: by ranges of the file."""
    data, found = path.read_bytes(), []
    for topic, messages in index.messages.items():
        columns = (messages.log_ns, messages.chunk, messages.place)
        for log_ns, chunk, place in zip(*(column.tolist() for column in columns), strict=True):
            if chunk in index.damaged:
                continue
            told = index.chunks[chunk]
            unpacked = decompressed(data[told.records : told.end], told.compression)
            begins, ends = record_data(np.frombuffer(unpacked, np.uint8), np.array([place]))
            found.append((topic, log_ns, bytes(unpacked[begins[0] : ends[0]])))
    return found


LENGTHS = st.one_of(st.integers(0, 60), st.integers(0, 5000), st.integers(0, 200_000))
TIMES = st.one_of(st.sampled_from([0, 1, -1]), st.integers(-(2**63), 2**63 - 1))


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.tuples(LENGTHS, TIMES), max_size=60),
    page_bytes=st.sampled_from(PAGE_SIZES),
    pragmas=st.sampled_from(["", "PRAGMA auto_vacuum=FULL;", "PRAGMA encoding='UTF-16';"]),
    deleted=st.lists(st.integers(1, 60), max_size=20),
    again=st.lists(LENGTHS, max_size=10),
)
def test_every_row_is_what_sqlite_reads(
    lengths: list[tuple[int, int]],
    page_bytes: int,
    pragmas: str,
    deleted: list[int],
    again: list[int],
) -> None:
    rng = np.random.default_rng(len(lengths))
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.db3")
        rows = [(1 + at % 2, time, rng.bytes(size)) for at, (size, time) in enumerate(lengths)]
        write(path, rows, page_bytes=page_bytes, pragmas=pragmas)
        with sqlite3.connect(path) as database:  # so that chains are no longer in one piece
            database.executemany("DELETE FROM messages WHERE id = ?", [(at,) for at in deleted])
            fresh = [(2, 5, rng.bytes(size)) for size in again]
            database.executemany("INSERT INTO messages VALUES (NULL, ?, ?, ?)", fresh)
        database.close()
        expected = truth(path)
        if not expected:
            with pytest.raises(UnreadableSource, match="holds no message"):
                index_bag2(path)
            return
        index = index_bag2(path)
        assert sorted(rows_of(path, index)) == sorted(expected)
        assert not index.damaged
        assert not index.cut
        assert {channel.topic for channel in index.channels.values()} == {"/a", "/ü"}
        starts = [chunk.start for chunk in index.chunks if chunk.compression]
        assert len(set(starts)) == len(starts), "frames are told apart by where their chunks begin"


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(LENGTHS, min_size=30, max_size=400),
    page_bytes=st.sampled_from(PAGE_SIZES),
    share=st.floats(0.02, 1.0),
)
def test_a_file_that_was_cut_off_gives_every_row_whose_pages_are_whole(
    lengths: list[int], page_bytes: int, share: float
) -> None:
    rng = np.random.default_rng(len(lengths))
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.db3")
        rows = [(1 + at % 2, at, rng.bytes(size)) for at, size in enumerate(lengths)]
        write(path, rows, page_bytes=page_bytes)
        whole, index = path.read_bytes(), index_bag2(path)
        size = int(len(whole) * share)
        left = size // page_bytes * page_bytes
        expected = []
        for messages in index.messages.values():
            for at, chunk, place in zip(
                messages.log_ns, messages.chunk, messages.place, strict=True
            ):
                told = index.chunks[chunk]
                end = told.end if told.compression else told.records + int(place)
                if -(-end // page_bytes) * page_bytes <= left:
                    expected.append(rows[int(at)])
        path.write_bytes(whole[:size])
        try:
            found = index_bag2(path)
        except UnreadableSource:  # not even the topics are there
            assert not expected or left < 5 * page_bytes
            return
        assert sorted(rows_of(path, found)) == sorted(expected)
        assert bool(found.cut) == (size < len(whole))


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=50))
def test_integers_of_variable_length(numbers: list[int]) -> None:
    """SQLite's own, out of the row numbers and values of a table."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.db")
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b, c)")
            database.executemany(
                "INSERT OR IGNORE INTO t VALUES (?, ?, ?)", [(n, n, f"{n}") for n in numbers]
            )
            expected = [list(row) for row in database.execute("SELECT * FROM t")]
            (root,) = database.execute("SELECT rootpage FROM sqlite_schema").fetchone()
        database.close()
        with opened(path) as found:
            rows = small_table(found, root)
        assert [[row[0], row[2], row[3]] for row in rows] == expected
        assert all(row[1] is None for row in rows)


def test_many_integers_are_those_that_are_read_alone() -> None:
    rng = np.random.default_rng(3)
    data = rng.integers(0, 256, 2000).astype(np.uint8)
    data[rng.integers(0, 2000, 500)] |= 0x80
    at = np.arange(1900)
    values, after = varints(data, at)
    for place in at.tolist():
        value, behind = varint(data.tobytes(), place)
        assert (int(values[place]) % 2**64, int(after[place])) == (value % 2**64, behind)
    with pytest.raises(UnreadableSource):
        varint(b"\x80\x80", 0)


def test_the_last_column_is_changed_and_the_others_are_not() -> None:
    payload = bytes([5, 0, 1, 6, 12 + 2 * 3]) + bytes([7]) + struct.pack(">q", 1 << 60) + b"abc"
    assert record(payload, "utf-8") == [None, 7, 1 << 60, b"abc"]
    for size in (0, 3, 57, 58, 20_000, 3_000_000):
        changed = with_last(payload, lambda last, size=size: last[:1] * size)
        assert record(changed, "utf-8") == [None, 7, 1 << 60, b"a" * size]
        buffer = np.frombuffer(changed, np.uint8)
        found = columns(buffer, np.zeros(1, np.int64), 4)
        assert found.whole.all()
        assert int(found.ends[0]) == len(changed)
        assert integers(buffer, found.begins[:, 2], found.types[:, 2]) == [1 << 60]


class Hostile:
    """A bag of which some bytes are changed."""

    def __init__(self, folder: Path, rows: list[Row]) -> None:
        self.path = folder / "hostile.db3"
        write(self.path, rows)
        self.index = index_bag2(self.path)
        self.data = bytearray(self.path.read_bytes())
        database = sqlite3.connect(self.path)
        (self.root,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'messages'"
        ).fetchone()
        database.close()

    def put(self, page: int, at: int, data: bytes) -> None:
        begin = (page - 1) * 4096 + at
        self.data[begin : begin + len(data)] = data

    def read(self) -> tuple[McapIndex, list[Row]]:
        self.path.write_bytes(self.data)
        index = index_bag2(self.path)
        return index, rows_of(self.path, index)

    def long_rows(self) -> list[tuple[int, int]]:
        """Leaf and cell of each row with overflow pages."""
        texts = [chunk.compression.split("-") for chunk in self.index.chunks if chunk.compression]
        return [(int(text[4]), int(text[5])) for text in texts]


def test_a_chain_that_runs_in_a_circle_costs_its_row(tmp_path: Path) -> None:
    rows = [(1, at, bytes([at]) * 50_000) for at in range(4)]
    bag = Hostile(tmp_path, rows)
    start = bag.index.chunks[1].start // 4096 + 1
    bag.put(start + 5, 0, struct.pack(">I", start + 3))
    index, found = bag.read()
    assert len(found) == 3
    assert set(found) < set(rows)
    assert list(index.damaged.values()) == ["1 messages have pages that are damaged or missing"]
    assert sum(len(messages.place) for messages in index.messages.values()) == 4


def test_a_tree_that_runs_in_a_circle_is_walked_once(tmp_path: Path) -> None:
    bag = Hostile(tmp_path, [(1, at, bytes(1000)) for at in range(400)])
    assert bag.data[(bag.root - 1) * 4096] == 5, "its root is above other pages"
    bag.put(bag.root, 8, struct.pack(">I", bag.root))
    index, found = bag.read()
    assert 390 < len(found) <= 400
    assert index.damaged


def test_cells_that_share_bytes_are_refused(tmp_path: Path) -> None:
    bag = Hostile(tmp_path, [(1, at, bytes(100)) for at in range(20)])
    first = bag.data[(bag.root - 1) * 4096 + 8 :][:2]
    bag.put(bag.root, 3, struct.pack(">H", 600))
    bag.put(bag.root, 8, bytes(first) * 600)
    bag.path.write_bytes(bag.data)
    with pytest.raises(UnreadableSource, match="holds no message"):
        index_bag2(bag.path)


def test_rows_that_claim_more_than_the_file_holds_are_not_followed(tmp_path: Path) -> None:
    rows = [(1, 1000 + at, bytes([at % 251]) * 60_000) for at in range(300)]
    bag = Hostile(tmp_path, rows)
    longer = 230 * (4096 - 4)  # so that as much of it lies in its leaf as before
    for leaf, cell in bag.long_rows()[1:]:
        begin = (leaf - 1) * 4096 + cell
        size, at = varint(bag.data, begin)
        at = varint(bag.data, at)[1] + 4  # behind the kinds of the header, to that of the data
        kind, _ = varint(bag.data, at)
        assert kind == 12 + 2 * 60_000
        for place, value in ((begin, size + longer), (at, kind + 2 * longer)):
            parts = [value >> 14 | 0x80, value >> 7 & 0x7F | 0x80, value & 0x7F]
            bag.data[place : place + 3] = bytes(parts)
    index, found = bag.read()
    assert found == rows[:1]
    assert list(index.damaged.values()) == ["299 messages have pages that are damaged or missing"]


def test_chains_that_many_rows_share_are_read_a_bounded_number_of_times(tmp_path: Path) -> None:
    rows = [(1, at, bytes([at % 251]) * 3_000_000) for at in range(100)]
    bag = Hostile(tmp_path, rows)
    first = bag.index.chunks[1].start // 4096 + 1
    for leaf, cell in bag.long_rows():
        size, at = varint(bag.data, (leaf - 1) * 4096 + cell)
        at = varint(bag.data, at)[1]
        local = int(local_bytes(np.array([size]), 4096)[0])
        bag.data[at + local : at + local + 4] = struct.pack(">I", first)
    bag.path.write_bytes(bag.data)
    index = index_bag2(bag.path)
    read = sum(chunk.length for chunk in index.chunks if chunk.compression)
    assert read <= RANGE_TIMES * len(bag.data) + MOST_SPARED_BYTES
    assert max(chunk.length for chunk in index.chunks) <= MOST_RANGE_BYTES
    assert any("64 MiB apart" in why for why in index.damaged.values())


def test_rows_whose_pages_lie_far_apart_are_told_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "far.db3"
    write(path, [(1, 0, bytes(40_000)), (1, 1, bytes(MOST_RANGE_BYTES + 100_000))])
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM messages WHERE timestamp = 0")
        database.execute("INSERT INTO messages VALUES (NULL, 1, 2, ?)", [b"b" * 60_000])
    database.close()
    index = index_bag2(path)
    assert [log_ns for _, log_ns, _ in rows_of(path, index)] == []
    (why,) = index.damaged.values()
    assert why.startswith("2 messages")
    assert "VACUUM INTO" in why
    packed = tmp_path / "packed.db3"
    database = sqlite3.connect(path)
    database.execute(f"VACUUM INTO '{packed}'")
    database.close()
    assert [log_ns for _, log_ns, _ in rows_of(packed, index_bag2(packed))] == [2]


def test_a_file_of_holes_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "holes.db3"
    write(path, [(1, 0, b"")])
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(UnreadableSource, match="pages"):
        index_bag2(path)


@pytest.mark.parametrize(
    "text",
    ["sqlite-", "sqlite-4096-0-0-1", "sqlite-4096-0-0-1-x", "sqlite-100-0-0-1-8",
     "sqlite-4096-4000-0-1-8", "sqlite-4096-0-0-1-99999999", "sqlite-4096-0-4096-1-8",
     "sqlite-4096-0-0-1-8+zstd", "sqlite-4096-0-0-1-8+lz5"],
)  # fmt: skip
def test_places_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(UnreadableSource):
        decompressed(bytes(8192), text)


@given(st.binary(max_size=3000), st.integers(0, 600), st.integers(0, 3))
def test_any_bytes_are_a_row_or_refused(data: bytes, cell: int, leaf: int) -> None:
    try:
        payload = row_payload(data, f"sqlite-512-0-0-{leaf}-{cell}")
    except UnreadableSource:
        return
    assert len(payload) <= len(data) < LARGEST_CHUNK
