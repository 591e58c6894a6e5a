"""Bags of ROS 1, written by the rosbags library: every message found, cut and damaged ones too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rosbags import rosbag1
from rosbags.typesys import Stores, get_typestore

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.read_rosbag1 import Rosbag1Reader
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import decode_image, encode_jpeg
from ringroad.protocols.reader import Reading, ReadRequest

START_NS = 1_500_000_000_123_456_789
COUNT = 40
STORE = get_typestore(Stores.ROS1_NOETIC)
TYPES = STORE.types


def header(number: int, time_ns: int):
    stamp = TYPES["builtin_interfaces/msg/Time"](*divmod(time_ns, 10**9))
    return TYPES["std_msgs/msg/Header"](seq=number, stamp=stamp, frame_id="sensor")


def picture(number: int) -> bytes:
    pixels = np.full((48, 64, 3), number * 5, np.uint8)
    pixels[: number + 1, :8] = 255
    return encode_jpeg(pixels, quality=95)


def write(path: Path, compression: str = "") -> Path:
    """COUNT pictures, IMU and GNSS messages, 100 ms apart."""
    bag = rosbag1.Writer(path)
    if compression:
        bag.set_compression(rosbag1.Writer.CompressionFormat[compression])
    with bag:
        kinds = {
            "/camera": "sensor_msgs/msg/CompressedImage",
            "/imu": "sensor_msgs/msg/Imu",
            "/fix": "sensor_msgs/msg/NavSatFix",
        }
        channels = {
            topic: bag.add_connection(topic, kind, typestore=STORE) for topic, kind in kinds.items()
        }
        vector, nine = TYPES["geometry_msgs/msg/Vector3"], np.zeros(9)
        for number in range(COUNT):
            time_ns = START_NS + number * 100_000_000
            said = {
                "/camera": TYPES[kinds["/camera"]](
                    header(number, time_ns), "jpeg", np.frombuffer(picture(number), np.uint8)
                ),
                "/imu": TYPES[kinds["/imu"]](
                    header(number, time_ns), TYPES["geometry_msgs/msg/Quaternion"](0, 0, 0, 1),
                    nine, vector(0.0, 0.0, number / 100), nine, vector(1.0, 0.0, 9.81), nine,
                ),
                "/fix": TYPES[kinds["/fix"]](
                    header(number, time_ns), TYPES["sensor_msgs/msg/NavSatStatus"](0, 1),
                    48.0 + number / 1000, 11.0, 500.0, nine, 0,
                ),
            }  # fmt: skip
            for topic, message in said.items():
                data = STORE.serialize_ros1(message, kinds[topic])
                bag.write(channels[topic], time_ns, data)
    return path


def read(path: Path) -> Reading:
    vehicle = vehicle_id("car")
    return Rosbag1Reader().read(
        ReadRequest(
            path=path, source=digest_of(path.read_bytes()), vehicle=vehicle, source_key=path.name,
            recording=recording_id(vehicle, path.name),
        )
    )  # fmt: skip


class OneFile:
    """Reads one file as the sources of a workspace would."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()

    def read_range(self, source: str, offset: int, length: int, *, xxh3: int | None = None):
        return self.data[offset : offset + length]

    def location(self, source: str) -> None:
        """In memory."""


@pytest.mark.parametrize("compression", ["", "LZ4", "BZ2"])
def test_every_message_is_found_with_its_nanoseconds(tmp_path: Path, compression: str) -> None:
    path = write(tmp_path / "drive.bag", compression)
    found = read(path)
    times = found.frames["time_ns"].to_numpy()
    assert times.tolist() == [START_NS + number * 100_000_000 for number in range(COUNT)]
    assert {channel.name: channel.messages for channel in found.recording.channels} == {
        "/camera": COUNT, "/imu": COUNT, "/fix": COUNT,
    }  # fmt: skip
    pixels = read_decoded(OneFile(path), InlineSandbox(), found.frames, [0, 7, COUNT - 1])
    for at, number in enumerate((0, 7, COUNT - 1)):
        np.testing.assert_array_equal(pixels[at], decode_image(picture(number)))
    signals = found.signals.to_pylist()
    latitudes = [row["value"] for row in signals if row["name"] == "gnss.latitude"]
    turning = [row["value"] for row in signals if row["name"] == "imu.angular_velocity.z"]
    assert latitudes == [48.0 + number / 1000 for number in range(COUNT)]
    assert turning == [number / 100 for number in range(COUNT)]
    assert found.recording.container == "rosbag1"
    assert not found.recording.salvaged


def test_a_bag_that_was_cut_off_is_read_to_its_last_whole_chunk(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.bag").read_bytes()
    path = tmp_path / "cut.bag"
    counts = []
    for at in range(5000, len(whole), len(whole) // 25):
        path.write_bytes(whole[:at])
        try:
            found = read(path)
        except UnreadableSource:
            counts.append(0)
        else:
            counts.append(found.frames.num_rows)
            assert "cut off" in found.recording.salvaged
    assert counts == sorted(counts)


def test_a_bag_that_was_never_indexed_is_read_chunk_by_chunk(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.bag", "LZ4").read_bytes()
    at = whole.index(b"op=\x04")  # the first index behind the first chunk
    path = tmp_path / "cut.bag"
    path.write_bytes(whole[: at - 8])
    assert read(path).frames.num_rows > 0


def test_what_is_no_bag_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.bag"
    path.write_bytes(b"#ROSBAG V2.0\n" + bytes(100))
    with pytest.raises(UnreadableSource):
        read(path)
    assert not Rosbag1Reader().recognises(b"#ROSBAG V1.2\n", "old.bag")
