from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ringroad.domain.recording import GNSS, IMU, LIDAR
from ringroad.ingest.kitti_oxts import OXTS
from ringroad.media.video.container import decoder_of

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from layouts import read_folder

DAY_NS = 1_317_042_145_000_000_000  # 2011-09-26 13:02:25 UTC
DRIVE = "2011_09_26_drive_0001_sync"
TIMES = ["964389445", "068231949", "171000001"]
STAMPS = [
    f"2011-09-26 13:02:{second}.{digits}"
    for second, digits in zip([25, 26, 26], TIMES, strict=True)
]
EXPECTED_NS = [DAY_NS + 964389445, DAY_NS + 10**9 + 68231949, DAY_NS + 10**9 + 171000001]
CAM_TO_CAM = """calib_time: 09-Jan-2012 13:57:47
R_rect_00: 1 0 0 0 1 0 0 0 1
P_rect_00: 721 0 609 0 0 721 172 0 0 0 1 0
P_rect_02: 721 0 609 44 0 721 172 0.2 0 0 1 0.003
"""
RIGID = "R: 0 -1 0 0 0 -1 1 0 0\nT: 0.1 0.2 0.3\ndelta_f: 0 0\n"


def png(value: int) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(np.full((6, 20), value, np.uint8)).save(sink, "PNG")
    return sink.getvalue()


def write(folder: Path, files: dict[str, bytes | str]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)


@pytest.fixture
def day(tmp_path) -> Path:
    files: dict[str, bytes | str] = {
        "calib_cam_to_cam.txt": CAM_TO_CAM,
        "calib_velo_to_cam.txt": RIGID,
        "calib_imu_to_velo.txt": "R: 1 0 0 0 1 0 0 0 1\nT: -0.8 0.3 -0.8\n",
        f"{DRIVE}/image_02/timestamps.txt": "\n".join(STAMPS) + "\n",
        f"{DRIVE}/velodyne_points/timestamps.txt": "\n".join([STAMPS[0], "", STAMPS[2]]),
        f"{DRIVE}/oxts/timestamps.txt": "\n".join(STAMPS),
        f"{DRIVE}/oxts/dataformat.txt": "lat: latitude",
    }
    for number in range(3):
        files[f"{DRIVE}/image_00/data/{number:010d}.png"] = png(number)
        files[f"{DRIVE}/image_02/data/{number:010d}.png"] = png(10 + number)
        files[f"{DRIVE}/oxts/data/{number:010d}.txt"] = " ".join(
            str(place + number / 4) for place in range(30)
        )
        files[f"{DRIVE}/velodyne_points/data/{number:010d}.bin"] = np.full(
            (number + 1, 4), number, "<f4"
        ).tobytes()
    write(tmp_path / "2011_09_26", files)
    return tmp_path / "2011_09_26"


def test_a_drive_below_its_day_has_its_calibration(day):
    (found,) = read_folder(day)
    reading, recording = found.reading, found.reading.recording
    assert (found.source.path, found.source.source_key) == (day, DRIVE)
    assert recording.container == "kitti-raw"
    assert recording.clock == "recorded"
    assert recording.start_ns == EXPECTED_NS[0]
    assert recording.duration_ns == EXPECTED_NS[2] - EXPECTED_NS[0]
    assert {pose.channel: pose.parent for pose in recording.calibrations} == {
        "image_02": "vehicle",
        "image_00": "image_02",
        "velodyne_points": "image_02",
        "oxts/imu": "velodyne_points",
    }
    frames = reading.frames.to_pylist()
    assert [(row["channel"], row["sequence"], row["time_ns"]) for row in frames] == [
        (camera, number, time_ns)
        for camera in ("image_02", "image_00")
        for number, time_ns in enumerate(EXPECTED_NS)
    ]
    assert found.bytes_of(reading.frames) == [png(value) for value in (10, 11, 12, 0, 1, 2)]
    assert any("image_00: no timestamps.txt" in note for note in reading.notes)


def test_a_sweep_without_a_time_is_left_out(day):
    (found,) = read_folder(day)
    sweeps = found.reading.sweeps.to_pylist()
    assert [(row["sequence"], row["points"], row["time_ns"]) for row in sweeps] == [
        (0, 1, EXPECTED_NS[0]),
        (2, 3, EXPECTED_NS[2]),
    ]
    assert any("have no time" in note and "0000000001.bin" in note for note in found.reading.notes)
    assert {row["sensor"] for row in sweeps} == {LIDAR}


def test_records_of_the_navigation_system_are_signals(day):
    (found,) = read_folder(day)
    rows = found.reading.signals.to_pylist()
    for name, (sensor, place, _, unit) in OXTS.places.items():
        channel = OXTS.channel(sensor)
        mine = [row for row in rows if row["name"] == name]
        assert [row["value"] for row in mine] == [place, place + 0.25, place + 0.5]
        assert [row["time_ns"] for row in mine] == EXPECTED_NS
        assert {(row["channel"], row["unit"]) for row in mine} == {(channel, unit)}
    speed = next(row["value"] for row in rows if row["name"] == "gnss.speed")
    assert speed == pytest.approx(np.hypot(6, 7))
    sensors = {item.name: item.sensor for item in found.reading.recording.channels}
    assert (sensors["oxts/gnss"], sensors["oxts/imu"]) == (GNSS, IMU)


def test_a_drive_by_itself_lacks_its_calibration(day):
    (found,) = read_folder(day / DRIVE)
    assert found.source.source_key == DRIVE
    assert found.reading.recording.calibrations == ()
    assert found.reading.frames.num_rows == 6
    assert any("no calibration" in note for note in found.reading.notes)


def test_damaged_files_leave_gaps(day):
    drive = day / DRIVE
    write(
        drive,
        {
            "image_02/data/0000000001.png": b"\x89PNG",
            "oxts/data/0000000000.txt": "1 2 3",
            "oxts/data/0000000001.txt": "x " * 30,
            "velodyne_points/timestamps.txt": "no\ntimes\nat all",
        },
    )
    write(day, {"calib_velo_to_cam.txt": "R: 1 2 3\nT: 0 0 0\n"})
    reading = read_folder(day)[0].reading
    told = "\n".join(reading.notes)
    assert "image_02/data/0000000001.png (is neither" in told
    assert "3 numbers, not 30" in told
    assert "3 lines are no times" in told
    assert "is none of KITTI" in told
    assert reading.frames.num_rows == 5
    assert reading.sweeps.num_rows == 3


def test_a_drive_of_the_data_set_with_a_video(test_data):
    (found,) = read_folder(test_data / "kitti_raw_drive")
    reading = found.reading
    assert reading.recording.clock == "declared"
    assert reading.frames["sequence"].to_pylist() == list(range(48))
    assert set(reading.frames["encoding"].to_pylist()) == {"hevc"}
    assert decoder_of(reading.frames)[0] == "hevc"
    assert len(found.bytes_of(reading.frames)) == 48
    assert reading.sweeps["sequence"].to_pylist() == [0, 20, 40]
    assert reading.sweeps["time_ns"].to_pylist() == [0, 2 * 10**9, 4 * 10**9]
    folder = test_data / "kitti_raw_drive/velodyne_points/data"
    assert found.bytes_of(reading.sweeps) == [
        (folder / f"{number:010d}.bin").read_bytes() for number in (0, 20, 40)
    ]
