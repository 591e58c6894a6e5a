"""Rows of SQLite tables as they are stored: integers of variable length, and where columns lie.

Many rows at once, in numpy; the small tables of a database one by one. `rows.py` finds the
rows. Format: sqlite.org/fileformat.html, "Record Format".
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UnreadableSource

REMEDY = "copy it again from its origin; what is whole was kept"
INTEGER_BYTES = (1, 2, 3, 4, 6, 8)
"""Of the serial types 1 to 6, big-endian with a sign; types 8 and 9 are the numbers 0 and 1."""
TYPE_BYTES = np.array([0, *INTEGER_BYTES, 8, 0, 0, -1, -1], np.int64)
"""Serial type -> bytes of the value; 10 and 11 are never written. From 12 on see `_bytes_of`."""
BLOB = 12
"""Even types from here on are bytes, odd ones text."""
MOST_BYTES = 1 << 40
"""A value that claims more is cut to this, so that sums of lengths stay within 64 bits."""
MOST_COLUMNS = 2000

Value = int | float | bytes | str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """The columns of n rows.

    Attributes:
        types: (n, c) int64 serial types.
        begins: (n, c) int64, where each value begins in the buffer.
        ends: (n,) int64, behind the last value.
        whole: (n,) whether the row's header has just so many columns.
    """

    types: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    whole: np.ndarray


def varints(buffer: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integers of one to nine bytes, the highest first, and the places behind them.

    Seven bits a byte, eight of the ninth; those that reach over the buffer's end are wrong.
    """
    first = buffer.take(at, mode="clip")
    values = (first & 0x7F).astype(np.int64)
    after = at + 1
    going_on = np.flatnonzero(first & 0x80)
    for place in range(1, 9):
        if not len(going_on):
            break
        byte = buffer.take(after[going_on], mode="clip").astype(np.int64)
        shift, mask = (7, 0x7F) if place < 8 else (8, 0xFF)
        values[going_on] = values[going_on] << shift | byte & mask
        after[going_on] += 1
        going_on = going_on[byte >= 0x80]
    return values, after


def columns(buffer: np.ndarray, begins: np.ndarray, count: int) -> Columns:
    """Where the `count` columns of rows lie whose records begin at `begins`."""
    header, at = varints(buffer, begins)
    place = begins + np.clip(header, 0, MOST_BYTES)
    types, places = (np.empty((len(begins), count), np.int64) for _ in range(2))
    whole = header > 0
    for column in range(count):
        types[:, column], at = varints(buffer, at)
        length = _bytes_of(types[:, column])
        whole &= length >= 0
        places[:, column] = place
        place = place + np.maximum(length, 0)
    return Columns(types=types, begins=places, ends=place, whole=whole & (at == begins + header))


def is_integer(types: np.ndarray) -> np.ndarray:
    """Which serial types are whole numbers."""
    found: np.ndarray = np.isin(types, [1, 2, 3, 4, 5, 6, 8, 9])
    return found


def is_blob(types: np.ndarray) -> np.ndarray:
    """Which serial types are bytes."""
    found: np.ndarray = (types >= BLOB) & (types % 2 == 0)
    return found


def integers(buffer: np.ndarray, at: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Whole numbers of the given serial types, as int64; 0 where a type is none."""
    values: np.ndarray = np.where(types == 9, 1, 0)
    for kind, width in enumerate(INTEGER_BYTES, start=1):
        rows = np.flatnonzero(types == kind)
        if not len(rows):
            continue
        raw = buffer.take(at[rows, None] + np.arange(width), mode="clip")
        number = raw[:, 0].astype(np.int8).astype(np.int64)
        for place in range(1, width):
            number = number << 8 | raw[:, place]
        values[rows] = number
    return values


def varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """One integer without its sign, and the place behind it. Raises UnreadableSource."""
    value = 0
    for place in range(9):
        if not 0 <= at + place < len(data):
            raise UnreadableSource("a row reaches over its page", remedy=REMEDY)
        byte = data[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at + place + 1


def last_column(head: bytes) -> tuple[int, int]:
    """Where the last column of a row begins and ends, by its header, with which `head` begins.

    Raises:
        UnreadableSource: it does not hold all of the header.
    """
    types, body = _header(head)
    lengths = [_length(kind) for kind in types]
    return body + sum(lengths[:-1]), body + sum(lengths)


def record(payload: bytes, encoding: str) -> list[Value]:
    """The values of one row; text is in the database's encoding. Raises UnreadableSource."""
    types, at = _header(payload)
    found: list[Value] = []
    for kind in types:
        length = _length(kind)
        if at + length > len(payload):
            raise UnreadableSource("a row is shorter than it says", remedy=REMEDY)
        found.append(_value(kind, payload[at : at + length], encoding))
        at += length
    return found


def with_last(payload: bytes, change: Callable[[bytes], bytes | memoryview]) -> bytes:
    """The row with its last column, which holds bytes, changed. Raises UnreadableSource."""
    types, body = _header(payload)
    length = (types[-1] - BLOB) // 2 if types and types[-1] % 2 == 0 else -1
    if not 0 <= length <= len(payload) - body:
        raise UnreadableSource("a row does not end in bytes", remedy=REMEDY)
    changed = change(payload[len(payload) - length :])
    told = b"".join(_written(kind) for kind in (*types[:-1], BLOB + 2 * len(changed)))
    own = 1 if len(told) + 1 < 0x80 else 2
    return b"".join(
        [_written(len(told) + own), told, payload[body : len(payload) - length], changed]
    )


def _header(payload: bytes) -> tuple[list[int], int]:
    """Serial types of a row, and where its values begin."""
    body, at = varint(payload, 0)
    if not at <= body <= len(payload):
        raise UnreadableSource("a row's header is longer than the row", remedy=REMEDY)
    types: list[int] = []
    while at < body and len(types) < MOST_COLUMNS:
        kind, at = varint(payload, at)
        types.append(min(kind, MOST_BYTES))
    if at != body:
        raise UnreadableSource("a row's header does not end where it says", remedy=REMEDY)
    return types, body


def _length(kind: int) -> int:
    """Bytes of a value by its serial type. Raises UnreadableSource."""
    if kind in {10, 11}:
        raise UnreadableSource("a row holds a value of no kind", remedy=REMEDY)
    return (kind - BLOB) // 2 if kind >= BLOB else int(TYPE_BYTES[kind])


def _bytes_of(types: np.ndarray) -> np.ndarray:
    """Bytes of values by their serial types; -1 for one that is never written."""
    known = TYPE_BYTES.take(types, mode="clip")
    long = np.minimum((types - BLOB) >> 1, MOST_BYTES)
    found: np.ndarray = np.where(types >= BLOB, long, np.where(types < 0, -1, known))
    return found


def _value(kind: int, data: bytes, encoding: str) -> Value:
    if kind == 0:
        return None
    if kind == 7:
        number: float = struct.unpack(">d", data)[0]
        return number
    if kind < BLOB:
        return kind - 8 if kind in {8, 9} else int.from_bytes(data, "big", signed=True)
    return data if kind % 2 == 0 else data.decode(encoding, errors="replace")


def _written(value: int) -> bytes:
    """An integer below 2**56, of which our rows have no other, as it is stored."""
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))
