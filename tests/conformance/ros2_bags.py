"""Bags of ROS 2 as the rosbags library writes them, in one file or in several."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from rosbags import rosbag2
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.typesys import Stores, get_typestore

from ringroad.ingest.rosbag2_metadata import parse_metadata
from ringroad.media.pictures.images import encode_jpeg

START_NS = 1_600_000_000_123_456_789
STEP_NS = 100_000_000
COUNT = 30
STORE = get_typestore(Stores.ROS2_HUMBLE)
TYPES = STORE.types
KINDS = {
    "/camera": "sensor_msgs/msg/CompressedImage",
    "/imu": "sensor_msgs/msg/Imu",
    "/log": "std_msgs/msg/String",
}


def _header(time_ns: int):
    stamp = TYPES["builtin_interfaces/msg/Time"](*divmod(time_ns, 10**9))
    return TYPES["std_msgs/msg/Header"](stamp=stamp, frame_id="sensor")


def picture(number: int) -> bytes:
    """From 1 to some 20 kB, so that rows are shorter and longer than a page."""
    pixels = np.full((120, 160, 3), number * 5, np.uint8)
    rng = np.random.default_rng(number)
    noise = 8 * (number % 15)
    pixels[:noise] = rng.integers(0, 255, (noise, 160, 3))
    return encode_jpeg(pixels, quality=90)


def write_bag(
    folder: Path,
    numbers: range = range(COUNT),
    *,
    plugin: StoragePlugin = StoragePlugin.SQLITE3,
    packed: CompressionMode = CompressionMode.NONE,
) -> Path:
    """Pictures and IMU messages, 100 ms apart, and a text that nobody reads."""
    bag = rosbag2.Writer(folder, version=9, storage_plugin=plugin)
    if packed != CompressionMode.NONE:
        bag.set_compression(packed, CompressionFormat.ZSTD)
    with bag:
        channels = {
            topic: bag.add_connection(topic, kind, typestore=STORE) for topic, kind in KINDS.items()
        }
        vector, nine = TYPES["geometry_msgs/msg/Vector3"], np.zeros(9)
        for number in numbers:
            time_ns = START_NS + number * STEP_NS
            said = {
                "/camera": TYPES[KINDS["/camera"]](
                    _header(time_ns), "jpeg", np.frombuffer(picture(number), np.uint8)
                ),
                "/imu": TYPES[KINDS["/imu"]](
                    _header(time_ns), TYPES["geometry_msgs/msg/Quaternion"](0, 0, 0, 1),
                    nine, vector(0.0, 0.0, number / 100), nine, vector(1.0, 0.0, 9.81), nine,
                ),
                "/log": TYPES[KINDS["/log"]]("so far so good"),
            }  # fmt: skip
            for topic, message in said.items():
                data = STORE.serialize_cdr(message, KINDS[topic])
                bag.write(channels[topic], time_ns, data)
    return folder


def split_bag(folder: Path, *parts: Path) -> Path:
    """One bag of the files of several, as a recorder that splits writes it."""
    folder.mkdir()
    lines = ["rosbag2_bagfile_information:", "  version: 8", "  relative_file_paths:"]
    files = ["  files:"]
    for number, part in enumerate(parts):
        (file,) = (path for path in part.iterdir() if path.name != "metadata.yaml")
        name = f"{folder.name}_{number}{file.suffix}"
        shutil.copy(file, folder / name)
        told = parse_metadata((part / "metadata.yaml").read_text())
        assert told is not None
        lines.append(f'    - "{name}"')
        files += [
            f"    - path: {name}",
            "      starting_time:",
            f"        nanoseconds_since_epoch: {told.splits[0].until_ns}",
            "      duration:",
            "        nanoseconds: 0",
            f"      message_count: {told.splits[0].messages}",
        ]
    (folder / "metadata.yaml").write_text("\n".join([*lines, *files, "  custom_data: ~", ""]))
    return folder


def file_of(folder: Path) -> Path:
    """The one file in SQLite of a bag."""
    return folder / f"{folder.name}.db3"
