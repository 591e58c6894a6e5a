"""Lenses and transforms of ROS 2, written by mcap-ros2-support, to calibrations."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ringroad.domain.calibration import CAMERA_AXES, VEHICLE, VEHICLE_AXES, Calibration
from ringroad.domain.recording import CAMERA, IMU, LIDAR, Channel
from ringroad.ingest.mcap_calibration import calibrations
from ringroad.ingest.poses import matrix_of
from ringroad.media.message import Lens, Transform
from ringroad.media.pictures.images import encode_jpeg

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from messages import (
    START_NS,
    Message,
    header,
    pixels,
    quaternion,
    read,
    vector,
    write_ros2,
)

K = [900.0, 0.0, 320.0, 0.0, 910.0, 240.0, 0.0, 0.0, 1.0]
P = [800.0, 0.0, 310.0, 0.0, 0.0, 805.0, 230.0, 0.0, 0.0, 0.0, 1.0, 0.0]
BENT = [-0.3, 0.1, 0.001, -0.002, 0.01]
OPTICAL = (0.5, -0.5, 0.5, -0.5)
HALF = np.sqrt(0.5)
ROI = {"x_offset": 0, "y_offset": 0, "height": 0, "width": 0, "do_rectify": False}


def picture(topic: str, frame: str, size: tuple[int, int] = (48, 32)) -> Message:
    data = encode_jpeg(pixels(1, (size[1], size[0], 3)))
    said = {"header": header(START_NS, frame), "format": "jpeg", "data": data}
    return (topic, "sensor_msgs/msg/CompressedImage", START_NS, said)


def info(topic: str, frame: str, number: int = 0, **more: object) -> Message:
    said = {
        "header": header(START_NS + number, frame),
        "width": 48,
        "height": 32,
        "distortion_model": "plumb_bob",
        "d": BENT,
        "k": K,
        "r": [1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0],
        "p": P,
        "binning_x": 0,
        "binning_y": 0,
        "roi": ROI,
    } | more
    return (topic, "sensor_msgs/msg/CameraInfo", START_NS + number, said)


def static(*links: tuple[str, str, tuple[float, ...], tuple[float, ...]]) -> Message:
    transforms = [
        {
            "header": header(START_NS, parent),
            "child_frame_id": child,
            "transform": {"translation": vector(*at), "rotation": quaternion(*turn)},
        }
        for parent, child, at, turn in links
    ]
    return ("/tf_static", "tf2_msgs/msg/TFMessage", START_NS, {"transforms": transforms})


def by_channel(path: Path) -> dict[str, Calibration]:
    return {item.channel: item for item in read(path).recording.calibrations}


def test_lens_and_pose_of_a_camera(tmp_path: Path) -> None:
    path = write_ros2(
        tmp_path / "a.mcap",
        [
            picture("/front/image_raw/compressed", "front_optical"),
            *(info("/front/camera_info", "front_optical", number) for number in range(5)),
            static(
                ("base_link", "mast", (1.0, 0.0, 1.5), (HALF, 0.0, 0.0, HALF)),
                ("mast", "front", (0.5, 0.0, 0.25), (1.0, 0.0, 0.0, 0.0)),
            ),
            static(("front", "front_optical", (0.0, 0.0, 0.0), OPTICAL)),
        ],
    )
    found = by_channel(path)["/front/image_raw/compressed"]
    assert found.intrinsics == (900.0, 910.0, 320.0, 240.0)
    assert (found.distortion_model, found.distortion) == ("plumb_bob", tuple(BENT))
    assert (found.parent, found.axes) == (VEHICLE, CAMERA_AXES)
    np.testing.assert_allclose(found.translation_m, (1.0, 0.5, 1.75), atol=1e-12)
    # The mast is turned to the left: what is ahead of the camera is to the left of the vehicle.
    np.testing.assert_allclose(matrix_of(found.rotation) @ [0, 0, 1], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(matrix_of(found.rotation) @ [1, 0, 0], [1, 0, 0], atol=1e-12)
    assert found.origin == "/tf_static, /front/camera_info"
    assert not read(path).notes


def test_a_rectified_camera_has_the_projection_and_no_distortion(tmp_path: Path) -> None:
    path = write_ros2(
        tmp_path / "a.mcap",
        [picture("/front/image_rect/compressed", "f"), info("/front/camera_info", "f")],
    )
    found = by_channel(path)["/front/image_rect/compressed"]
    assert found.intrinsics == (800.0, 805.0, 310.0, 230.0)
    assert (found.distortion_model, found.distortion, found.rotation) == ("", (), ())


def test_each_camera_has_the_lens_of_its_own_namespace(tmp_path: Path) -> None:
    wide = [2 * value for value in K]
    path = write_ros2(
        tmp_path / "a.mcap",
        [
            picture("/cam/left/image/compressed", "left"),
            picture("/cam/right/image/compressed", "right"),
            picture("/other/jpeg", "left"),
            info("/cam/left/camera_info", "left"),
            info("/cam/right/camera_info", "right", k=wide, d=[]),
        ],
    )
    found = by_channel(path)
    assert found["/cam/left/image/compressed"].intrinsics[0] == 900.0
    assert found["/cam/right/image/compressed"].intrinsics[0] == 1800.0
    assert found["/cam/right/image/compressed"].distortion_model == ""
    assert found["/other/jpeg"].intrinsics[0] == 900.0, "by its frame id"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"k": [0.0] * 9}, "tells no focal length"),
        ({"width": 640, "height": 480}, "is of 640x480 pixels, pictures have 48x32"),
        ({"binning_x": 2, "binning_y": 2}, "cropped or binned"),
        ({"roi": ROI | {"x_offset": 4}}, "cropped or binned"),
    ],
)
def test_doubts_of_lenses_are_told(tmp_path: Path, more: dict[str, object], why: str) -> None:
    path = write_ros2(
        tmp_path / "a.mcap", [picture("/c/image", "c"), info("/c/camera_info", "c", **more)]
    )
    assert why in " / ".join(read(path).notes)


def test_a_lens_that_changes_is_told(tmp_path: Path) -> None:
    said = [info("/c/camera_info", "c"), info("/c/camera_info", "c", 9, k=[2 * v for v in K])]
    path = write_ros2(tmp_path / "a.mcap", [picture("/c/image", "c"), *said])
    assert "changes what it tells" in " / ".join(read(path).notes)
    assert by_channel(path)["/c/image"].intrinsics[0] == 900.0


def camera(name: str) -> Channel:
    return Channel(name=name, sensor=CAMERA, encoding="jpeg", messages=1)


def link(parent: str, child: str, x: float = 1.0, turn: tuple[float, ...] = (1, 0, 0, 0)):
    return Transform(parent=parent, child=child, translation=(x, 0.0, 0.0), rotation=turn)


def placed(*links: Transform, frame: str = "cam", others: dict[str, str] | None = None):
    lidar = Channel(name="/lidar", sensor=LIDAR, encoding="pcd", messages=1)
    frames = {"/cam": frame} | (others or {})
    found = calibrations([camera("/cam"), lidar], frames, {}, {"/tf_static": links})
    return {item.channel: item for item in found.calibrations}, found.notes


def test_transforms_that_move_are_no_calibration() -> None:
    found, notes = placed(link("base_link", "cam", 1.0), link("base_link", "cam", 1.1))
    assert not found
    assert not notes
    found, _ = placed(link("base_link", "cam"), link("base_link", "cam", 1 + 1e-9))
    assert found["/cam"].translation_m == (1.0, 0.0, 0.0)


def test_a_tree_without_the_vehicle_leads_to_a_sensor() -> None:
    found, notes = placed(link("/velo", "/cam"), others={"/lidar": "velo"})
    assert (found["/cam"].parent, found["/cam"].axes) == ("/lidar", CAMERA_AXES)
    assert "/lidar" not in found
    assert notes == ("/lidar: no transform leads from velo to the vehicle",)


@pytest.mark.parametrize(
    "links",
    [
        (link("map", "cam"),),
        (link("a", "cam"), link("cam", "a")),
        (link("cam", "cam"),),
        (link("a", "cam"), link("b", "a"), link("a", "b")),
    ],
    ids=["elsewhere", "circle", "itself", "circle_above"],
)
def test_a_tree_that_leads_nowhere_gives_no_pose(links: tuple[Transform, ...]) -> None:
    found, notes = placed(*links)
    assert not found
    assert notes == ("/cam: no transform leads from cam to the vehicle",)


@pytest.mark.parametrize(
    "bad",
    [
        link("base_link", "cam", turn=(0.0, 0.0, 0.0, 0.0)),
        link("base_link", "cam", turn=(float("nan"), 0.0, 0.0, 0.0)),
        link("base_link", "cam", x=float("inf")),
    ],
)
def test_a_transform_that_is_none_is_told(bad: Transform) -> None:
    found, notes = placed(bad)
    assert not found
    assert notes[0] == "the transform of cam is none: left out"


def test_quaternions_are_of_unit_length_and_of_one_sign() -> None:
    found, _ = placed(link("base_link", "cam", turn=(-1.1, 0, 0, 0)))
    assert found["/cam"].rotation == (1.0, 0.0, 0.0, 0.0)
    found, _ = placed(
        link("base_link", "cam", turn=(1.0, 0, 0, 0)),
        link("base_link", "cam", turn=(-1.0, 0, 0, 0)),
    )
    assert "/cam" in found


def test_an_imu_has_a_pose_and_no_lens() -> None:
    imu = Channel(name="/imu", sensor=IMU, encoding="x", messages=1)
    lens = Lens(frame="imu", size=(1, 1), model="", distortion=(), matrix=tuple(K), projection=())
    told = {"/tf_static": [link("base_link", "imu")]}
    (found,) = calibrations([imu], {"/imu": "imu"}, {"/camera_info": [lens]}, told).calibrations
    assert (found.axes, found.intrinsics, found.translation_m) == (VEHICLE_AXES, (), (1, 0, 0))


def test_our_own_export_comes_back() -> None:
    """Its lens lies below the camera's own channel, its poses lead to `vehicle`."""
    lens = Lens(
        frame="front", size=(0, 0), model="equidistant", distortion=(0.1, 0, 0, 0),
        matrix=tuple(K), projection=(),
    )  # fmt: skip
    told = {"/tf_static": [link("vehicle", "front")]}
    (found,) = calibrations(
        [camera("/front")], {"/front": "front"}, {"/front/camera_info": [lens]}, told
    ).calibrations
    assert (found.parent, found.distortion_model) == (VEHICLE, "fisheye")
    assert found.translation_m == (1.0, 0.0, 0.0)
