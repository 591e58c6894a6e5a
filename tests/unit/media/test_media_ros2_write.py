"""Messages that we put together, read by libraries that know nothing of us."""

from __future__ import annotations

import io

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from ringroad.domain.calibration import VEHICLE, VEHICLE_AXES, Calibration
from ringroad.media.export import ros2_write as write
from ringroad.media.export.mcap_write import McapFile
from ringroad.media.export.ros2_types import (
    CAMERA_INFO,
    CAN,
    CLOUD,
    DEFINITIONS,
    GNSS,
    IMU,
    MOTION,
    NUMBER,
    TRANSFORMS,
)
from ringroad.media.messages.ros2 import IMAGE, VIDEO

TIME = 1_790_000_001_123_456_789
POSE = Calibration(
    channel="camera",
    parent=VEHICLE,
    axes=VEHICLE_AXES,
    translation_m=(1.5, 0.25, 1.25),
    rotation=(0.5, -0.5, 0.5, -0.5),
    intrinsics=(700.0, 710.0, 320.5, 191.5),
    distortion_model="fisheye",
    distortion=(0.1, 0.2, 0.3, 0.4),
)
CLOUD_VALUES = np.arange(12, dtype=np.float32).reshape(3, 4)
BODIES = {
    IMAGE: write.image_message(TIME, "camera/front", "jpeg", b"\xff\xd8\xff123"),
    VIDEO: write.video_message(TIME, "c", "hevc", b"\0\0\0\1abc"),
    CLOUD: write.cloud_message(TIME, "lidar", ("x", "y", "z", "intensity"), CLOUD_VALUES),
    IMU: write.imu_message(TIME, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)),
    GNSS: write.gnss_message(TIME, 48.1, 11.5, 515.0, status=-2),
    NUMBER: write.number_message(3.25),
    MOTION: write.motion_message(TIME, 12.5, 0.25),
    CAN: write.can_message(TIME, 0xB4, bytes(range(8))),
    TRANSFORMS: write.transforms_message(TIME, [("vehicle", "camera", POSE)] * 2),
    CAMERA_INFO: write.camera_message(TIME, "camera", POSE, (640, 384)),
}


@pytest.fixture(scope="module")
def messages():
    """Each body by way of a whole file and mcap_ros2's decoder."""
    sink = io.BytesIO()
    file = McapFile(sink)
    for kind, body in BODIES.items():
        file.channel(f"/{kind}", kind, {"unit": "m"})
        file.message(f"/{kind}", TIME, body)
    file.metadata("about", {"a": "b"})
    file.finish()
    reader = make_reader(io.BytesIO(sink.getvalue()), decoder_factories=[DecoderFactory()])
    found = {}
    for schema, channel, message, said in reader.iter_decoded_messages():
        assert message.log_time == message.publish_time == TIME
        assert channel.metadata == {"unit": "m"}
        found[schema.name] = said
    assert [item.metadata for item in reader.iter_metadata()] == [{"a": "b"}]
    assert found.keys() == DEFINITIONS.keys()
    return found


def test_every_message_is_read_by_the_types_of_ros(messages):
    store = get_typestore(Stores.ROS2_HUMBLE)
    store.register(get_types_from_msg(DEFINITIONS[VIDEO].partition("=")[0], VIDEO))
    store.register(get_types_from_msg(DEFINITIONS[CAN].partition("=")[0], CAN))
    for kind, body in BODIES.items():
        said = store.deserialize_cdr(body, kind)
        assert bytes(store.serialize_cdr(said, kind)) == body, kind


def test_times_keep_their_nanoseconds(messages):
    for kind in (IMAGE, CLOUD, IMU, GNSS, MOTION, CAN, CAMERA_INFO):
        stamp = messages[kind].header.stamp
        assert stamp.sec * 10**9 + stamp.nanosec == TIME, kind
    stamp = messages[VIDEO].timestamp
    assert stamp.sec * 10**9 + stamp.nanosec == TIME


def test_pictures(messages):
    image, video = messages[IMAGE], messages[VIDEO]
    assert (image.header.frame_id, image.format) == ("camera/front", "jpeg")
    assert bytes(image.data) == b"\xff\xd8\xff123"
    assert (video.frame_id, video.format, bytes(video.data)) == ("c", "h265", b"\0\0\0\1abc")


def test_points(messages):
    cloud = messages[CLOUD]
    assert (cloud.height, cloud.width, cloud.point_step, cloud.row_step) == (1, 3, 16, 48)
    assert [(f.name, f.offset, f.datatype, f.count) for f in cloud.fields] == [
        ("x", 0, 7, 1), ("y", 4, 7, 1), ("z", 8, 7, 1), ("intensity", 12, 7, 1)
    ]  # fmt: skip
    assert not cloud.is_bigendian
    assert cloud.is_dense
    read = np.frombuffer(bytes(cloud.data), "<f4").reshape(3, 4)
    np.testing.assert_array_equal(read, CLOUD_VALUES)


def test_a_sweep_without_points():
    body = write.cloud_message(TIME, "lidar", ("x", "y", "z"), np.zeros((0, 3), np.float32))
    said = get_typestore(Stores.ROS2_HUMBLE).deserialize_cdr(body, CLOUD)
    assert (said.width, len(said.data)) == (0, 0)


def test_low_rate(messages):
    imu, gnss = messages[IMU], messages[GNSS]
    turn, push = imu.angular_velocity, imu.linear_acceleration
    assert (turn.x, turn.y, turn.z, push.x, push.y, push.z) == (1, 2, 3, 4, 5, 6)
    assert imu.orientation_covariance[0] == -1  # no orientation
    assert (gnss.latitude, gnss.longitude, gnss.altitude) == (48.1, 11.5, 515.0)
    assert gnss.status.status == -2
    assert messages[NUMBER].data == 3.25


def test_calibrations(messages):
    both = messages[TRANSFORMS].transforms
    assert len(both) == 2
    assert [pose.child_frame_id for pose in both] == ["camera", "camera"]
    pose, info = both[1], messages[CAMERA_INFO]
    assert pose.header.frame_id == "vehicle"
    at, turned = pose.transform.translation, pose.transform.rotation
    assert (at.x, at.y, at.z) == POSE.translation_m
    assert (turned.w, turned.x, turned.y, turned.z) == POSE.rotation
    assert (info.width, info.height, info.distortion_model) == (640, 384, "equidistant")
    assert list(info.d) == [0.1, 0.2, 0.3, 0.4]
    assert list(info.k) == [700, 0, 320.5, 0, 710, 191.5, 0, 0, 1]
    assert list(info.p) == [700, 0, 320.5, 0, 0, 710, 191.5, 0, 0, 0, 1, 0]
