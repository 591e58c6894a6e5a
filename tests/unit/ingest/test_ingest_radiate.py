from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ringroad.ingest.poses import matrix_of
from ringroad.ingest.radiate_calibration import parse_radiate, radiate_calibrations
from ringroad.ingest.radiate_records import extrapolated, frame_times
from ringroad.media.points.sweep import decode_points

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from layouts import read_folder

SWEEP = b"1,2,3,4,5\n6,7,8,9,10\n"
CALIBRATION = """# comment
lidar_calib:
    T: [0.6, -0.1, 0.25]
    R: [0.0, 0.0, 0.0]
left_cam_calib:
    T: [0.3, 0.0, 0.3]
    R: [0.0, 0.0, 0.0]
    fx: 3.379191448899105e+02
    fy: 338.5
    cx: 341.7
    cy: 200.7
    k1: -0.18
    k2: 0.03
    k3: 0
    p1: 0
    p2: 0
    res: [672, 376]
stereo_calib:
    R: [[0.9, 0.1, 0.2],
        [0.1, 0.2, 0.3]]"""


def png() -> bytes:
    sink = io.BytesIO()
    Image.fromarray(np.zeros((6, 20), np.uint8)).save(sink, "PNG")
    return sink.getvalue()


def record(**values: float) -> str:
    numbers = [0.0] * 55
    for name, value in values.items():
        numbers[int(name[1:])] = value
    return ",".join(map(str, numbers[:3])) + " \n" + ",".join(map(str, numbers[3:])) + "\n"


@pytest.fixture
def sequence(tmp_path) -> Path:
    files: dict[str, bytes | str] = {
        "zed_left.txt": "Frame: 000001 Time: 1574859772.427742418\n"
        "Frame: 000002 Time: 1574859772.561385272\n",
        "zed_left/000001.png": png(),
        "zed_left/000002.png": png(),
        "Navtech_Polar.txt": "Frame: 000001 Time: 1574859771.744660272\n",
        "Navtech_Polar/000001.png": png(),
        "velo_lidar.txt": "Frame: 000003 Time: 1574859771.7\nFrame: 000005 Time: 1574859771.9\n",
        "velo_lidar/000002.csv": SWEEP,
        "velo_lidar/000003.csv": SWEEP + b"1,2",
        "GPS_IMU_Twist.txt": "Frame: 000001 Time: 1574859772\nFrame: 000002 Time: 1574859771.5\n",
        "GPS_IMU_Twist/000001.txt": record(p0=55.5, p16=0.1, p18=0.3, p49=3.0, p50=4.0),
        "GPS_IMU_Twist/000002.txt": record(p19=1.5, p20=2.5),
        "config/default-calib.yaml": CALIBRATION,
        "annotations/annotations.json": "[]",
        "meta.json": "{}",
    }
    for name, data in files.items():
        path = tmp_path / "fog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return tmp_path / "fog"


def test_a_sequence_is_one_recording_at_its_own_nanoseconds(sequence):
    (found,) = read_folder(sequence)
    reading = found.reading
    assert (found.source.reader, reading.recording.clock) == ("radiate", "recorded")
    assert reading.frames["time_ns"].to_pylist() == [1574859772427742418, 1574859772561385272]
    radar, before, lidar = reading.sweeps.to_pylist()
    assert (radar["sensor"], radar["encoding"], radar["points"]) == ("radar", "png", -1)
    assert radar["time_ns"] == 1574859771744660272
    assert (lidar["sensor"], lidar["encoding"], lidar["points"]) == ("lidar", "csv-xyzir", 2)
    assert lidar["time_ns"] == 1574859771700000000
    assert before["time_ns"] == 1574859771600000000
    assert found.bytes_of(reading.sweeps) == [png(), SWEEP, SWEEP]
    told = "\n".join(reading.notes)
    assert "extrapolated from frames 3 to 5" in told
    assert "velo_lidar/000003.csv" in told
    assert "went back 1 times" in told


def test_records_become_signals_in_the_axes_of_the_vehicle(sequence):
    rows = read_folder(sequence)[0].reading.signals.to_pylist()
    values = {(row["name"], row["time_ns"]): row["value"] for row in rows}
    first, second = 1574859772 * 10**9, 1574859771_500000000
    assert values["gnss.latitude", first] == 55.5
    assert values["gnss.speed", first] == 5.0
    assert values["imu.angular_velocity.x", first] == 0.1
    assert values["imu.angular_velocity.z", first] == -0.3
    assert values["imu.free_acceleration.x", second] == 1.5
    assert values["imu.free_acceleration.y", second] == -2.5


