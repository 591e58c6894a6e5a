"""Pictures, sweeps, lenses and transforms of ROS 1, written by the rosbags library."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import Writer
from rosbags import rosbag1
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.calibration import VEHICLE
from ringroad.domain.ids import digest_of, recording_id, vehicle_id
from ringroad.ingest.read_mcap import McapReader
from ringroad.ingest.read_rosbag1 import Rosbag1Reader
from ringroad.media.encoded import read_encoded
from ringroad.media.frames import read_decoded
from ringroad.media.points.sweep import decode_points
from ringroad.protocols.reader import Reading, ReadRequest

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import START_NS, STEP_NS, OneFile, pixels, series

STORE = get_typestore(Stores.ROS1_NOETIC)
STORE.register(
    get_types_from_msg("geometry_msgs/TransformStamped[] transforms", "tf2_msgs/msg/TFMessage")
)
TYPES = STORE.types
COUNT = 4
KINDS = {
    "/cam/image_raw": "sensor_msgs/msg/Image",
    "/cam/camera_info": "sensor_msgs/msg/CameraInfo",
    "/points": "sensor_msgs/msg/PointCloud2",
    "/tf_static": "tf2_msgs/msg/TFMessage",
    "/odom": "nav_msgs/msg/Odometry",
}
READERS = {"bag": Rosbag1Reader, "mcap": McapReader}


def make(kind: str, *values: object) -> object:
    return TYPES[kind](*values)


def header(number: int, frame: str) -> object:
    stamp = make("builtin_interfaces/msg/Time", *divmod(START_NS + number * STEP_NS, 10**9))
    return make("std_msgs/msg/Header", number, stamp, frame)


def picture(number: int) -> np.ndarray:
    return pixels(number, (6, 8, 3))


def points(number: int) -> np.ndarray:
    return pixels(number, (5, 3)).astype("<f4")


def messages(number: int) -> dict[str, object]:
    vector, turn = "geometry_msgs/msg/Vector3", "geometry_msgs/msg/Quaternion"
    link = make(
        "geometry_msgs/msg/TransformStamped", header(number, "/base_link"), "/cam",
        make("geometry_msgs/msg/Transform", make(vector, 1.5, 0, 1.2), make(turn, 0, 0, 0, 1)),
    )  # fmt: skip
    fields = [
        make("sensor_msgs/msg/PointField", axis, 4 * at, 7, 1) for at, axis in enumerate("xyz")
    ]
    place = make("geometry_msgs/msg/Point", 1, 2, 3)
    pose = make("geometry_msgs/msg/Pose", place, make(turn, 0, 0, 0, 1))
    pose = make("geometry_msgs/msg/PoseWithCovariance", pose, np.zeros(36))
    twist = make("geometry_msgs/msg/Twist", make(vector, 7.5, 0, 0), make(vector, 0, 0, number))
    lens = np.array([90.0, 0, 4, 0, 91, 3, 0, 0, 1])
    roi = make("sensor_msgs/msg/RegionOfInterest", 0, 0, 0, 0, False)
    data = points(number).tobytes()
    return {
        "/cam/image_raw": make(
            KINDS["/cam/image_raw"], header(number, "cam"), 6, 8, "bgr8", 0, 24,
            np.ascontiguousarray(picture(number)[..., ::-1]).reshape(-1),
        ),
        "/cam/camera_info": make(
            KINDS["/cam/camera_info"], header(number, "cam"), 6, 8, "plumb_bob",
            np.full(5, 0.1), lens, np.eye(3).reshape(-1), np.zeros(12), 0, 0, roi,
        ),
        "/points": make(
            KINDS["/points"], header(number, "lidar"), 1, 5, fields, False, 12, len(data),
            np.frombuffer(data, np.uint8), True,
        ),
        "/tf_static": make(KINDS["/tf_static"], [link]),
        "/odom": make(
            KINDS["/odom"], header(number, "odom"), "base_link", pose,
            make("geometry_msgs/msg/TwistWithCovariance", twist, np.zeros(36)),
        ),
    }  # fmt: skip


def write_bag(path: Path) -> Path:
    with rosbag1.Writer(path) as bag:
        links = {
            topic: bag.add_connection(topic, kind, typestore=STORE) for topic, kind in KINDS.items()
        }
        for number in range(COUNT):
            for topic, message in messages(number).items():
                data = STORE.serialize_ros1(message, KINDS[topic])
                bag.write(links[topic], START_NS + number * STEP_NS, data)
    return path


def write_mcap(path: Path) -> Path:
    """As converters write bags of ROS 1: names without `msg`, messages as they were."""
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start(profile="ros1")
        links = {}
        for topic, kind in KINDS.items():
            schema = writer.register_schema(kind.replace("/msg/", "/"), "ros1msg", b"")
            links[topic] = writer.register_channel(topic, "ros1", schema)
        for number in range(COUNT):
            time_ns = START_NS + number * STEP_NS
            for topic, message in messages(number).items():
                data = bytes(STORE.serialize_ros1(message, KINDS[topic]))
                writer.add_message(links[topic], time_ns, data, time_ns)
        writer.finish()
    return path


@pytest.fixture(params=["bag", "mcap"])
def found(request, tmp_path: Path) -> tuple[Path, Reading]:
    write = {"bag": write_bag, "mcap": write_mcap}[request.param]
    path = write(tmp_path / f"a.{request.param}")
    vehicle = vehicle_id("car")
    asked = ReadRequest(
        path=path, source=digest_of(path.read_bytes()), vehicle=vehicle, source_key=path.name,
        recording=recording_id(vehicle, path.name),
    )  # fmt: skip
    return path, READERS[request.param]().read(asked)


def test_everything_comes_back(found: tuple[Path, Reading]) -> None:
    path, reading = found
    pictures = read_decoded(OneFile(path), InlineSandbox(), reading.frames, [*range(COUNT)])
    np.testing.assert_array_equal(pictures, np.stack([picture(n) for n in range(COUNT)]))
    packed = read_encoded(OneFile(path), InlineSandbox(), reading.sweeps)
    for number, encoding in enumerate(reading.sweeps["encoding"].to_pylist()):
        values = decode_points(encoding, packed[number]).values
        np.testing.assert_array_equal(values, points(number))
    times = [START_NS + number * STEP_NS for number in range(COUNT)]
    assert reading.frames["time_ns"].to_pylist() == reading.sweeps["time_ns"].to_pylist() == times
    assert series(reading, "speed") == [7.5] * COUNT
    assert series(reading, "yaw_rate") == [*range(COUNT)]
    (camera,) = reading.recording.calibrations
    assert (camera.channel, camera.parent) == ("/cam/image_raw", VEHICLE)
    assert camera.intrinsics == (90.0, 91.0, 4.0, 3.0)
    assert camera.translation_m == (1.5, 0.0, 1.2)
    assert camera.distortion == (0.1,) * 5
    sensors = {channel.name: channel.sensor for channel in reading.recording.channels}
    assert sensors == {
        "/cam/image_raw": "camera", "/points": "lidar", "/odom": "signals",
        "/cam/camera_info": "other", "/tf_static": "other",
    }  # fmt: skip
    assert reading.notes == ("/points: no transform leads from lidar to the vehicle",)
