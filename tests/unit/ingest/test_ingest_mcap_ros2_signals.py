"""Signals of ROS 2, written by mcap-ros2-support."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import (
    START_NS,
    STEP_NS,
    header,
    quaternion,
    read,
    series,
    vector,
    write_ros2,
)

COUNT = 12
POSE = {"position": vector(1.5, -2.5, 0.25), "orientation": quaternion(0.5, -0.5, 0.5, -0.5)}
TWIST = {"linear": vector(13.5, 0.5, 0.0), "angular": vector(0.0, 0.0, -0.125)}
SAID = {
    "nav_msgs/msg/Odometry": {
        "child_frame_id": "base_link",
        "pose": {"pose": POSE, "covariance": [0.1] * 36},
        "twist": {"twist": TWIST, "covariance": [0.1] * 36},
    },
    "geometry_msgs/msg/PoseStamped": {"pose": POSE},
    "sensor_msgs/msg/MagneticField": {
        "magnetic_field": vector(2e-5, -1e-5, 4e-5),
        "magnetic_field_covariance": [0.0] * 9,
    },
}
EXPECTED = {
    "pose.position.x": 1.5,
    "pose.position.y": -2.5,
    "pose.position.z": 0.25,
    "pose.orientation.w": 0.5,
    "pose.orientation.x": -0.5,
    "pose.orientation.y": 0.5,
    "pose.orientation.z": -0.5,
}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("nav_msgs/msg/Odometry", EXPECTED | {"speed": 13.5, "yaw_rate": -0.125}),
        ("geometry_msgs/msg/PoseStamped", EXPECTED),
        (
            "sensor_msgs/msg/MagneticField",
            {"magnetic_field.x": 2e-5, "magnetic_field.y": -1e-5, "magnetic_field.z": 4e-5},
        ),
    ],
)
def test_values_and_times(tmp_path: Path, kind: str, expected: dict[str, float]) -> None:
    times = [START_NS + number * STEP_NS for number in range(COUNT)]
    said = [
        ("/it", kind, time_ns + 7, {"header": header(time_ns, "f" * (at % 5))} | SAID[kind])
        for at, time_ns in enumerate(times)
    ]
    reading = read(write_ros2(tmp_path / "a.mcap", said))
    rows = reading.signals.to_pylist()
    assert {row["name"]: row["value"] for row in rows} == expected
    assert [row["time_ns"] for row in rows] == times * len(expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Bool", True), ("Float32", -1.5), ("Float64", 1e300), ("Int8", -128), ("Int16", -(2**15)),
        ("Int32", -(2**31)), ("Int64", -(2**53)), ("UInt8", 255), ("UInt16", 2**16 - 1),
        ("UInt32", 2**32 - 1), ("UInt64", 2**53),
    ],
)  # fmt: skip
def test_numbers_of_every_size(tmp_path: Path, name: str, value: float) -> None:
    said = [
        ("/vehicle/it", f"std_msgs/msg/{name}", START_NS + number * STEP_NS, {"data": value})
        for number in range(COUNT)
    ]
    reading = read(write_ros2(tmp_path / "a.mcap", said))
    assert series(reading, "it") == [float(value)] * COUNT
