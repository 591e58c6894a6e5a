"""Definitions of ROS messages, as an MCAP schema of `ros2msg` or `ros1msg` holds them.

Format: docs.ros.org, "Interfaces"; behind the message stand those it is made of, each behind a
line of `=` and a line `MSG: package/Name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_BYTES = 1 << 20
PRIMITIVES = {
    "bool": "u1", "byte": "u1", "char": "u1", "octet": "u1",
    "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "int64": "i8", "uint64": "u8", "float32": "f4", "float64": "f8",
}  # fmt: skip
"""Names of number types -> numpy's."""
_RULE = re.compile(r"^=+\s*$", re.MULTILINE)
_FIELD = re.compile(r"([\w/]+)(?:<=\d+)?(\[(?:<=)?\d*\])?\s+(\w+)(?!\s*=)(?:\s.*)?")
_FIXED = re.compile(r"\[(\d{1,6})\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One field of a message.

    Attributes:
        name: of the field.
        kind: a number type, `string`, or the name of a message.
        count: how many follow each other; 1 where it is a single one, -1 where they say it.
    """

    name: str
    kind: str
    count: int = 1


Definitions = Mapping[str, tuple[Member, ...]]
"""Name of a message, as `package/Name` -> its fields in order; of the first one the name is ""."""


def parse_definitions(text: bytes) -> Definitions:
    """All messages of a schema; what is no field is passed over."""
    found: dict[str, tuple[Member, ...]] = {}
    for number, block in enumerate(_RULE.split(text[:MOST_BYTES].decode("utf-8", "replace"))):
        lines = [line.partition("#")[0].strip() for line in block.splitlines()]
        lines = [line for line in lines if line]
        head = lines[0].removeprefix("MSG:").strip() if number and lines else ""
        members = (_member(line) for line in lines[1 if number else 0 :])
        found[short(head)] = tuple(member for member in members if member is not None)
    return found


def short(kind: str) -> str:
    """`sensor_msgs/msg/Imu` as `sensor_msgs/Imu`."""
    return kind.replace("/msg/", "/")


def _member(line: str) -> Member | None:
    match = _FIELD.fullmatch(line)
    if match is None:
        return None  # a constant, or nothing we know
    kind, array, name = match.groups()
    fixed = _FIXED.fullmatch(array or "")
    count = 1 if not array else int(fixed[1]) if fixed else -1
    return Member(name=name, kind=short(kind), count=count)
