"""Which messages are read, and what reads them: by their encoding, then by the name of their type.

A new encoding is one line in `ENCODINGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import OTHER
from ringroad.media.containers.mcap_index import McapChannel
from ringroad.media.message import MessageType
from ringroad.media.messages import foxglove, ros2
from ringroad.media.messages.foxglove import PREFIX, VIDEO, foxglove_type
from ringroad.media.messages.json_fields import base64_header, json_fields
from ringroad.media.messages.protobuf_fields import ProtobufFields
from ringroad.media.messages.ros2 import ros_type
from ringroad.media.wire.cdr import Cursor
from ringroad.media.wire.protobuf_schema import parse_schema
from ringroad.media.wire.ros1 import Ros1Cursor


def type_of(channel: McapChannel) -> MessageType | None:
    """What reads the messages of a channel; None where nothing does.

    Raises:
        UnreadableSource: its schema is damaged.
    """
    find = ENCODINGS.get(channel.encoding)
    return None if find is None else find(channel)


def sensor_of(channel: McapChannel) -> str:
    """Which sensor a channel's messages come from, whether they are read or not."""
    return SENSORS.get(_with_msg(channel.kind), OTHER)


def _ros2(channel: McapChannel) -> MessageType | None:
    return ros_type(channel.kind, Cursor)


def _ros1(channel: McapChannel) -> MessageType | None:
    return ros_type(_with_msg(channel.kind), Ros1Cursor)


def _with_msg(kind: str) -> str:
    """ROS 1 writes `sensor_msgs/Image` for what is `sensor_msgs/msg/Image` in ROS 2."""
    package, slash, name = kind.partition("/")
    return f"{package}/msg/{name}" if slash and "/" not in name else kind


def _protobuf(channel: McapChannel) -> MessageType | None:
    if not channel.kind.startswith(PREFIX):
        return None
    schema = parse_schema(channel.schema)
    if channel.kind not in schema:
        raise UnreadableSource(
            f"its schema does not describe {channel.kind}", remedy="record it with its schemas"
        )
    return foxglove_type(channel.kind, partial(ProtobufFields, schema=schema, name=channel.kind))


def _json(channel: McapChannel) -> MessageType | None:
    if channel.kind == VIDEO:
        raise UnreadableSource(
            "frames of a video lie as text, which is not read", remedy="record it in protobuf"
        )
    return foxglove_type(channel.kind, json_fields, header=base64_header)


ENCODINGS: Mapping[str, Callable[[McapChannel], MessageType | None]] = {
    "cdr": _ros2,
    "ros1": _ros1,
    "protobuf": _protobuf,
    "json": _json,
}
"""Encoding of messages -> what knows its types."""

SENSORS: Mapping[str, str] = {
    kind: sensor
    for table in (ros2.PAYLOADS, ros2.READERS, foxglove.PAYLOADS, foxglove.READERS)
    for kind, (sensor, _) in table.items()
}
"""Message type -> which sensor it is, however it is encoded."""
