from __future__ import annotations

import lz4.frame
import pyarrow as pa
import pytest
import xxhash
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ringroad.domain.errors import UnreadableSource
from ringroad.media import compression
from ringroad.media.compression import decompressed


def packed(data: bytes, kind: str) -> bytes:
    """`zstd_stream` is zstd that does not say how large it will be."""
    if kind == "lz4":
        whole: bytes = lz4.frame.compress(data)
        return whole
    if kind == "snappy":
        block: bytes = pa.Codec("snappy").compress(data, asbytes=True)
        return block
    return zstandard.ZstdCompressor(write_content_size=kind == "zstd").compress(data)


KINDS = ["lz4", "snappy", "zstd", "zstd_stream"]


@given(data=st.binary(max_size=3000), kind=st.sampled_from(KINDS))
def test_bytes_come_back(data, kind):
    name = kind.removesuffix("_stream")
    assert decompressed(packed(data, kind), name) == data
    assert decompressed(memoryview(packed(data, kind)), name) == data
    assert decompressed(data, "") == data


@pytest.mark.parametrize("kind", KINDS)
def test_a_chunk_that_unpacks_to_too_much_is_refused(kind, monkeypatch):
    monkeypatch.setattr(compression, "LARGEST_CHUNK", 1 << 20)
    name = kind.removesuffix("_stream")
    assert len(decompressed(packed(bytes(1 << 20), kind), name)) == 1 << 20
    with pytest.raises(UnreadableSource, match="unpacks to more than 1 MiB") as raised:
        decompressed(packed(bytes(64 << 20), kind), name)
    assert raised.value.remedy


@pytest.mark.parametrize("name", ["lz4", "zstd"])
def test_a_damaged_chunk_is_refused(name):
    data = bytearray(packed(b"a road, a ring and a road" * 50, name))
    data[:4] = b"\0\0\0\0"
    with pytest.raises(UnreadableSource, match="damaged"):
        decompressed(bytes(data), name)


def test_an_unknown_compression_is_named():
    with pytest.raises(UnreadableSource, match="'br'"):
        decompressed(b"", "br")


def test_a_chunk_that_lies_about_its_size_is_refused():
    claims = (5 << 20).to_bytes(4, "little"), (70_000).to_bytes(4, "little")
    liar = packed(bytes(5 << 20), "zstd").replace(*claims, 1)
    with pytest.raises(UnreadableSource, match="damaged"):
        decompressed(liar, "zstd")
    frame = bytearray(packed(bytes(5 << 20), "lz4"))
    frame[6:14] = (70_000).to_bytes(8, "little")
    frame[14] = xxhash.xxh32_intdigest(bytes(frame[4:14])) >> 8 & 255  # of the header
    with pytest.raises(UnreadableSource, match="damaged"):
        decompressed(bytes(frame), "lz4")
