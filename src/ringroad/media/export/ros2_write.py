"""Puts ROS 2 messages together as CDR bytes; `media/messages/ros2.py` reads them.

Messages have fixed layouts: little endian, every value aligned to its size, counted from behind
the 4 bytes of encapsulation.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from ringroad.domain.calibration import Calibration
from ringroad.domain.time import SECOND_NS

ENCAPSULATION = b"\x00\x01\x00\x00"
FLOAT32 = 7
"""`sensor_msgs/PointField` says float32 so."""
NOTHING = (0.0,) * 9
"""A covariance that is not known."""
LENSES = {"fisheye": "equidistant"}
"""Our distortion models under the names ROS has for them, where they differ."""

Three = tuple[float, float, float]


class Cdr:
    """One message being put together."""

    def __init__(self) -> None:
        self.body = bytearray()

    def header(self, time_ns: int, frame: str) -> Cdr:
        """A `std_msgs/msg/Header`; a time and a text begin other messages just so."""
        self._aligned(4, struct.pack("<iI", *divmod(time_ns, SECOND_NS)))
        return self.text(frame)

    def text(self, value: str) -> Cdr:
        """A string with its length and a closing zero."""
        data = value.encode() + b"\0"
        return self._aligned(4, struct.pack("<I", len(data)) + data)

    def octets(self, data: bytes) -> Cdr:
        """A sequence of bytes with its length."""
        self._aligned(4, struct.pack("<I", len(data)))
        self.body += data
        return self

    def values(self, kind: str, *values: float) -> Cdr:
        """Numbers of one struct format character, such as `d`."""
        size = struct.calcsize(f"<{kind}")
        return self._aligned(size, struct.pack(f"<{len(values)}{kind}", *values))

    def finish(self) -> bytes:
        """The message with its encapsulation: CDR, little endian."""
        return b"".join((ENCAPSULATION, self.body))

    def _aligned(self, size: int, data: bytes) -> Cdr:
        self.body += bytes(-len(self.body) % size) + data
        return self


def image_message(time_ns: int, frame: str, encoding: str, data: bytes) -> bytes:
    """`sensor_msgs/msg/CompressedImage` of a `jpeg` or `png`."""
    return Cdr().header(time_ns, frame).text(encoding).octets(data).finish()


def video_message(time_ns: int, frame: str, codec: str, data: bytes) -> bytes:
    """`foxglove_msgs/msg/CompressedVideo`: `data` is one frame in Annex B; it calls HEVC h265."""
    name = {"hevc": "h265"}.get(codec, codec)
    return Cdr().header(time_ns, frame).octets(data).text(name).finish()


def cloud_message(time_ns: int, frame: str, columns: Sequence[str], values: np.ndarray) -> bytes:
    """`sensor_msgs/msg/PointCloud2` of (n, k) float32, one name for each of k columns."""
    count, wide = values.shape
    cdr = Cdr().header(time_ns, frame).values("I", 1, count, len(columns))
    for place, name in enumerate(columns):
        cdr.text(name).values("I", 4 * place).values("B", FLOAT32).values("I", 1)
    cdr.values("B", 0).values("I", 4 * wide, 4 * wide * count)
    cdr.octets(np.ascontiguousarray(values, "<f4").tobytes())
    finite = bool(np.isfinite(values).all())
    return cdr.values("B", finite).finish()


def imu_message(time_ns: int, turn: Sequence[float], push: Sequence[float]) -> bytes:
    """`sensor_msgs/msg/Imu`: rad/s and m/s2 about and along x, y, z; no orientation."""
    cdr = Cdr().header(time_ns, "imu").values("d", 0.0, 0.0, 0.0, 1.0, -1.0, *NOTHING[1:])
    return cdr.values("d", *turn, *NOTHING, *push, *NOTHING).finish()


def gnss_message(
    time_ns: int, latitude: float, longitude: float, altitude: float, *, status: int = 0
) -> bytes:
    """`sensor_msgs/msg/NavSatFix`, in degrees and metres; NaN is an altitude nobody knows."""
    cdr = Cdr().header(time_ns, "gnss").values("b", status).values("H", 1)
    return cdr.values("d", latitude, longitude, altitude, *NOTHING).values("B", 0).finish()


def number_message(value: float) -> bytes:
    """`std_msgs/msg/Float64`; it has no time of its own."""
    return ENCAPSULATION + struct.pack("<d", value)


def motion_message(time_ns: int, speed: float, yaw_rate: float) -> bytes:
    """`geometry_msgs/msg/TwistStamped`: m/s ahead, rad/s to the left."""
    cdr = Cdr().header(time_ns, "base").values("d", speed, 0.0, 0.0, 0.0, 0.0, yaw_rate)
    return cdr.finish()


def can_message(time_ns: int, identifier: int, data: bytes) -> bytes:
    """`can_msgs/msg/Frame` of 8 bytes."""
    cdr = Cdr().header(time_ns, "can").values("I", identifier).values("B", 0, 0, 0, 8)
    return cdr.values("B", *data).finish()


def transforms_message(time_ns: int, poses: Sequence[tuple[str, str, Calibration]]) -> bytes:
    """`tf2_msgs/msg/TFMessage`: parent, child and the pose of each; a quaternion ends with w."""
    cdr = Cdr().values("I", len(poses))
    for parent, child, pose in poses:
        w, x, y, z = pose.rotation
        cdr.header(time_ns, parent).text(child).values("d", *pose.translation_m, x, y, z, w)
    return cdr.finish()


def camera_message(time_ns: int, frame: str, lens: Calibration, size: tuple[int, int]) -> bytes:
    """`sensor_msgs/msg/CameraInfo` of a camera whose pictures are `size` wide and high."""
    fx, fy, cx, cy = lens.intrinsics
    model = LENSES.get(lens.distortion_model, lens.distortion_model) or "plumb_bob"
    bent = lens.distortion or (0.0,) * 5
    cdr = Cdr().header(time_ns, frame).values("I", size[1], size[0]).text(model)
    cdr.values("I", len(bent)).values("d", *bent, fx, 0, cx, 0, fy, cy, 0, 0, 1)
    cdr.values("d", 1, 0, 0, 0, 1, 0, 0, 0, 1, fx, 0, cx, 0, 0, fy, cy, 0, 0, 0, 1, 0)
    return cdr.values("I", 0, 0, 0, 0, 0, 0).values("B", 0).finish()