def test_damaged_files_are_told_and_the_rest_is_read(sequence):
    (sequence / "zed_left/000002.png").write_bytes(b"nothing")
    (sequence / "Navtech_Polar/000001.png").write_bytes(b"nothing")
    (sequence / "velo_lidar/000002.csv").write_bytes(b"1,2,3\n")
    (sequence / "GPS_IMU_Twist/000001.txt").write_bytes(b"1,2,3")
    (sequence / "zed_left.txt").write_text(
        "no\nFrame: 000001 Time: 1574859772.4\nFrame: 2 Time: .\n"
    )
    (sequence / "config/default-calib.yaml").write_text("left_cam_calib:\n    fx: 1\n")
    reading = read_folder(sequence)[0].reading
    told = "\n".join(reading.notes)
    assert "zed_left.txt: 2 lines are no times" in told
    assert "zed_left/000002.png" in told
    assert "Navtech_Polar/000001.png (is no PNG)" in told
    assert "its lines are not 5 numbers" in told
    assert "3 numbers, not 55" in told
    assert "is no calibration of RADIATE" in told
    assert (reading.frames.num_rows, reading.sweeps.num_rows) == (1, 1)


def test_times_reach_only_so_far_beyond_those_that_are_known():
    times, bad = frame_times("Frame: 10 Time: 5.0\nFrame: 12 Time: 7.0\n\nFrame: 12 Time: 9.0")
    assert (times, bad) == ({10: 5 * 10**9, 12: 7 * 10**9}, 0)
    time_of = extrapolated(times)
    assert [time_of(number) for number in (9, 10, 11, 12, 13)] == [
        4 * 10**9, 5 * 10**9, None, 7 * 10**9, 8 * 10**9
    ]  # fmt: skip
    assert time_of(500) is None
    assert extrapolated({})(1) is None
    assert extrapolated({1: 5})(2) is None


def test_what_lies_ahead_of_the_lidar_is_in_the_middle_of_the_picture():
    camera, lidar = radiate_calibrations(parse_radiate(CALIBRATION), origin="")
    turn, shift = matrix_of(lidar.rotation), np.array(lidar.translation_m)
    np.testing.assert_allclose(turn @ [0, 10, 0] + shift, [0.3, -0.1, 9.95], atol=1e-12)
    np.testing.assert_allclose(turn @ [0, 0, 1], [0, -1, 0], atol=1e-12)  # up
    np.testing.assert_allclose(turn @ [1, 0, 0], [1, 0, 0], atol=1e-12)  # right
    assert camera.intrinsics == (337.9191448899105, 338.5, 341.7, 200.7)
    assert camera.distortion == (-0.18, 0.03, 0.0, 0.0, 0.0)


def test_the_data_set_reads_with_every_count(test_data):
    (found,) = read_folder(test_data / "radiate_tiny_foggy")
    reading = found.reading
    counts = {channel.name: channel.messages for channel in reading.recording.channels}
    assert counts == {
        "zed_left": 50,
        "Navtech_Polar": 18,
        "Navtech_Cartesian": 6,
        "velo_lidar": 6,
        "GPS_IMU_Twist/gnss": 250,
        "GPS_IMU_Twist/imu": 250,
    }
    assert set(reading.frames["width"].to_pylist()) == {672}
    stamps = (test_data / "radiate_tiny_foggy/zed_left.txt").read_text().split()[3::4][:50]
    assert [
        f"{time // 10**9}.{time % 10**9:09d}" for time in reading.frames["time_ns"].to_pylist()
    ] == stamps
    lidar = [row for row in reading.sweeps.to_pylist() if row["channel"] == "velo_lidar"]
    data = found.bytes_of(reading.sweeps)[-6:]
    assert [len(decode_points("csv-xyzir", sweep).values) for sweep in data] == [
        row["points"] for row in lidar
    ]
    assert sum(row["points"] for row in lidar) == 141_717
    assert reading.signals.num_rows == 250 * 13


def test_velocities_and_turns_follow_the_places(test_data):
    """What the reader says of the records' axes, held against the places they were made at."""
    rows = read_folder(test_data / "radiate_tiny_foggy")[0].reading.signals.to_pylist()
    lines = {
        name: np.array(
            [[row["time_ns"] / 1e9, row["value"]] for row in rows if row["name"] == name]
        )
        for name in {row["name"] for row in rows}
    }
    seconds = np.ptp(lines["gnss.latitude"][:, 0])
    degree_m = np.pi * 6_371_008.8 / 180
    north = np.ptp(lines["gnss.latitude"][:, 1]) * degree_m / seconds
    east = np.ptp(lines["gnss.longitude"][:, 1]) * degree_m * np.cos(np.radians(55.89)) / seconds
    assert abs(lines["gnss.velocity.north"][:, 1].mean()) == pytest.approx(north, rel=0.15)
    assert abs(lines["gnss.velocity.east"][:, 1].mean()) == pytest.approx(east, rel=0.15)
    course = np.unwrap(
        np.arctan2(lines["gnss.velocity.north"][:, 1], lines["gnss.velocity.east"][:, 1])
    )
    turned = lines["imu.angular_velocity.z"][:, 1].mean() * seconds
    assert turned == pytest.approx(course[-1] - course[0], rel=0.35)
    slower = lines["gnss.speed"][-1, 1] - lines["gnss.speed"][0, 1]
    assert lines["imu.free_acceleration.x"][:, 1].mean() * seconds == pytest.approx(
        slower, rel=0.35
    )
