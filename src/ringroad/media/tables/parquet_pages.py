"""Where the values of a column of bytes lie in a Parquet file, without copying them out.

A value is found in its page as it is stored: plain values in the file itself, compressed ones in
a chunk around them. Formats after the Apache Parquet specification (`parquet.thrift`), headers in
Thrift's compact protocol. The bytes are untrusted: call it inside a sandbox.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet

from ringroad.domain.errors import UnreadableSource
from ringroad.media.compression import decompressed

COMPRESSIONS = {"UNCOMPRESSED": "", "SNAPPY": "snappy", "ZSTD": "zstd"}
"""What Parquet calls a compression -> what we do."""
MOST_HEADER = 64 << 10
MOST_PAGE = 64 << 20
MOST_VALUES = 1_000_000
DATA, DICTIONARY, DATA_V2 = 0, 2, 3
"""Kinds of pages that hold values."""
PLAIN = 0
LENGTH = struct.Struct("<I")
REMEDY = "write the file again with pyarrow.parquet.write_table, whose defaults are read"
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Stored:
    """Where one value lies.

    Attributes:
        chunk_offset: of the compressed page in the file; -1 where the value lies plain.
        chunk_length: of that page.
        compression: of that page; empty where the value lies plain.
        offset: of the value in the page once unpacked, or in the file.
        length: of the value.
    """

    chunk_offset: int
    chunk_length: int
    compression: str
    offset: int
    length: int


def stored_values(path: Path, column: str) -> Iterator[tuple[Stored, bytes]]:
    """Every value of a column of bytes that some page spells out, in the order of the file.

    Those of a dictionary come once, however many rows name them; rows that name them are not
    told. So a row's place is found by its content.

    Raises:
        UnreadableSource: no Parquet file, a damaged one, or one whose pages are not read.
    """
    try:
        yield from _values(path, column)
    except (pa.ArrowException, OSError, ValueError, struct.error, IndexError) as error:
        first = str(error).partition("\n")[0][:200]
        raise UnreadableSource(f"damaged Parquet file: {first}", remedy=REMEDY) from error


def _values(path: Path, column: str) -> Iterator[tuple[Stored, bytes]]:
    metadata = pyarrow.parquet.read_metadata(path)
    names = {metadata.schema.column(at).path: at for at in range(metadata.num_columns)}
    if column not in names:
        raise UnreadableSource(f"has no column {column}", remedy=f"it has {', '.join(names)[:400]}")
    place = names[column]
    kind = metadata.schema.column(place)
    if kind.physical_type != "BYTE_ARRAY" or kind.max_repetition_level:
        raise UnreadableSource(f"{column} is no column of bytes", remedy=REMEDY)
    found = 0
    with path.open("rb") as file:
        for group in range(metadata.num_row_groups):
            chunk = metadata.row_group(group).column(place)
            if not chunk.num_values:  # its offsets say nothing
                continue
            if chunk.compression not in COMPRESSIONS:
                raise UnreadableSource(
                    f"{column} is compressed as {chunk.compression}",
                    remedy="write it again with compression='zstd', 'snappy' or 'none'",
                )
            for value in _pages(file, chunk, optional=bool(kind.max_definition_level)):
                found += 1
                if found > MOST_VALUES:
                    raise UnreadableSource(f"{column} has more than {MOST_VALUES} values")
                yield value


def _pages(file: BinaryIO, chunk: Any, *, optional: bool) -> Iterator[tuple[Stored, bytes]]:
    at = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        at = min(at, chunk.dictionary_page_offset)
    end = at + chunk.total_compressed_size
    compression = COMPRESSIONS[chunk.compression]
    while at < end:
        file.seek(at)
        fields, header_bytes = _header(file.read(MOST_HEADER))
        length, at = _whole(fields, 3), at + header_bytes
        if not 0 <= length <= MOST_PAGE or _whole(fields, 2) > MOST_PAGE or at + length > end:
            raise UnreadableSource(f"a page claims {length} bytes", remedy=REMEDY)
        file.seek(at)
        yield from _page(file.read(length), at, fields, compression, optional=optional)
        at += length


def _page(
    data: bytes, at: int, fields: dict[int, Any], compression: str, *, optional: bool
) -> Iterator[tuple[Stored, bytes]]:
    """The values that one page spells out."""
    kind = _whole(fields, 1)
    detail = fields.get({DATA: 5, DICTIONARY: 7, DATA_V2: 8}.get(kind, 0), {})
    encoding = _whole(detail, 4 if kind == DATA_V2 else 2) if detail else -1
    plain = encoding == PLAIN or (kind == DICTIONARY and encoding == 2)
    if not detail or not plain:
        return
    skip = 0
    if kind == DATA_V2:  # levels stand in front, never compressed
        skip = _whole(detail, 5) + _whole(detail, 6)
        compression = compression if detail.get(7, True) else ""
        if not 0 <= skip <= len(data):
            raise UnreadableSource("levels of a page are longer than it", remedy=REMEDY)
    packed = memoryview(data)[skip:]
    body = bytes(decompressed(packed, compression)) if packed else b""
    start = 4 + LENGTH.unpack_from(body)[0] if kind == DATA and optional else 0
    nulls = _whole(detail, 2) if kind == DATA_V2 else 0
    most = None if kind == DATA and optional else _whole(detail, 1) - nulls
    for offset, length in _spelled(body, start, most):
        value = body[offset : offset + length]
        if compression:
            yield Stored(at + skip, len(packed), compression, offset, length), value
        else:
            yield Stored(-1, 0, "", at + skip + offset, length), value


def _spelled(body: bytes, at: int, most: int | None) -> Iterator[tuple[int, int]]:
    """Offset and length of plain values, each behind its length; to the end without `most`."""
    left = most
    while at < len(body) if left is None else left > 0:
        (length,) = LENGTH.unpack_from(body, at)
        at += LENGTH.size
        if at + length > len(body):
            raise UnreadableSource("a value ends behind its page", remedy=REMEDY)
        yield at, length
        at += length
        left = None if left is None else left - 1


def _whole(fields: dict[int, Any], number: int) -> int:
    value = fields.get(number)
    if type(value) is not int:
        raise UnreadableSource(f"a page's header lacks its field {number}", remedy=REMEDY)
    return value


def _header(data: bytes) -> tuple[dict[int, Any], int]:
    """A struct of Thrift's compact protocol by field numbers, and its length in bytes."""
    cursor = _Cursor(data)
    return cursor.struct(0), cursor.at


class _Cursor:
    """Reads one value after the other; IndexError at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def struct(self, depth: int) -> dict[int, Any]:
        if depth > _DEEPEST:
            raise UnreadableSource("a page's header nests too deep", remedy=REMEDY)
        found: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._zigzag()
            found[number] = self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind == 12:
            return self.struct(depth + 1)
        readers: dict[int, Callable[[], Any]] = {
            1: lambda: True,
            2: lambda: False,
            3: self._byte,
            4: self._zigzag,
            5: self._zigzag,
            6: self._zigzag,
            7: lambda: self._skip(8),
            8: lambda: self._skip(self._varint()),
        }
        if kind not in readers:
            raise UnreadableSource(f"a page's header has a field of kind {kind}", remedy=REMEDY)
        return readers[kind]()

    def _byte(self) -> int:
        byte = self.data[self.at]
        self.at += 1
        return byte

    def _varint(self) -> int:
        value = 0
        for place in range(10):
            byte = self._byte()
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                return value
        raise UnreadableSource("a number in a page's header does not end", remedy=REMEDY)

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, length: int) -> None:
        if self.at + length > len(self.data):
            raise IndexError(f"a page's header is longer than {len(self.data)} bytes")
        self.at += length
