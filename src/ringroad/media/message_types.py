"""Which messages are read, and what reads them: by their encoding, then by the name of their type.

A new encoding is one line in `ENCODINGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringroad.media.cdr import Cursor
from ringroad.media.mcap_index import McapChannel
from ringroad.media.messages import MessageType
from ringroad.media.ros1 import Ros1Cursor
from ringroad.media.ros2 import ros_type


def type_of(channel: McapChannel) -> MessageType | None:
    """What reads the messages of a channel; None where nothing does.

    Raises:
        UnreadableSource: its schema is damaged.
    """
    find = ENCODINGS.get(channel.encoding)
    return None if find is None else find(channel)


def _ros2(channel: McapChannel) -> MessageType | None:
    return ros_type(channel.kind, Cursor)


def _ros1(channel: McapChannel) -> MessageType | None:
    """ROS 1 writes `sensor_msgs/Image` for what is `sensor_msgs/msg/Image` in ROS 2."""
    package, _, name = channel.kind.partition("/")
    return ros_type(channel.kind if "/" in name else f"{package}/msg/{name}", Ros1Cursor)


ENCODINGS: Mapping[str, Callable[[McapChannel], MessageType | None]] = {
    "cdr": _ros2,
    "ros1": _ros1,
}
"""Encoding of messages -> what knows its types."""
