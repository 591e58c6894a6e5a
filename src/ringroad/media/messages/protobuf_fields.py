"""Fields of protobuf messages by name, typed as their schema says: a `Fields` of Foxglove's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.time import SECOND_NS
from ringroad.media.message import Batch, Octets
from ringroad.media.wire.cdr import MOST_NAME_BYTES
from ringroad.media.wire.protobuf import (
    BYTES,
    FIXED32,
    FIXED64,
    REMEDY,
    VARINT,
    Occurrences,
    varints,
    walk,
)
from ringroad.media.wire.protobuf_schema import Field, Schema

FIXED = {1: "<f8", 2: "<f4", 6: "<u8", 7: "<u4", 15: "<i4", 16: "<i8"}
"""Number types of fixed size -> numpy's: double, float, fixed64, fixed32, sfixed32, sfixed64."""
SIGNED, UNSIGNED, ZIGZAG = (3, 5, 14), (4, 8, 13), (17, 18)
"""Number types of varints: int64, int32, enum; uint64, bool, uint32; sint32, sint64."""
NUMBERS = frozenset({*FIXED, *SIGNED, *UNSIGNED, *ZIGZAG})
STRING, MESSAGE, OCTETS = 9, 11, 12
SECONDS = ("seconds", "nanos")
"""Fields of `google.protobuf.Timestamp`."""
MOST_SECONDS = 9_000_000_000
"""After 1970: nanoseconds since then must fit into 64 bits."""


class ProtobufFields:
    """The fields of n messages of one type. What a message does not say is 0 or empty."""

    def __init__(self, batch: Batch, schema: Schema, name: str) -> None:
        self.batch = batch
        self.schema = schema
        self.fields: Mapping[str, Field] = schema.get(name, {})
        self.found = walk(batch, {field.number for field in self.fields.values()})

    @property
    def count(self) -> int:
        """How many messages."""
        return len(self.batch.starts)

    def numbers(self, name: str) -> np.ndarray:
        """(n,) of the field's own type."""
        field, found = self._of(name, numeric=True)
        out = np.zeros(self.count, np.dtype(FIXED.get(field.type, "<i8")))
        if found is not None:
            out[found.rows] = _values(self.batch.buffer, field, found)
        return out

    def texts(self, name: str) -> list[str]:
        """A string of each."""
        begins, lengths = self._ranges(name, STRING)
        return _texts(Batch(buffer=self.batch.buffer, starts=begins, ends=begins + lengths))

    def first(self, name: str) -> str:
        """A string of the first message."""
        begins, lengths = (column[:1] for column in self._ranges(name, STRING))
        one = Batch(buffer=self.batch.buffer, starts=begins, ends=begins + lengths)
        return "".join(_texts(one))

    def octets(self, name: str) -> Octets:
        """Where bytes lie in the buffer."""
        begins, lengths = self._ranges(name, OCTETS)
        return Octets(begins=begins, lengths=lengths, sizes=lengths)

    def stamps(self, name: str) -> np.ndarray:
        """(n,) int64 ns of a `google.protobuf.Timestamp`; 0 where it is none."""
        time = self.inner(name)
        seconds, nanoseconds = (time.numbers(part).astype(np.int64) for part in SECONDS)
        whole = (seconds >= 0) & (seconds < MOST_SECONDS)
        whole &= (nanoseconds >= 0) & (nanoseconds < SECOND_NS)
        return np.where(whole, seconds, 0) * SECOND_NS + np.where(whole, nanoseconds, 0)

    def inner(self, name: str) -> ProtobufFields:
        """The message that a field holds, of each; an empty one where there is none."""
        begins, lengths = self._ranges(name, MESSAGE)
        inside = Batch(buffer=self.batch.buffer, starts=begins, ends=begins + lengths)
        return ProtobufFields(inside, self.schema, self._of(name)[0].message)

    def listed(self, name: str) -> tuple[ProtobufFields, np.ndarray]:
        """All messages that a repeated field holds, and which of ours each belongs to."""
        found = self._bytes(name, MESSAGE)
        inside = Batch(buffer=self.batch.buffer, starts=found.begins, ends=found.ends)
        return ProtobufFields(inside, self.schema, self._of(name)[0].message), found.rows

    def vectors(self, name: str, most: int) -> list[tuple[float, ...]]:
        """Numbers that a repeated field of fixed size holds, of each; at most so many."""
        field, found = self._of(name, numeric=True)
        out: list[tuple[float, ...]] = [()] * self.count
        if found is None or field.type not in FIXED:
            return out
        kind = np.dtype(FIXED[field.type])
        told = (found.rows, found.begins, found.ends)
        for row, begin, end in zip(*(column.tolist() for column in told), strict=True):
            if (end - begin) % kind.itemsize or end - begin > most * kind.itemsize:
                raise _contradicts(name)
            more = self.batch.buffer[begin:end].view(kind).tolist()
            out[row] = (*out[row], *more)
            if len(out[row]) > most:
                raise _contradicts(name)
        return out

    def _of(self, name: str, *, numeric: bool = False) -> tuple[Field, Occurrences | None]:
        field = self.fields.get(name, Field(number=0, type=0))
        if numeric and field.type not in {0, *NUMBERS}:
            raise _contradicts(name)
        return field, self.found.get(field.number)

    def _ranges(self, name: str, kind: int) -> tuple[np.ndarray, np.ndarray]:
        """Begin and length of the last value in each message, as the standard says."""
        found = self._bytes(name, kind)
        begins, lengths = np.zeros((2, self.count), np.int64)
        begins[found.rows] = found.begins
        lengths[found.rows] = found.ends - found.begins
        return begins, lengths

    def _bytes(self, name: str, kind: int) -> Occurrences:
        """Where a field stands whose values say their length."""
        field, found = self._of(name)
        if field.type not in {0, kind} or (found is not None and (found.wires != BYTES).any()):
            raise _contradicts(name)
        nowhere = np.zeros(0, np.int64)
        return found or Occurrences(rows=nowhere, begins=nowhere, ends=nowhere, wires=nowhere)


def _texts(batch: Batch) -> list[str]:
    """Names are short: what is longer is cut."""
    ends = np.minimum(batch.ends, batch.starts + MOST_NAME_BYTES)
    pairs = zip(batch.starts.tolist(), ends.tolist(), strict=True)
    return [batch.buffer[begin:end].tobytes().decode("utf-8", "replace") for begin, end in pairs]


def _values(buffer: np.ndarray, field: Field, found: Occurrences) -> np.ndarray:
    """(k,) numbers of a field that is not repeated."""
    if field.type in FIXED:
        kind = np.dtype(FIXED[field.type])
        if (found.wires != (FIXED64 if kind.itemsize == 8 else FIXED32)).any():
            raise _contradicts("a number")
        values: np.ndarray = buffer[found.begins[:, None] + np.arange(kind.itemsize)].view(kind)
        return values[:, 0]
    if (found.wires != VARINT).any():
        raise _contradicts("a number")
    raw, _ = varints(buffer, found.begins, found.ends)
    if field.type in ZIGZAG:
        half = (raw >> np.uint64(1)).view(np.int64)
        return half ^ -(raw & np.uint64(1)).astype(np.int64)
    return raw.view(np.int64)


def _contradicts(name: str) -> UnreadableSource:
    return UnreadableSource(f"{name} contradicts the schema of its message", remedy=REMEDY)
