"""Types of ROS 2 messages that are read, and what reads each.

Messages of ROS 1 have the same fields under the same names, so that one table serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from ringroad.domain.recording import CAMERA, LIDAR
from ringroad.media.message import (
    Batch,
    Bulk,
    Lane,
    Lenses,
    MessageType,
    Payloads,
    Transforms,
    Values,
)
from ringroad.media.messages.ros_bulk import clouds, pictures, plain_pictures, videos
from ringroad.media.messages.ros_calibration import lenses, transforms
from ringroad.media.messages.ros_signals import READERS
from ringroad.media.wire.cdr import Cursor

__all__ = ["CHANNEL", "IMAGE", "READERS", "SIGNAL", "UNIT", "VIDEO", "ros_type"]

IMAGE = "sensor_msgs/msg/CompressedImage"
PLAIN_IMAGE = "sensor_msgs/msg/Image"
VIDEO = "foxglove_msgs/msg/CompressedVideo"
CLOUD = "sensor_msgs/msg/PointCloud2"
LENS = "sensor_msgs/msg/CameraInfo"
TRANSFORMS = ("tf2_msgs/msg/TFMessage", "tf/msg/tfMessage")
MOST_TRANSFORMS = 256
"""Messages; they are read one by one."""
Found = TypeVar("Found")
SIGNAL, UNIT = "ringroad.signal", "unit"
"""In the metadata of a channel of plain numbers: what they are."""
CHANNEL = "ringroad.channel"
"""In the metadata of a channel that comes out of one of our recordings: the channel there."""

PAYLOADS: Mapping[str, tuple[str, Callable[[Cursor], Payloads]]] = {
    IMAGE: (CAMERA, pictures),
    PLAIN_IMAGE: (CAMERA, plain_pictures),
    VIDEO: (CAMERA, videos),
    CLOUD: (LIDAR, clouds),
}
"""Message type -> which sensor it is, and what finds its picture or sweep."""


def ros_type(kind: str, wire: type[Cursor]) -> MessageType | None:
    """What reads messages of a type; None where nothing does. `wire` knows how fields follow."""
    if kind in PAYLOADS:
        sensor, find = PAYLOADS[kind]
        return Bulk(sensor=sensor, find=partial(_found, wire, find), video=kind == VIDEO)
    if kind in READERS:
        sensor, read = READERS[kind]
        return Lane(sensor=sensor, read=partial(_read, wire, read))
    if kind == LENS:
        return Lenses(read=partial(_found, wire, lenses))
    if kind in TRANSFORMS:
        return Transforms(read=partial(_found, wire, transforms), most=MOST_TRANSFORMS)
    return None


def _found(wire: type[Cursor], find: Callable[[Cursor], Found], batch: Batch) -> Found:
    return find(wire(batch.buffer, batch.starts, batch.ends))


def _read(
    wire: type[Cursor], read: Callable[[Cursor, str], Values], batch: Batch, topic: str
) -> Values:
    return read(wire(batch.buffer, batch.starts, batch.ends), topic)
