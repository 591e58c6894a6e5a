from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.ingest.kitti_calibration import kitti_calibrations, parse_kitti
from ringroad.ingest.poses import matrix_of
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.points.sweep import decode_points

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from layouts import read_folder

PICTURE = encode_jpeg(np.zeros((8, 16, 3), np.uint8))
POINTS = np.arange(12, dtype="<f4").reshape(3, 4)
CALIBRATION = """P2: 700 0 600 45 0 700 180 -0.3 0 0 1 0.005
P3: 700 0 600 -334 0 700 180 2.3 0 0 1 0.003
R0_rect: 1 0 0 0 1 0 0 0 1
Tr_velo_to_cam: 0 -1 0 0.1 0 0 -1 0.2 1 0 0 0.3
"""


@pytest.fixture
def split(tmp_path) -> Path:
    files = {
        "image_2/000003.png": b"no picture",
        "image_2/000004.jpeg": PICTURE,
        "image_2/000010.jpeg": PICTURE,
        "image_2/left.jpeg": PICTURE,
        "label_2/000004.txt": b"",
        "velodyne/000010.bin": POINTS.tobytes() + b"12345",
        "calib/000004.txt": CALIBRATION.encode(),
        "calib/000010.txt": CALIBRATION.replace("700", "701").encode(),
    }
    for name, data in files.items():
        path = tmp_path / "training" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def test_a_split_is_one_recording(split):
    (found,) = read_folder(split, rate_hz=2.0)
    reading = found.reading
    assert (found.source.reader, found.source.source_key) == ("kitti-object", "training")
    assert "label_2/000004.txt" not in found.source.files
    assert reading.frames["sequence"].to_pylist() == [4, 10]
    assert reading.frames["time_ns"].to_pylist() == [2_000_000_000, 5_000_000_000]
    assert found.bytes_of(reading.frames) == [PICTURE, PICTURE]
    assert found.bytes_of(reading.sweeps) == [POINTS.tobytes()]
    assert reading.sweeps["points"].to_pylist() == [3]
    assert reading.recording.clock == "declared"
    told = "\n".join(reading.notes)
    assert "image_2/000003.png (is neither JPEG nor PNG)" in told
    assert "image_2/left.jpeg" in told
    assert "end within a point" in told
    assert "1 of 2 differ" in told


def test_a_split_without_calibration_says_so(split):
    for path in (split / "training/calib").iterdir():
        path.unlink()
    (found,) = read_folder(split)
    assert found.reading.recording.calibrations == ()
    assert any("no calibration" in note for note in found.reading.notes)


@pytest.mark.parametrize("damage", [("R0_rect", "R9"), ("700 0 600", "0 0 600"), ("0.3 0", "x 0")])
def test_a_damaged_calibration_is_told_and_the_rest_is_read(split, damage):
    path = split / "training/calib/000004.txt"
    path.write_text(CALIBRATION.replace(*damage))
    (found,) = read_folder(split)
    assert found.reading.frames.num_rows == 2
    assert any("is no calibration of KITTI" in note for note in found.reading.notes)


def test_a_split_without_one_readable_file_is_refused(tmp_path):
    (tmp_path / "training/image_2").mkdir(parents=True)
    (tmp_path / "training/calib").mkdir()
    (tmp_path / "training/image_2/000001.png").write_bytes(b"nothing")
    with pytest.raises(UnreadableSource, match="holds nothing that can be read"):
        read_folder(tmp_path)


def test_the_second_camera_lies_beside_the_first():
    values = parse_kitti(CALIBRATION)
    _, right, lidar = kitti_calibrations(
        {"image_2": values["P2"], "image_3": values["P3"]},
        turned=values["R0_rect"],
        lidar="velodyne",
        lidar_to_first=values["Tr_velo_to_cam"],
        origin="",
    )
    assert right.parent == lidar.parent == "image_2"
    assert right.translation_m[0] == pytest.approx((45 + 334) / 700, abs=0.01)


def test_the_data_set_reads_with_every_count(test_data):
    (found,) = read_folder(test_data / "kitti_object")
    reading = found.reading
    assert reading.frames["sequence"].to_pylist() == list(range(75))
    assert reading.sweeps["sequence"].to_pylist() == [4, 10, 15]
    assert len(found.bytes_of(reading.frames)) == 75
    folder = test_data / "kitti_object/training"
    for number, data in zip([4, 10, 15], found.bytes_of(reading.sweeps), strict=True):
        assert data == (folder / f"velodyne/{number:06d}.bin").read_bytes()
    assert "69 of 75 differ" in "\n".join(reading.notes)


def test_points_fall_on_the_pixels_that_the_data_set_says(test_data):
    folder = test_data / "kitti_object/training"
    points = decode_points("f32-xyzi", (folder / "velodyne/000010.bin").read_bytes()).xyz
    values = parse_kitti((folder / "calib/000010.txt").read_text())
    camera, lidar = kitti_calibrations(
        {"image_2": values["P2"]},
        turned=values["R0_rect"],
        lidar="velodyne",
        lidar_to_first=values["Tr_velo_to_cam"],
        origin="",
    )
    whole = np.hstack([points, np.ones((len(points), 1))]).astype(np.float64)
    rigid, turned, p2 = (np.array(values[name]) for name in ("Tr_velo_to_cam", "R0_rect", "P2"))
    first = whole @ rigid.reshape(3, 4).T @ turned.reshape(3, 3).T
    theirs = np.hstack([first, whole[:, 3:]]) @ p2.reshape(3, 4).T
    ours = whole[:, :3] @ matrix_of(lidar.rotation).T + np.array(lidar.translation_m)
    ahead = theirs[:, 2] > 1
    fx, fy, cx, cy = camera.intrinsics
    pixels = ours[ahead, :2] / ours[ahead, 2:] * [fx, fy] + [cx, cy]
    np.testing.assert_allclose(pixels, theirs[ahead, :2] / theirs[ahead, 2:], atol=1e-3)
