from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media.compression import decompressed
from ringroad.media.tables.parquet_pages import stored_values
from ringroad.testing.mutations import mutated

WAYS = [
    {"compression": "none", "use_dictionary": False},
    {"compression": "none"},
    {"compression": "snappy"},
    {"compression": "zstd", "data_page_version": "2.0"},
    {"compression": "none", "data_page_version": "2.0", "use_dictionary": False},
    {"compression": "snappy", "dictionary_pagesize_limit": 1000, "write_batch_size": 8},
    {"compression": "snappy", "write_page_index": True, "write_page_checksum": True},
]


def values(count: int) -> list[bytes]:
    return [b"%d" % number * (1 + number % 700) for number in range(count)]


def write(path, column: list[bytes | None], *, nullable: bool = True, **how):
    kind = pa.field("a.b", pa.binary(), nullable=nullable)
    rows = pa.table([pa.array(column, pa.binary())], schema=pa.schema([kind]))
    pyarrow.parquet.write_table(rows, path, data_page_size=4000, row_group_size=150, **how)
    return path


def fetched(path) -> list[bytes]:
    """Every value by its place alone."""
    data = path.read_bytes()
    found = []
    for place, value in stored_values(path, "a.b"):
        held = data
        if place.compression:
            chunk = data[place.chunk_offset : place.chunk_offset + place.chunk_length]
            held = decompressed(chunk, place.compression)
        assert held[place.offset : place.offset + place.length] == value
        found.append(value)
    return found


@pytest.mark.parametrize("how", WAYS, ids=lambda how: "-".join(map(str, how.values())))
@pytest.mark.parametrize("nullable", [True, False])
def test_every_value_lies_where_it_is_said_to(tmp_path, how, nullable):
    whole = values(400)
    path = write(tmp_path / "a.parquet", whole, nullable=nullable, **how)
    assert fetched(path) == whole


@pytest.mark.parametrize("how", WAYS[:5], ids=lambda how: "-".join(map(str, how.values())))
def test_gaps_and_repetitions_are_no_values_of_their_own(tmp_path, how):
    column = [None, b"one", None, b"two", b"one", None, b""] * 5 + [None] * 200
    path = write(tmp_path / "a.parquet", column, **how)
    assert {*fetched(path)} == {b"one", b"two", b""}
    assert fetched(write(tmp_path / "b.parquet", [None] * 9, **how)) == []
    assert fetched(write(tmp_path / "c.parquet", [], **how)) == []


def test_what_is_not_read_says_how_it_would_be(tmp_path):
    path = write(tmp_path / "a.parquet", values(5), compression="gzip")
    with pytest.raises(UnreadableSource, match="compressed as GZIP") as raised:
        list(stored_values(path, "a.b"))
    assert "zstd" in raised.value.remedy
    with pytest.raises(UnreadableSource, match="has no column c"):
        list(stored_values(path, "c"))
    numbers = tmp_path / "n.parquet"
    pyarrow.parquet.write_table(pa.table({"a.b": [1, 2]}), numbers)
    with pytest.raises(UnreadableSource, match="no column of bytes"):
        list(stored_values(numbers, "a.b"))
    numbers.write_bytes(os.urandom(100))
    with pytest.raises(UnreadableSource, match="damaged Parquet file"):
        list(stored_values(numbers, "a.b"))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), how=st.sampled_from(WAYS))
def test_damaged_files_give_values_or_one_error(tmp_path_factory, seed, how):
    folder = tmp_path_factory.mktemp("pages")
    path = write(folder / "a.parquet", values(60), **how)
    path.write_bytes(mutated(path.read_bytes(), seed))
    try:
        found = list(stored_values(path, "a.b"))
    except UnreadableSource:
        return
    assert len(found) < 1000
