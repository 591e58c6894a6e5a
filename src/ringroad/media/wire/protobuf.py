"""Protobuf messages by the thousand: the fields of all messages, one place at a time, in numpy.

Nothing is made per message; `fields_of` reads a single one. Bytes lie in one piece, so that
payloads are found and not copied. Untrusted: every length is checked before it is followed, and a
message of more than `MOST_FIELDS` fields is refused. Format:
protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.message import Batch

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types; groups, 3 and 4, went out of use before there was MCAP."""
SIZES = {FIXED64: 8, FIXED32: 4}
MOST_FIELDS = 1024
MOST_VARINT_BYTES = 10
REMEDY = "copy the file again from its origin, or record it again"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Occurrences:
    """Where a field stands in messages, as often as it does, in the order of each message.

    Attributes:
        rows: (k,) which messages.
        begins: (k,) where its value begins in the buffer: of bytes the first one.
        ends: (k,) behind its last byte.
        wires: (k,) wire type.
    """

    rows: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    wires: np.ndarray


@dataclass(slots=True)
class _Gathered:
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def joined(self) -> Occurrences:
        """All parts as one, by message; of one message they keep their order."""
        rows, begins, ends, wires = (
            np.concatenate(column) for column in zip(*self.parts, strict=True)
        )
        order = np.argsort(rows, kind="stable")
        return Occurrences(
            rows=rows[order], begins=begins[order], ends=ends[order], wires=wires[order]
        )


def walk(batch: Batch, wanted: Collection[int]) -> dict[int, Occurrences]:
    """Where wanted fields stand; those that stand nowhere are not among them.

    Raises:
        UnreadableSource: a message is no protobuf, or has too many fields.
    """
    found: dict[int, _Gathered] = {}
    rows, at, ends = np.arange(len(batch.starts)), batch.starts, batch.ends
    for _ in range(MOST_FIELDS):
        going = at < ends
        if not going.all():
            rows, at, ends = rows[going], at[going], ends[going]
        if not len(rows):
            return {number: gathered.joined() for number, gathered in found.items()}
        tags, at = varints(batch.buffer, at, ends)
        numbers, wires = tags >> np.uint64(3), (tags & np.uint64(7)).astype(np.int64)
        begins, after = _extents(batch.buffer, at, ends, wires)
        for number in _distinct(numbers):
            if number in wanted:
                here = numbers == np.uint64(number)
                part = (rows[here], begins[here], after[here], wires[here])
                found.setdefault(number, _Gathered()).parts.append(part)
        at = after
    raise _damaged(f"a message has more than {MOST_FIELDS} fields")


def fields_of(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of one message, in order; of fixed size as bytes.

    Raises:
        UnreadableSource: it is no protobuf.
    """
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if wire == BYTES:
            length, at = _varint(data, at)
        else:
            length = SIZES.get(wire, len(data))
        if length > len(data) - at:
            raise _damaged("a field is longer than its message, or of no known type")
        yield tag >> 3, data[at : at + length]
        at += length


def varints(buffer: np.ndarray, at: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) uint64 that begin at places, and the places behind them. Raises UnreadableSource."""
    if (at >= ends).any():
        raise _damaged("a message is cut short")
    values = buffer[at].astype(np.uint64)
    at = at + 1
    more = np.flatnonzero(values & np.uint64(0x80))
    values[more] &= np.uint64(0x7F)
    for place in range(1, MOST_VARINT_BYTES):
        if not len(more):
            return values, at
        if (at[more] >= ends[more]).any():
            raise _damaged("a message is cut short")
        byte = buffer[at[more]].astype(np.uint64)
        values[more] |= (byte & np.uint64(0x7F)) << np.uint64(7 * place)
        at[more] += 1
        more = more[(byte & np.uint64(0x80)) != 0]
    if len(more):
        raise _damaged("a number is longer than it may be")
    return values, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[at : at + MOST_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise _damaged("a number is cut short, or longer than it may be")


def _extents(
    buffer: np.ndarray, at: np.ndarray, ends: np.ndarray, wires: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end of each value that follows a tag."""
    begins, after = at.copy(), np.empty_like(at)
    for wire in _distinct(wires):
        here = wires == wire
        if wire == VARINT:
            after[here] = varints(buffer, at[here], ends[here])[1]
        elif wire == BYTES:
            lengths, begins[here] = varints(buffer, at[here], ends[here])
            room = (ends[here] - begins[here]).astype(np.uint64)
            if (lengths > room).any():
                raise _damaged("a field is longer than its message")
            after[here] = begins[here] + lengths.astype(np.int64)
        elif wire in SIZES:
            after[here] = at[here] + SIZES[wire]
        else:
            raise _damaged(f"a field is of wire type {wire}")
    if (after > ends).any():
        raise _damaged("a message is cut short")
    return begins, after


def _distinct(values: np.ndarray) -> list[int]:
    """Mostly one: all messages of a channel are alike."""
    first = values[:1]
    return [int(first[0])] if (values == first).all() else [int(v) for v in np.unique(values)]


def _damaged(what: str) -> UnreadableSource:
    return UnreadableSource(what, remedy=REMEDY)
