"""What a `FileDescriptorSet` says of message types: their fields by name, with their numbers.

The schema of a channel in MCAP is such a set. Numbers are looked up here and never assumed.
Format: google/protobuf/descriptor.proto.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringroad.domain.errors import UnreadableSource
from ringroad.media.wire.protobuf import REMEDY, fields_of

FILE = 1
PACKAGE, MESSAGE = 2, 4
"""Of a file."""
NAME, FIELD, NESTED = 1, 2, 3
"""Of a message."""
NUMBER, LABEL, TYPE, TYPE_NAME = 3, 4, 5, 6
"""Of a field, which has a name as a message has."""
REPEATED = 3
"""A label."""
MOST_DEPTH = 8
"""Messages within messages; deeper ones are passed over."""
MOST_SCHEMA_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a message type."""

    number: int
    type: int
    """As `FieldDescriptorProto.Type` counts them."""
    message: str = ""
    """Full name of its type, where it is a message."""
    repeated: bool = False


Schema = Mapping[str, Mapping[str, Field]]
"""Full name of a message type -> its fields by name."""


def parse_schema(data: bytes) -> Schema:
    """All message types of a set.

    Raises:
        UnreadableSource: it is none.
    """
    if len(data) > MOST_SCHEMA_BYTES:
        raise UnreadableSource(f"a schema of {len(data)} bytes", remedy=REMEDY)
    found: dict[str, Mapping[str, Field]] = {}
    for file in _all(data, FILE):
        package = _text(file, PACKAGE)
        ahead = [(message, f"{package}." if package else "", 0) for message in _all(file, MESSAGE)]
        while ahead:
            message, prefix, depth = ahead.pop()
            name = prefix + _text(message, NAME)
            found[name] = dict(_field(field) for field in _all(message, FIELD))
            if depth < MOST_DEPTH:
                ahead += [(inside, f"{name}.", depth + 1) for inside in _all(message, NESTED)]
    return found


def _field(data: bytes) -> tuple[str, Field]:
    """Its name, and what it is."""
    numbers = {number: value for number, value in fields_of(data) if isinstance(value, int)}
    return _text(data, NAME), Field(
        number=numbers.get(NUMBER, 0),
        type=numbers.get(TYPE, 0),
        message=_text(data, TYPE_NAME).removeprefix("."),
        repeated=numbers.get(LABEL) == REPEATED,
    )


def _all(data: bytes, number: int) -> list[bytes]:
    return [value for at, value in fields_of(data) if at == number and isinstance(value, bytes)]


def _text(data: bytes, number: int) -> str:
    found = _all(data, number)
    return found[-1].decode("utf-8", "replace") if found else ""
