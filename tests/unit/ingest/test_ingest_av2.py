from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from ringroad.ingest.layout_av2 import Av2Layout
from ringroad.ingest.poses import matrix_of
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.points.sweep import decode_points

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from layouts import read_folder

PICTURE = encode_jpeg(np.zeros((8, 16, 3), np.uint8))
FIRST = 315_973_157_959_879_001


def feather(path: Path, **columns) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.feather.write_feather(pa.table(columns), str(path))


@pytest.fixture
def log(tmp_path) -> Path:
    """Two cameras of two pictures, two sweeps, two poses."""
    folder = tmp_path / "val" / "adcf7d18"
    for camera in ("ring_front_center", "ring_side_left"):
        for step in range(2):
            path = folder / f"sensors/cameras/{camera}/{FIRST + step * 50_000_003}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PICTURE)
    half = np.arange(3).astype(np.float16)
    for step in range(2):
        path = folder / f"sensors/lidar/{FIRST + step * 100_000_000}.feather"
        feather(path, x=half, y=half, z=half, intensity=np.arange(3, dtype=np.uint8))
    turn = {"qw": [0.5] * 2, "qx": [-0.5] * 2, "qy": [0.5] * 2, "qz": [-0.5] * 2}
    place = {"tx_m": [1.5, 2.5], "ty_m": [0.0] * 2, "tz_m": [1.5] * 2}
    times = [FIRST, FIRST + 1]
    feather(folder / "city_SE3_egovehicle.feather", timestamp_ns=times, **turn, **place)
    names = ["ring_front_center", "ring_side_left"]
    feather(
        folder / "calibration/egovehicle_SE3_sensor.feather", sensor_name=names, **turn, **place
    )
    lens = {name: [1683.5, 1684.0] for name in ("fx_px", "fy_px", "cx_px", "cy_px")}
    feather(folder / "calibration/intrinsics.feather", sensor_name=names, **lens, k1=[-0.2] * 2)
    feather(folder / "annotations.feather", timestamp_ns=[FIRST])
    return folder


def test_a_log_is_a_recording(log):
    (found,) = read_folder(log.parents[1])
    reading = found.reading
    assert (found.source.reader, found.source.source_key) == ("av2", "val/adcf7d18")
    assert "annotations.feather" not in found.source.files
    assert reading.frames["time_ns"].to_pylist() == [FIRST, FIRST + 50_000_003] * 2
    assert found.bytes_of(reading.frames) == [PICTURE] * 4
    assert reading.sweeps["time_ns"].to_pylist() == [FIRST, FIRST + 100_000_000]
    assert reading.sweeps["points"].to_pylist() == [3, 3]
    assert decode_points("feather-points", found.bytes_of(reading.sweeps)[0]).xyz.shape == (3, 3)
    assert reading.signals.num_rows == 14
    assert set(reading.signals["time_ns"].to_pylist()) == {FIRST, FIRST + 1}
    assert reading.notes == ()


def test_calibrations_come_along_and_pictures_are_rectified(log):
    (found,) = read_folder(log)
    known = {item.channel: item for item in found.reading.recording.calibrations}
    side = known["ring_side_left"]
    assert side.intrinsics == (1684.0,) * 4
    assert side.translation_m == (2.5, 0.0, 1.5)
    assert side.rotation == (0.5, -0.5, 0.5, -0.5)
    assert side.distortion == ()
    assert known["lidar"].rotation == (1.0, 0.0, 0.0, 0.0)


def test_what_is_damaged_is_told_and_the_rest_is_read(log):
    (log / "calibration/intrinsics.feather").write_bytes(b"ARROW1 and then nothing")
    (log / "city_SE3_egovehicle.feather").write_bytes(b"nothing")
    (log / "sensors/lidar" / f"{FIRST}.feather").write_bytes(b"ARROW1")
    (log / "sensors/lidar/late.feather").write_bytes(b"")
    (log / f"sensors/cameras/ring_side_left/{2**63}.jpg").write_bytes(PICTURE)
    (found,) = read_folder(log)
    reading = found.reading
    assert (reading.frames.num_rows, reading.sweeps.num_rows) == (4, 1)
    assert reading.sweeps["sequence"].to_pylist() == [1]
    assert reading.signals.num_rows == 0
    told = "\n".join(reading.notes)
    for part in ("intrinsics.feather: damaged", "is no Feather file", "are no sweeps"):
        assert part in told
    assert "late.feather" in told
    assert str(2**63) in told


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"timestamp_ns": [FIRST]}, "has no column 'tx_m'"),
        ({"timestamp_ns": ["today"], "x": [1.0]}, "left out"),
        ({"timestamp_ns": [None, FIRST], "x": [1.0, None]}, "2 rows with gaps"),
        ({"timestamp_ns": [-5, FIRST], "x": [1.0, float("inf")]}, "2 rows are no poses"),
    ],
)
def test_poses_that_are_none_are_told(log, columns, said):
    if "x" in columns:
        values = columns.pop("x")
        names = ("tx_m", "ty_m", "tz_m", "qw", "qx", "qy", "qz")
        columns |= dict.fromkeys(names, values)
    feather(log / "city_SE3_egovehicle.feather", **columns)
    (found,) = read_folder(log)
    assert found.reading.signals.num_rows == 0
    assert said in "\n".join(found.reading.notes)


def test_a_lens_that_projects_nothing_is_left_out(log):
    names = ["ring_front_center", "ring_side_left"]
    lens = {name: [0.0, float("nan")] for name in ("fx_px", "fy_px", "cx_px", "cy_px")}
    feather(log / "calibration/intrinsics.feather", sensor_name=names, **lens)
    (found,) = read_folder(log)
    assert [item.intrinsics for item in found.reading.recording.calibrations] == [(), (), ()]


def test_other_folders_are_not_ours(tmp_path):
    (tmp_path / "sensors/lidar").mkdir(parents=True)
    assert Av2Layout().find(tmp_path) == ()


def test_the_real_log_reads_with_every_count(test_data):
    (found,) = read_folder(test_data / "av2/sensor")
    reading = found.reading
    assert found.source.source_key == "adcf7d18-0510-35b0-a2fa-b4cea13a6d76"
    assert reading.sweeps["points"].to_pylist() == [100_660]
    assert reading.sweeps["time_ns"].to_pylist() == [315_973_157_959_879_000]
    assert reading.frames.num_rows == 0
    assert reading.signals.num_rows == 2637 * 7
    assert reading.signals["time_ns"][1].as_py() == 315_973_157_899_927_216
    assert "there is no calibration/intrinsics.feather" in reading.notes


def test_real_calibrations_point_where_the_cameras_do(tmp_path, test_data):
    shutil.copytree(test_data / "av2/sensor_test_log_calibration", tmp_path / "log/calibration")
    for name in ("ring_front_center", "ring_rear_left", "stereo_front_left", "ring_side_right"):
        path = tmp_path / f"log/sensors/cameras/{name}/{FIRST}.jpg"
        path.parent.mkdir(parents=True)
        path.write_bytes(PICTURE)
    (found,) = read_folder(tmp_path)
    ahead = {
        item.channel: matrix_of(item.rotation) @ [0.0, 0.0, 1.0]
        for item in found.reading.recording.calibrations
        if item.intrinsics
    }
    assert len(ahead) == 4
    assert ahead["ring_front_center"][0] > 0.99
    assert ahead["stereo_front_left"][0] > 0.99
    assert ahead["ring_rear_left"][0] < -0.8
    assert ahead["ring_side_right"][1] < -0.9
