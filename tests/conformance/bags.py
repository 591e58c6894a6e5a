"""Tiny MCAP files with ROS 2 messages, written by the official writers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mcap.writer import CompressionType, IndexType, Writer
from mcap_ros2._dynamic import serialize_dynamic

from ringroad.media.pictures.images import encode_jpeg

START_NS = 1_790_000_000_000_000_000
STEP_NS = 100_000_000
FRONT = "/camera/front"
REAR = "/camera/rear"
RULE = "=" * 80
HEADER = f"""{RULE}
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
{RULE}
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""
VECTOR = f"{RULE}\nMSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z\n"
TYPES = {
    "sensor_msgs/msg/CompressedImage": (
        "std_msgs/Header header\nstring format\nuint8[] data\n" + HEADER
    ),
    "sensor_msgs/msg/Imu": (
        "std_msgs/Header header\ngeometry_msgs/Quaternion orientation\n"
        "float64[9] orientation_covariance\ngeometry_msgs/Vector3 angular_velocity\n"
        "float64[9] angular_velocity_covariance\ngeometry_msgs/Vector3 linear_acceleration\n"
        "float64[9] linear_acceleration_covariance\n" + HEADER + VECTOR + f"{RULE}\n"
        "MSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n"
    ),
    "sensor_msgs/msg/NavSatFix": (
        "std_msgs/Header header\nsensor_msgs/NavSatStatus status\nfloat64 latitude\n"
        "float64 longitude\nfloat64 altitude\nfloat64[9] position_covariance\n"
        "uint8 position_covariance_type\n" + HEADER + f"{RULE}\n"
        "MSG: sensor_msgs/NavSatStatus\nint8 status\nuint16 service\n"
    ),
    "geometry_msgs/msg/TwistStamped": (
        "std_msgs/Header header\ngeometry_msgs/Twist twist\n" + HEADER + f"{RULE}\n"
        "MSG: geometry_msgs/Twist\ngeometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular\n"
        + VECTOR
    ),
    "can_msgs/msg/Frame": (
        "std_msgs/Header header\nuint32 id\nbool is_rtr\nbool is_extended\nbool is_error\n"
        "uint8 dlc\nuint8[8] data\n" + HEADER
    ),
    "std_msgs/msg/Float32": "float32 data\n",
    "std_msgs/msg/String": "string data\n",
}


def picture(number: int, *, width: int = 64, height: int = 48) -> bytes:
    """A JPEG that differs from number to number."""
    rng = np.random.Generator(np.random.PCG64(number))
    pixels = rng.integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    return encode_jpeg(np.kron(pixels, np.ones((8, 8, 1), np.uint8)))


def stamp(time_ns: int, frame: str) -> dict[str, object]:
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return {"stamp": {"sec": seconds, "nanosec": nanoseconds}, "frame_id": frame}


def say(number: int, kind: str, time_ns: int) -> dict[str, object]:
    """The `number`-th message of a type, as values."""
    zeros = [0.0] * 9
    three = {"x": 1.0 + number, "y": 0.5, "z": -0.25 * number}
    messages: dict[str, dict[str, object]] = {
        "sensor_msgs/msg/CompressedImage": {
            "header": stamp(time_ns, "front"),
            "format": "rgb8; jpeg compressed bgr8",
            "data": picture(number),
        },
        "sensor_msgs/msg/Imu": {
            "header": stamp(time_ns, "i" * (number % 7)),
            "orientation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0},
            "orientation_covariance": zeros,
            "angular_velocity": three,
            "angular_velocity_covariance": zeros,
            "linear_acceleration": {"x": 9.0, "y": 8.0, "z": 7.0 + number},
            "linear_acceleration_covariance": zeros,
        },
        "sensor_msgs/msg/NavSatFix": {
            "header": stamp(time_ns, "gnss"),
            "status": {"status": -1, "service": 3},
            "latitude": 48.1 + number,
            "longitude": 11.5,
            "altitude": 519.0,
            "position_covariance": zeros,
            "position_covariance_type": 2,
        },
        "geometry_msgs/msg/TwistStamped": {
            "header": stamp(time_ns, "base"),
            "twist": {"linear": three, "angular": {"x": 0.0, "y": 0.0, "z": 0.1 * number}},
        },
        "can_msgs/msg/Frame": {
            "header": stamp(time_ns, ""),
            "id": 0x25 + number % 2,
            "is_rtr": False,
            "is_extended": False,
            "is_error": False,
            "dlc": 8,
            "data": [255, 1, 2, 3, 0, 0, 1, number],
        },
        "std_msgs/msg/Float32": {"data": 1.5 * number},
        "std_msgs/msg/String": {"data": "words"},
    }
    return messages[kind]


def write_bag(
    path: Path,
    channels: dict[str, str],
    *,
    count: int = 30,
    compression: CompressionType = CompressionType.NONE,
    chunk_size: int = 12_000,
    chunked: bool = True,
    indexed: bool = True,
    late_ns: int = 0,
) -> Path:
    """One message per channel and step; `late_ns` from a header's stamp to the log time."""
    writer = Writer(
        str(path),
        chunk_size=chunk_size,
        compression=compression,
        use_chunking=chunked,
        index_types=IndexType.ALL if indexed else IndexType.NONE,
    )
    writer.start(profile="ros2", library="test")
    numbers = {}
    for topic, kind in channels.items():
        schema = writer.register_schema(kind, "ros2msg", TYPES[kind].encode())
        numbers[topic] = writer.register_channel(topic, "cdr", schema)
    encode = {kind: serialize_dynamic(kind, TYPES[kind])[kind] for kind in channels.values()}
    for number in range(count):
        time_ns = START_NS + number * STEP_NS
        for topic, kind in channels.items():
            writer.add_message(
                numbers[topic],
                log_time=time_ns + late_ns,
                data=encode[kind](say(number, kind, time_ns)),
                publish_time=time_ns,
                sequence=number,
            )
    writer.finish()
    return path
