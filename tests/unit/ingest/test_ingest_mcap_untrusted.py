"""Damaged messages of every type that is read: one clear error, or what is left of them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.ingest.read_mcap import McapReader
from ringroad.media.encoded import read_encoded
from ringroad.media.frames import read_decoded
from ringroad.media.points.sweep import decode_points
from ringroad.protocols.reader import Reading, ReadRequest

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

import foxglove
from messages import (
    START_NS,
    VIDEO,
    OneFile,
    annexb_frames,
    header,
    pixels,
    quaternion,
    read_or_refused,
    stamp,
    vector,
    write_ros2,
)

from ringroad.domain.ids import Digest, recording_id, vehicle_id
from ringroad.media.pictures.images import encode_jpeg

EDITS = st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), min_size=1, max_size=30)
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
AXES = [
    {"name": axis, "offset": 4 * at, "datatype": 7, "count": 1} for at, axis in enumerate("xyz")
]
POINTS = np.arange(12, dtype="<f4").tobytes()
POSE = {"position": vector(1, 2, 3), "orientation": quaternion(1, 0, 0, 0)}


def ros2(path: Path) -> Path:
    head = {"header": header(START_NS, "it")}
    link = {**head, "child_frame_id": "c", "transform": {
        "translation": vector(1, 2, 3), "rotation": quaternion(1, 0, 0, 0)}}  # fmt: skip
    said = [
        ("/plain", "sensor_msgs/msg/Image", START_NS, {
            **head, "width": 4, "height": 2, "encoding": "rgb8", "is_bigendian": 0, "step": 12,
            "data": bytes(24)}),
        ("/lidar", "sensor_msgs/msg/PointCloud2", START_NS, {
            **head, "width": 4, "height": 1, "fields": AXES, "is_bigendian": False,
            "point_step": 12, "row_step": 48, "data": POINTS, "is_dense": True}),
        ("/plain/camera_info", "sensor_msgs/msg/CameraInfo", START_NS, {
            **head, "width": 4, "height": 2, "distortion_model": "plumb_bob", "d": [0.1] * 5,
            "k": [1.0] * 9, "r": [1.0] * 9, "p": [1.0] * 12, "binning_x": 0, "binning_y": 0,
            "roi": {"x_offset": 0, "y_offset": 0, "height": 0, "width": 0, "do_rectify": False}}),
        ("/tf_static", "tf2_msgs/msg/TFMessage", START_NS, {"transforms": [link, link]}),
        ("/odometry", "nav_msgs/msg/Odometry", START_NS, {
            **head, "child_frame_id": "b", "pose": {"pose": POSE, "covariance": [0.0] * 36},
            "twist": {"twist": {"linear": vector(1, 0, 0), "angular": vector(0, 0, 1)},
                      "covariance": [0.0] * 36}}),
        *(("/video", VIDEO, START_NS + n, {
            "timestamp": stamp(START_NS + n), "frame_id": "v", "data": data, "format": "h264"})
          for n, data in enumerate(annexb_frames("h264", 3))),
    ]  # fmt: skip
    return write_ros2(path, said, enable_crcs=False)


def foxglove_messages() -> list[foxglove.Message]:
    head = {"timestamp": START_NS, "frame_id": "it"}
    fields = [{"name": axis, "offset": 4 * at, "type": 7} for at, axis in enumerate("xyz")]
    link = {
        "timestamp": START_NS, "parent_frame_id": "base_link", "child_frame_id": "it",
        "translation": vector(1, 2, 3), "rotation": quaternion(1, 0, 0, 0),
    }  # fmt: skip
    jpeg = encode_jpeg(pixels(1, (16, 16, 3)))
    said = {
        "CompressedImage": {**head, "data": jpeg, "format": "jpeg"},
        "RawImage": {
            **head, "width": 4, "height": 2, "encoding": "mono8", "step": 4, "data": bytes(8),
        },
        "PointCloud": {
            **head, "pose": POSE, "point_stride": 12, "fields": fields, "data": POINTS,
        },
        "LocationFix": {**head, "latitude": 48.0, "longitude": 11.0, "altitude": 500.0},
        "Imu": {
            **head, "angular_velocity": vector(0, 0, 1), "linear_acceleration": vector(0, 0, 9),
        },
        "FrameTransforms": {"transforms": [link, link]},
        "FrameTransform": link,
        "CameraCalibration": {
            **head, "width": 16, "height": 16, "distortion_model": "plumb_bob", "D": [0.1] * 5,
            "K": [1.0] * 9, "R": [1.0] * 9, "P": [1.0] * 12,
        },
        "Odometry": {**head, "pose": POSE, "linear_velocity": vector(1, 0, 0)},
    }  # fmt: skip
    return [(f"/{kind}", kind, START_NS, values) for kind, values in said.items()]


WRITERS = {
    "ros2": ros2,
    "protobuf": lambda path: foxglove.write_protobuf(path, foxglove_messages(), enable_crcs=False),
    "json": lambda path: foxglove.write_json(path, foxglove_messages(), enable_crcs=False),
}


@pytest.fixture(scope="module", params=sorted(WRITERS))
def whole(request, tmp_path_factory) -> bytes:
    return WRITERS[request.param](tmp_path_factory.mktemp("whole") / "a.mcap").read_bytes()


def read(path: Path) -> Reading:
    vehicle = vehicle_id("car")
    request = ReadRequest(
        path=path, source=Digest("sha256:" + "0" * 64), vehicle=vehicle, source_key="a.mcap",
        recording=recording_id(vehicle, "a.mcap"),
    )  # fmt: skip
    return McapReader().read(request)


def decode_all(path: Path, reading: Reading) -> int:
    """How many pictures and sweeps can be decoded; damaged ones may be refused."""
    decoded = 0
    for channel in {*reading.frames["channel"].to_pylist()}:
        mine = [row == channel for row in reading.frames["channel"].to_pylist()]
        rows = reading.frames.filter(mine)
        for sequence in rows["sequence"].to_pylist():
            with read_or_refused():
                decoded += len(read_decoded(OneFile(path), InlineSandbox(), rows, [sequence]))
    if reading.sweeps is not None:
        packed = read_encoded(OneFile(path), InlineSandbox(), reading.sweeps)
        for encoding, data in zip(reading.sweeps["encoding"].to_pylist(), packed, strict=True):
            with read_or_refused():
                decoded += len(decode_points(encoding, data).values) > 0
    return decoded


def test_the_whole_file_is_read(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(whole)
    reading = read(path)
    assert decode_all(path, reading) >= 3
    assert len(reading.signals) >= 6
    assert reading.recording.calibrations


@MANY
@given(edits=EDITS, cut=st.one_of(st.just(1.0), st.floats(0, 1)))
def test_a_damaged_file_is_read_or_refused(
    whole: bytes, tmp_path: Path, edits: list[tuple[float, int]], cut: float
) -> None:
    data = bytearray(whole)
    for share, value in edits:
        data[int(share * len(data))] = value
    path = tmp_path / "a.mcap"
    path.write_bytes(data[: int(cut * len(data))])
    with read_or_refused():
        decode_all(path, read(path))
