"""Point clouds of ROS 2, written by mcap-ros2-support."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import CompressionType

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.errors import UnreadableSource
from ringroad.media.encoded import read_encoded
from ringroad.media.points.sweep import Points, decode_points
from ringroad.protocols.reader import Reading

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import START_NS, STEP_NS, Message, OneFile, header, read, write_ros2

CLOUD = "sensor_msgs/msg/PointCloud2"
TYPES = {"i1": 1, "u1": 2, "i2": 3, "u2": 4, "i4": 5, "u4": 6, "f4": 7, "f8": 8}
VELODYNE = np.dtype(
    {
        "names": ["x", "y", "z", "intensity", "ring", "time"],
        "formats": ["<f4", "<f4", "<f4", "<f4", "<u2", "<f4"],
        "offsets": [0, 4, 8, 16, 20, 24],
        "itemsize": 32,
    }
)


def points(seed: int, kind: np.dtype, count: int = 7) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(seed))
    found = np.zeros(count, kind)
    for name in kind.names or ():
        found[name] = rng.integers(0, 100, count)
    return found


def cloud(number: int, values: np.ndarray, topic: str = "/lidar/points", **more: object) -> Message:
    time_ns = START_NS + number * STEP_NS
    fields = [
        {"name": name, "offset": at, "datatype": TYPES[kind.str[1:]], "count": 1}
        for name, (kind, at, *_) in (values.dtype.fields or {}).items()
    ]
    said = {
        "header": header(time_ns, "velodyne"),
        "height": 1,
        "width": len(values),
        "fields": fields,
        "is_bigendian": any(kind.str[0] == ">" for kind, *_ in values.dtype.fields.values()),
        "point_step": values.dtype.itemsize,
        "row_step": values.nbytes,
        "data": values.tobytes(),
        "is_dense": True,
    } | more
    return (topic, CLOUD, time_ns, said)


def decoded(path: Path, reading: Reading) -> list[Points]:
    rows = reading.sweeps
    assert rows is not None
    packed = read_encoded(OneFile(path), InlineSandbox(), rows)
    return [decode_points(*pair) for pair in zip(rows["encoding"].to_pylist(), packed, strict=True)]


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.LZ4])
@pytest.mark.parametrize(
    "kind",
    [
        VELODYNE,
        np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4")]),
        np.dtype([("x", ">f8"), ("y", ">f8"), ("z", ">f8"), ("rcs", ">i2")]),
        np.dtype([("x", "<i2"), ("y", "<i2"), ("z", "<i2"), ("tag", "u1"), ("t", "<u4")]),
    ],
    ids=["velodyne", "three", "big_endian", "small"],
)
def test_points_come_back(tmp_path: Path, kind: np.dtype, compression: CompressionType) -> None:
    given = [points(number, kind, 5 + number) for number in range(3)]
    said = [cloud(number, values) for number, values in enumerate(given)]
    path = write_ros2(tmp_path / "a.mcap", said, compression)
    reading = read(path)
    found = decoded(path, reading)
    for one, values in zip(found, given, strict=True):
        assert one.columns == kind.names
        for place, name in enumerate(one.columns):
            np.testing.assert_array_equal(one.values[:, place], values[name].astype(np.float32))
    assert reading.sweeps["points"].to_pylist() == [5, 6, 7]
    assert {*reading.sweeps["sensor"].to_pylist()} == {"lidar"}
    assert not len(reading.frames)
    assert reading.recording.start_ns == START_NS
    assert reading.recording.duration_ns == 2 * STEP_NS
    (channel,) = reading.recording.channels
    assert (channel.sensor, channel.messages, channel.rate_hz) == ("lidar", 3, 10.0)


def test_rows_of_points_and_radars(tmp_path: Path) -> None:
    values = points(1, VELODYNE, 6)
    path = write_ros2(
        tmp_path / "a.mcap",
        [cloud(0, values, "/radar/front", height=2, width=3, row_step=96)],
    )
    reading = read(path)
    (row,) = reading.sweeps.to_pylist()
    assert (row["sensor"], row["points"]) == ("radar", 6)
    np.testing.assert_array_equal(decoded(path, reading)[0].values[:, 0], values["x"])


def test_a_sweep_without_a_point_is_one(tmp_path: Path) -> None:
    given = [points(1, VELODYNE, 0), points(2, VELODYNE, 4)]
    said = [cloud(number, values) for number, values in enumerate(given)]
    for compression in (CompressionType.NONE, CompressionType.ZSTD):
        path = write_ros2(tmp_path / "a.mcap", said, compression)
        reading = read(path)
        assert reading.sweeps["points"].to_pylist() == [0, 4]
        assert [len(one.values) for one in decoded(path, reading)] == [0, 4]


def test_fields_that_nobody_knows_are_passed_over(tmp_path: Path) -> None:
    values = points(1, VELODYNE)
    _, _, _, said = cloud(0, values)
    fields = said["fields"] + [
        {"name": "many", "offset": 0, "datatype": 7, "count": 4},
        {"name": "odd name, really", "offset": 0, "datatype": 7, "count": 1},
        {"name": "odd_type", "offset": 0, "datatype": 99, "count": 1},
    ]
    path = write_ros2(tmp_path / "a.mcap", [cloud(0, values, fields=fields)])
    assert decoded(path, read(path))[0].columns == VELODYNE.names


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (cloud(1, points(1, VELODYNE), width=8), "other bytes than its rows"),
        (cloud(1, points(1, VELODYNE), row_step=300), "other bytes than its rows"),
        (cloud(1, points(1, np.dtype([("x", "<f4"), ("y", "<f4")]))), "have the fields x, y"),
        (cloud(1, points(1, VELODYNE), point_step=8, row_step=56, data=b"\0" * 56), "behind its"),
    ],
)
def test_what_holds_no_points_is_left_out_and_told(tmp_path: Path, bad: Message, why: str) -> None:
    same = [cloud(0, points(0, VELODYNE)), cloud(2, points(2, VELODYNE))]
    if "x, y" in why:
        with pytest.raises(UnreadableSource, match=why):
            read(write_ros2(tmp_path / "a.mcap", [bad]))
        return
    reading = read(write_ros2(tmp_path / "a.mcap", [same[0], bad, same[1]]))
    assert reading.sweeps["sequence"].to_pylist() == [0, 2]
    assert why in " / ".join(reading.notes)


@pytest.mark.parametrize(
    "encoding",
    [
        "pointcloud2-", "pointcloud2-12", "pointcloud2-12-x:<f4:0", "pointcloud2-0-x:<f4:0",
        "pointcloud2-99999-x:<f4:0,y:<f4:4,z:<f4:8", "pointcloud2-12-x:<f4:0,y:<f4:4,z:<f4:9",
        "pointcloud2-12-x:<f4:0,x:<f4:0,y:<f4:4,z:<f4:8", "pointcloud2-12-x:<f2:0,y:<f4:4,z:<f4:8",
        "pointcloud2-12-" + "x:<f4:0," * 1000,
    ],
)  # fmt: skip
def test_an_encoding_that_tells_no_points_is_refused(encoding: str) -> None:
    with pytest.raises(UnreadableSource):
        decode_points(encoding, bytes(24))


def test_half_a_point_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="13 bytes are not whole points"):
        decode_points("pointcloud2-12-x:<f4:0,y:<f4:4,z:<f4:8", bytes(13))
