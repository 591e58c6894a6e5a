"""Numbers of messages of types that nobody knows, by their schema: only where somebody asks.

Each number is a signal, named as its field: `wheels.front_left.speed`. What is no number, and
lists of whatever length, are passed over; in ROS, so is all that stands behind such a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import numpy as np

from ringroad.domain.recording import SIGNALS
from ringroad.media.containers.mcap_index import McapChannel
from ringroad.media.message import Batch, Lane, Series, Values, every
from ringroad.media.messages.json_fields import json_fields
from ringroad.media.messages.protobuf_fields import MESSAGE, NUMBERS, ProtobufFields
from ringroad.media.wire.cdr import Cursor
from ringroad.media.wire.protobuf_schema import Schema, parse_schema
from ringroad.media.wire.ros1 import Ros1Cursor
from ringroad.media.wire.ros_definition import (
    PRIMITIVES,
    Definitions,
    Member,
    parse_definitions,
    short,
)

MOST_SERIES = 256
MOST_DEPTH = 8
MOST_ARRAY = 16
"""An array of more numbers is no signal, but a matrix or a curve."""
MOST_STEPS = 4096
"""Fields of a type, those of its fields among them."""
MOST_NUMBER = 10**300
HEADERS = ("std_msgs/Header", "Header")
TIMES = ("builtin_interfaces/Time", "builtin_interfaces/Duration", "time", "duration")


def numbers_of(channel: McapChannel) -> Lane | None:
    """What reads the numbers of a channel's messages; None where its encoding is not known.

    Raises:
        UnreadableSource: its schema is damaged.
    """
    find = ENCODINGS.get(channel.encoding)
    return None if find is None else Lane(sensor=SIGNALS, read=find(channel))


def _protobuf(channel: McapChannel) -> Callable[[Batch, str], Values]:
    return partial(_read_protobuf, parse_schema(channel.schema), channel.kind)


def _json(_: McapChannel) -> Callable[[Batch, str], Values]:
    return _read_json


def _ros(wire: type[Cursor], channel: McapChannel) -> Callable[[Batch, str], Values]:
    package = short(channel.kind).partition("/")[0]
    return partial(_read_ros, wire, parse_definitions(channel.schema), package)


def _read_protobuf(schema: Schema, kind: str, batch: Batch, _: str) -> Values:
    fields = ProtobufFields(batch, schema, kind)
    found = islice(_of_fields(fields, schema, kind, "", 0), MOST_SERIES)
    return Values(stamps_ns=None, series=tuple(found))


def _of_fields(
    fields: ProtobufFields, schema: Schema, kind: str, prefix: str, depth: int
) -> Iterator[Series]:
    for name, told in schema.get(kind, {}).items():
        if told.repeated:
            continue
        if told.type in NUMBERS:
            yield every(prefix + name, "", fields.numbers(name))
        elif told.type == MESSAGE and depth < MOST_DEPTH:
            inner = fields.inner(name)
            if (inner.batch.ends > inner.batch.starts).any():
                yield from _of_fields(inner, schema, told.message, f"{prefix}{name}.", depth + 1)


def _read_json(batch: Batch, _: str) -> Values:
    objects = json_fields(batch).objects
    columns: dict[str, np.ndarray] = {}
    for row, item in enumerate(objects):
        for name, value in _of_object(item, "", 0):
            if name not in columns and len(columns) < MOST_SERIES:
                columns[name] = np.full(len(objects), np.nan)
            if name in columns:
                columns[name][row] = value
    return Values(
        stamps_ns=None, series=tuple(every(name, "", values) for name, values in columns.items())
    )


def _of_object(item: Mapping[str, object], prefix: str, depth: int) -> Iterator[tuple[str, float]]:
    for name, value in item.items():
        if isinstance(value, int | float) and abs(value) < MOST_NUMBER:
            yield prefix + name, float(value)
        elif isinstance(value, dict) and depth < MOST_DEPTH:
            yield from _of_object(value, f"{prefix}{name}.", depth + 1)


def _read_ros(
    wire: type[Cursor], definitions: Definitions, package: str, batch: Batch, _: str
) -> Values:
    cursor = wire(batch.buffer, batch.starts, batch.ends)
    stamps_ns, members = None, definitions.get("", ())
    if members and members[0].kind in HEADERS:
        stamps_ns, members = cursor.stamps(), members[1:]
    reader = _RosNumbers(cursor=cursor, definitions=definitions)
    reader.read(members, "", package)
    return Values(stamps_ns=stamps_ns, series=tuple(reader.series), frame=cursor.frame)


@dataclass(slots=True, kw_only=True)
class _RosNumbers:
    """Goes through the fields of messages, as deep as they are, and gathers their numbers."""

    cursor: Cursor
    definitions: Definitions
    series: list[Series] = field(default_factory=list)
    steps: int = 0

    def read(self, members: Sequence[Member], prefix: str, package: str, depth: int = 0) -> bool:
        """Whether the place of what stands behind is known."""
        for member in members:
            self.steps += 1
            if self.steps > MOST_STEPS or len(self.series) >= MOST_SERIES:
                return False
            if not self._read_member(member, prefix + member.name, package, depth):
                return False
        return True

    def _read_member(self, member: Member, name: str, package: str, depth: int) -> bool:
        if member.kind in PRIMITIVES:
            return self._read_numbers(PRIMITIVES[member.kind], member.count, name)
        if member.count != 1:
            return False
        if member.kind == "string":
            self.cursor.skip_text()
        elif member.kind in TIMES:
            self.cursor.skip("u4", 2)
        elif member.kind in HEADERS:
            self.cursor.stamps()
        else:
            kind = member.kind if "/" in member.kind else f"{package}/{member.kind}"
            inside = self.definitions.get(kind)
            if inside is None or depth >= MOST_DEPTH:
                return False
            return self.read(inside, f"{name}.", kind.partition("/")[0], depth + 1)
        return True

    def _read_numbers(self, kind: str, count: int, name: str) -> bool:
        if count < 0:
            known = np.dtype(kind).itemsize == 1
            if known:
                self.cursor.sequence()
            return known
        if count > MOST_ARRAY:
            self.cursor.skip(kind, count)
            return True
        values = self.cursor.numbers(kind, count)
        for at in range(count):
            self.series.append(every(name if count == 1 else f"{name}.{at}", "", values[:, at]))
        return True


ENCODINGS: Mapping[str, Callable[[McapChannel], Callable[[Batch, str], Values]]] = {
    "cdr": partial(_ros, Cursor),
    "ros1": partial(_ros, Ros1Cursor),
    "protobuf": _protobuf,
    "json": _json,
}
"""Encoding of messages -> what reads their numbers."""
