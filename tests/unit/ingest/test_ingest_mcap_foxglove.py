"""Foxglove's schemas, in protobuf written by mcap-protobuf-support and in plain JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mcap.writer import CompressionType
from mcap.writer import Writer as McapWriter

from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.calibration import VEHICLE
from ringroad.domain.errors import UnreadableSource
from ringroad.media.encoded import read_encoded
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import decode_image, encode_jpeg
from ringroad.media.points.sweep import decode_points

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from foxglove import Message, write_json, write_protobuf
from messages import (
    START_NS,
    STEP_NS,
    OneFile,
    annexb_frames,
    decoded,
    pixels,
    quaternion,
    read,
    series,
    vector,
)

COUNT = 5
NAMES = {write_protobuf: "protobuf", write_json: "json"}
Write = Callable[..., Path]


@pytest.fixture(params=[write_protobuf, write_json], ids=["protobuf", "json"])
def write(request) -> Write:
    return request.param


def many(topic: str, kind: str, values: Callable[[int], dict[str, Any]]) -> list[Message]:
    """COUNT messages with their own times and a frame id."""
    times = [START_NS + number * STEP_NS for number in range(COUNT)]
    return [
        (topic, kind, time_ns + 3, {"timestamp": time_ns, "frame_id": "it"} | values(number))
        for number, time_ns in enumerate(times)
    ]


def picture(number: int) -> bytes:
    return encode_jpeg(np.kron(pixels(number, (4, 6, 3)), np.ones((8, 8, 1), np.uint8)))


def picture_messages() -> list[Message]:
    return many("/cam", "CompressedImage", lambda n: {"data": picture(n), "format": "jpeg"})


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.ZSTD])
def test_pictures_decode_where_they_lie(
    tmp_path: Path, write: Write, compression: CompressionType
) -> None:
    path = write(tmp_path / "a.mcap", picture_messages(), compression)
    reading = read(path)
    rows = reading.frames
    assert rows["time_ns"].to_pylist() == [START_NS + n * STEP_NS for n in range(COUNT)]
    encoding = {write_protobuf: "jpeg", write_json: "base64+jpeg"}[write]
    assert {*rows["encoding"].to_pylist()} == {encoding}
    found = read_decoded(OneFile(path), InlineSandbox(), rows, [*range(COUNT)])
    for number in range(COUNT):
        np.testing.assert_array_equal(found[number], decode_image(picture(number)))
    (channel,) = reading.recording.channels
    assert (channel.sensor, channel.width, channel.height) == ("camera", 48, 32)
    assert not reading.notes


@pytest.mark.parametrize("encoding", ["rgb8", "mono8", "bayer_rggb8"])
def test_plain_pictures(tmp_path: Path, write: Write, encoding: str) -> None:
    channels = 3 if encoding == "rgb8" else 1
    given = [pixels(n, (6, 8, channels)) for n in range(COUNT)]
    said = many(
        "/cam", "RawImage",
        lambda n: {
            "width": 8, "height": 6, "encoding": encoding, "step": 8 * channels,
            "data": given[n].tobytes(),
        },
    )  # fmt: skip
    path = write(tmp_path / "a.mcap", said)
    reading = read(path)
    found = read_decoded(OneFile(path), InlineSandbox(), reading.frames, [*range(COUNT)])
    if "bayer" not in encoding:
        np.testing.assert_array_equal(found, np.broadcast_to(np.stack(given), found.shape))
    assert found.shape == (COUNT, 6, 8, 3)
    assert not reading.notes


def cloud_messages(stride: int = 16, **more: Any) -> tuple[list[Message], list[np.ndarray]]:
    given = [pixels(n, (7 + n, 4)).astype("<f4") for n in range(COUNT)]
    fields = [
        {"name": name, "offset": 4 * at, "type": 7} for at, name in enumerate(("x", "y", "z", "v"))
    ]
    said = many(
        "/lidar", "PointCloud",
        lambda n: {"point_stride": stride, "fields": fields, "data": given[n].tobytes()} | more,
    )  # fmt: skip
    return said, given


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.LZ4])
def test_points(tmp_path: Path, write: Write, compression: CompressionType) -> None:
    said, given = cloud_messages()
    path = write(tmp_path / "a.mcap", said, compression)
    reading = read(path)
    rows = reading.sweeps
    assert rows["points"].to_pylist() == [7 + n for n in range(COUNT)]
    packed = read_encoded(OneFile(path), InlineSandbox(), rows)
    for encoding, data, values in zip(rows["encoding"].to_pylist(), packed, given, strict=True):
        found = decode_points(encoding, data)
        assert found.columns == ("x", "y", "z", "v")
        np.testing.assert_array_equal(found.values, values)
    assert not reading.notes


def test_a_sweep_without_a_point_is_one_in_protobuf(tmp_path: Path) -> None:
    said, _ = cloud_messages(data=b"")
    path = write_protobuf(tmp_path / "a.mcap", said)
    assert read(path).sweeps["points"].to_pylist() == [0] * COUNT


def test_points_with_a_pose_of_their_own_are_told(tmp_path: Path, write: Write) -> None:
    still = {"position": vector(0, 0, 0), "orientation": quaternion(1, 0, 0, 0)}
    for pose, told in ((still, False), (still | {"position": vector(0, 0, 1)}, True)):
        said, _ = cloud_messages(pose=pose)
        notes = " / ".join(read(write(tmp_path / "a.mcap", said)).notes)
        assert ("a pose of their own" in notes) is told


def test_points_that_do_not_fit_their_stride_are_refused(tmp_path: Path, write: Write) -> None:
    for stride in (0, 12):
        said, _ = cloud_messages(stride)
        with pytest.raises(UnreadableSource):
            read(write(tmp_path / "a.mcap", said[:1]))


def test_places_and_motion(tmp_path: Path, write: Write) -> None:
    pose = {"position": vector(1.5, 0, 0.25), "orientation": quaternion(0.5, -0.5, 0.5, -0.5)}
    said = [
        *many(
            "/gnss", "LocationFix",
            lambda n: {
                "latitude": 48.0 + n / 7, "longitude": -11.5, "altitude": 0.0,
                "position_covariance": [0.1] * 9, "position_covariance_type": 2,
            },
        ),
        *many(
            "/imu", "Imu",
            lambda n: {
                "orientation": quaternion(1, 0, 0, 0), "angular_velocity": vector(0, 0, n / 3),
                "linear_acceleration": vector(-1, 0, 9.81),
            },
        ),
        *many(
            "/odometry", "Odometry",
            lambda n: {
                "child_frame_id": "base_link", "pose": pose,
                "linear_velocity": vector(13.5, 0, 0), "angular_velocity": vector(0, 0, -n / 9),
            },
        ),
        *many("/pose", "PoseInFrame", lambda _: {"pose": pose}),
    ]  # fmt: skip
    reading = read(write(tmp_path / "a.mcap", sorted(said, key=lambda message: message[2])))
    numbers = range(COUNT)
    assert series(reading, "gnss.latitude") == [48.0 + n / 7 for n in numbers]
    assert series(reading, "gnss.longitude") == [-11.5] * COUNT
    assert series(reading, "gnss.altitude") == [0.0] * COUNT
    assert series(reading, "imu.angular_velocity.z") == [n / 3 for n in numbers]
    assert series(reading, "imu.linear_acceleration.z") == [9.81] * COUNT
    assert series(reading, "speed") == [13.5] * COUNT
    assert series(reading, "yaw_rate") == [-n / 9 for n in numbers]
    assert series(reading, "pose.orientation.w") == [0.5] * (2 * COUNT)
    assert series(reading, "pose.orientation.x") == [-0.5] * (2 * COUNT)
    sensors = {channel.name: channel.sensor for channel in reading.recording.channels}
    assert sensors == {
        "/gnss": "gnss", "/imu": "imu", "/odometry": "signals", "/pose": "signals",
    }  # fmt: skip
    times = {row["time_ns"] for row in reading.signals.to_pylist()}
    assert times == {START_NS + n * STEP_NS for n in numbers}


@pytest.mark.parametrize("together", [False, True])
def test_lenses_and_poses(tmp_path: Path, write: Write, together: bool) -> None:
    links = [
        ("base_link", "mast", vector(1, 0, 1.5), quaternion(1, 0, 0, 0)),
        ("mast", "it", vector(0.5, 0, 0), quaternion(0.5, -0.5, 0.5, -0.5)),
    ]
    told = [
        {
            "timestamp": START_NS, "parent_frame_id": parent, "child_frame_id": child,
            "translation": at, "rotation": turn,
        }
        for parent, child, at, turn in links
    ]  # fmt: skip
    moving = [
        ("/tf", "FrameTransform", START_NS + n, told[0] | {
            "parent_frame_id": "map", "child_frame_id": "base_link", "translation": vector(n, 0, 0),
        })
        for n in range(3)
    ]  # fmt: skip
    standing: list[Message] = (
        [("/static", "FrameTransforms", START_NS, {"transforms": told})]
        if together
        else [("/static", "FrameTransform", START_NS, one) for one in told]
    )
    said = [
        *standing,
        *moving,
        *many("/cam/image", "CompressedImage", lambda n: {"data": picture(n)}),
        *many(
            "/cam/calibration", "CameraCalibration",
            lambda _: {
                "width": 48, "height": 32, "distortion_model": "kannala_brandt",
                "D": [0.1, 0.2, 0.3, 0.4], "K": [90.0, 0, 24.0, 0, 91.0, 16.0, 0, 0, 1.0],
                "R": [1.0, 0, 0, 0, 1, 0, 0, 0, 1], "P": [0.0] * 12,
            },
        ),
    ]  # fmt: skip
    reading = read(write(tmp_path / "a.mcap", said))
    (found,) = reading.recording.calibrations
    assert (found.channel, found.parent) == ("/cam/image", VEHICLE)
    assert found.intrinsics == (90.0, 91.0, 24.0, 16.0)
    assert (found.distortion_model, found.distortion) == ("fisheye", (0.1, 0.2, 0.3, 0.4))
    np.testing.assert_allclose(found.translation_m, (1.5, 0, 1.5))
    np.testing.assert_allclose(found.rotation, (0.5, -0.5, 0.5, -0.5))
    assert not reading.notes


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_videos_in_protobuf(tmp_path: Path, codec: str) -> None:
    frames = annexb_frames(codec, 20)
    said = [
        ("/cam", "CompressedVideo", START_NS + n * STEP_NS, {
            "timestamp": START_NS + n * STEP_NS, "data": data, "format": codec,
        })
        for n, data in enumerate(frames)
    ]  # fmt: skip
    path = write_protobuf(tmp_path / "a.mcap", said[2:], CompressionType.ZSTD)
    reading = read(path)
    assert "6 frames refer to pictures that are not there" in " / ".join(reading.notes)
    whole = decoded(codec, frames)
    for number in (0, 11, 5):
        (found,) = read_decoded(OneFile(path), InlineSandbox(), reading.frames, [number])
        np.testing.assert_array_equal(found, whole[8 + number])


def test_videos_in_json_are_left_out_and_told(tmp_path: Path) -> None:
    said = {"data": b"\0\0\0\1\x65", "format": "h264"}
    video = many("/video", "CompressedVideo", lambda _: said)
    reading = read(write_json(tmp_path / "a.mcap", [*video, *picture_messages()]))
    assert {*reading.frames["channel"].to_pylist()} == {"/cam"}
    assert "/video: frames of a video lie as text" in " / ".join(reading.notes)


@pytest.mark.parametrize(
    "numbering", [{}, {"step": 3}, {"begin": 900}, {"begin": 100_000, "step": 1000}]
)
def test_numbers_of_fields_are_looked_up(tmp_path: Path, numbering: dict[str, int]) -> None:
    path = write_protobuf(tmp_path / "a.mcap", picture_messages(), **numbering)
    found = read_decoded(OneFile(path), InlineSandbox(), read(path).frames, [3])
    np.testing.assert_array_equal(found[0], decode_image(picture(3)))


@pytest.mark.parametrize("kind", ["float", "sint64", "int32", "uint64", "fixed32"])
def test_numbers_of_any_type(tmp_path: Path, kind: str) -> None:
    values = [2.0, 3.0, 127.0, 128.0, 70_000.0]
    if kind in {"float", "sint64", "int32"}:
        values = [-value for value in values]
    said = many(
        "/gnss", "LocationFix",
        lambda n: {"altitude": values[n] if kind == "float" else int(values[n])},
    )  # fmt: skip
    path = write_protobuf(tmp_path / "a.mcap", said, swap={"altitude": kind})
    assert series(read(path), "gnss.altitude") == values


@pytest.mark.parametrize("swap", [{"data": "string"}, {"data": "double"}, {"timestamp": "double"}])
def test_a_schema_of_other_types_is_refused(tmp_path: Path, swap: dict[str, str]) -> None:
    said = [("/cam", "CompressedImage", START_NS, {"frame_id": "it"})]
    with pytest.raises(UnreadableSource):
        read(write_protobuf(tmp_path / "a.mcap", said, swap=swap))


def test_an_encoding_that_nobody_reads_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with path.open("wb") as file:
        writer = McapWriter(file)
        writer.start()
        schema = writer.register_schema("foxglove.CompressedImage", "flatbuffer", b"")
        channel = writer.register_channel("/cam", "flatbuffer", schema)
        writer.add_message(channel, START_NS, b"1234", START_NS)
        writer.finish()
    with pytest.raises(UnreadableSource, match="/cam: messages in flatbuffer are not read"):
        read(path)


def test_types_that_nobody_reads_are_named(tmp_path: Path, write: Write) -> None:
    said = [("/scene", "SceneUpdate", START_NS, {"entities": ["a"]})]
    with pytest.raises(UnreadableSource, match=r"foxglove\.SceneUpdate"):
        read(write(tmp_path / "a.mcap", said))
