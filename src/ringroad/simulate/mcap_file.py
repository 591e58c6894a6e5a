"""Writes a recording as MCAP with ROS 2 messages, equal input to equal bytes.

Messages have fixed layouts, so they are put together here: CDR, little endian, every value aligned
to its size, counted from behind the 4 bytes of encapsulation.
"""

from __future__ import annotations

import io
import struct

from mcap.writer import CompressionType, Writer

from ringroad.domain.time import SECOND_NS

LIBRARY = "ringroad"
IMAGE = "sensor_msgs/msg/CompressedImage"
IMU = "sensor_msgs/msg/Imu"
GNSS = "sensor_msgs/msg/NavSatFix"
MOTION = "geometry_msgs/msg/TwistStamped"
CAN = "can_msgs/msg/Frame"

_RULE = "=" * 80
_HEADER = f"""{_RULE}
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
{_RULE}
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""
_VECTOR = f"""{_RULE}
MSG: geometry_msgs/Vector3
float64 x
float64 y
float64 z
"""
DEFINITIONS = {
    IMAGE: "std_msgs/Header header\nstring format\nuint8[] data\n" + _HEADER,
    IMU: (
        "std_msgs/Header header\ngeometry_msgs/Quaternion orientation\n"
        "float64[9] orientation_covariance\ngeometry_msgs/Vector3 angular_velocity\n"
        "float64[9] angular_velocity_covariance\ngeometry_msgs/Vector3 linear_acceleration\n"
        "float64[9] linear_acceleration_covariance\n" + _HEADER + _VECTOR + f"{_RULE}\n"
        "MSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n"
    ),
    GNSS: (
        "std_msgs/Header header\nsensor_msgs/NavSatStatus status\nfloat64 latitude\n"
        "float64 longitude\nfloat64 altitude\nfloat64[9] position_covariance\n"
        "uint8 position_covariance_type\n" + _HEADER + f"{_RULE}\n"
        "MSG: sensor_msgs/NavSatStatus\nint8 status\nuint16 service\n"
    ),
    MOTION: (
        "std_msgs/Header header\ngeometry_msgs/Twist twist\n" + _HEADER + f"{_RULE}\n"
        "MSG: geometry_msgs/Twist\ngeometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular\n"
        + _VECTOR
    ),
    CAN: (
        "std_msgs/Header header\nuint32 id\nbool is_rtr\nbool is_extended\nbool is_error\n"
        "uint8 dlc\nuint8[8] data\n" + _HEADER
    ),
}


class RecordingFile:
    """An MCAP file being written. Camera chunks stay uncompressed: pictures do not shrink."""

    def __init__(self) -> None:
        self._sink = io.BytesIO()
        self._writer = Writer(self._sink, chunk_size=128 << 10, compression=CompressionType.NONE)
        self._writer.start(profile="ros2", library=LIBRARY)
        self._channels: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def channel(self, topic: str, kind: str) -> None:
        """Announce a channel."""
        schema = self._writer.register_schema(
            name=kind, encoding="ros2msg", data=DEFINITIONS[kind].encode()
        )
        self._channels[topic] = self._writer.register_channel(
            topic=topic, message_encoding="cdr", schema_id=schema
        )
        self._counts[topic] = 0

    def message(self, topic: str, time_ns: int, body: bytes) -> None:
        """Add a message."""
        self._writer.add_message(
            channel_id=self._channels[topic],
            log_time=time_ns,
            publish_time=time_ns,
            sequence=self._counts[topic],
            data=body,
        )
        self._counts[topic] += 1

    def finish(self) -> bytes:
        """The whole file."""
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap leaves it untyped
        return self._sink.getvalue()


class Cdr:
    """One message being put together."""

    def __init__(self, time_ns: int, frame: str) -> None:
        self.body = bytearray(struct.pack("<iI", *divmod(time_ns, SECOND_NS)))
        self.text(frame)

    def text(self, value: str) -> Cdr:
        """A string with its length and a closing zero."""
        data = value.encode() + b"\0"
        return self._aligned(4, struct.pack("<I", len(data)) + data)

    def octets(self, data: bytes) -> Cdr:
        """A sequence of bytes with its length."""
        return self._aligned(4, struct.pack("<I", len(data)) + data)

    def values(self, kind: str, *values: float) -> Cdr:
        """Numbers of one struct format character, such as `d`."""
        size = struct.calcsize(f"<{kind}")
        return self._aligned(size, struct.pack(f"<{len(values)}{kind}", *values))

    def finish(self) -> bytes:
        """The message with its encapsulation: CDR, little endian."""
        return b"\x00\x01\x00\x00" + bytes(self.body)

    def _aligned(self, size: int, data: bytes) -> Cdr:
        self.body += bytes(-len(self.body) % size) + data
        return self


def image_message(time_ns: int, jpeg: bytes) -> bytes:
    """`sensor_msgs/msg/CompressedImage`."""
    return Cdr(time_ns, "camera_front").text("jpeg").octets(jpeg).finish()


def imu_message(time_ns: int, turn: tuple[float, ...], push: tuple[float, ...]) -> bytes:
    """`sensor_msgs/msg/Imu`: rad/s and m/s2 about and along x, y, z; no orientation."""
    cdr = Cdr(time_ns, "imu").values("d", 0.0, 0.0, 0.0, 1.0).values("d", -1.0, *[0.0] * 8)
    cdr.values("d", *turn).values("d", *[0.0] * 9).values("d", *push).values("d", *[0.0] * 9)
    return cdr.finish()


def gnss_message(time_ns: int, latitude: float, longitude: float, altitude: float) -> bytes:
    """`sensor_msgs/msg/NavSatFix`, in degrees and metres."""
    cdr = Cdr(time_ns, "gnss").values("b", 0).values("H", 1)
    cdr.values("d", latitude, longitude, altitude).values("d", *[0.0] * 9).values("B", 0)
    return cdr.finish()


def motion_message(time_ns: int, speed: float, yaw_rate: float) -> bytes:
    """`geometry_msgs/msg/TwistStamped`: m/s ahead, rad/s to the left."""
    cdr = Cdr(time_ns, "base").values("d", speed, 0.0, 0.0).values("d", 0.0, 0.0, yaw_rate)
    return cdr.finish()


def can_message(time_ns: int, identifier: int, data: bytes) -> bytes:
    """`can_msgs/msg/Frame` of 8 bytes."""
    cdr = Cdr(time_ns, "can").values("I", identifier).values("B", 0, 0, 0, 8)
    return cdr.values("B", *data).finish()
