"""Ranges read together give the bytes that ranges read alone give, in fewer reads."""

from __future__ import annotations

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import DigestMismatch
from ringroad.domain.ids import Digest
from ringroad.media.ranges import GAP_BYTES, Range, read_together

DATA = bytes(number * 7 % 251 for number in range(200_000))
SOURCE = Digest("0" * 64)


class Counting:
    """Bytes in memory that count how they are read."""

    def __init__(self) -> None:
        self.reads: list[tuple[int, int]] = []

    def read_range(
        self, source: Digest, offset: int, length: int, *, xxh3: int | None = None
    ) -> bytes:
        assert source == SOURCE
        self.reads.append((offset, length))
        data = DATA[offset : offset + length]
        assert xxh3 is None or xxhash.xxh3_64_intdigest(data) == xxh3
        return data

    def location(self, source: Digest) -> None:
        """Nowhere."""


def range_of(offset: int, length: int) -> Range:
    return offset, length, xxhash.xxh3_64_intdigest(DATA[offset : offset + length])


@given(st.lists(st.tuples(st.integers(0, 190_000), st.integers(0, 9_000)), min_size=1, max_size=20))
def test_every_range_comes_back_in_its_place(asked: list[tuple[int, int]]) -> None:
    sources = Counting()
    found = read_together(sources, SOURCE, [range_of(*one) for one in asked])
    assert found == [DATA[offset : offset + length] for offset, length in asked]
    assert len(sources.reads) <= len(asked)


def test_neighbours_take_one_read_and_strangers_two() -> None:
    sources = Counting()
    read_together(sources, SOURCE, [range_of(200, 100), range_of(0, 100), range_of(100, 100)])
    assert sources.reads == [(0, 300)]
    read_together(sources, SOURCE, [range_of(0, 10), range_of(10 + GAP_BYTES + 1, 10)])
    assert len(sources.reads) == 3


def test_other_bytes_than_those_indexed_are_named() -> None:
    with pytest.raises(DigestMismatch, match="bytes 10 to 20"):
        read_together(Counting(), SOURCE, [range_of(0, 10), (10, 10, 1)])
