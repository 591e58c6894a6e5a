from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.domain.recording import CAN, GNSS, IMU
from ringroad.ingest.can_signals import can_signals
from ringroad.media.can import CanLog, load_dbc

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import write_clip
from layouts import Read, read_folder

KEY = "Example_1/b0c9d2329ad1606b_2018-08-02--08-34-47/40"
DBC = b"""VERSION ""
BU_: A
BO_ 37 STEER: 8 A
 SG_ ANGLE : 3|12@0- (1.5,0) [-500|500] "deg" A
BO_ 38 SHORT: 1 A
 SG_ ONE : 0|8@1+ (1,0) [0|0] "" A
"""
BOOT_S = np.array([100.5, 100.55, 100.6])


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.save(file, array)


@pytest.fixture
def segment(tmp_path) -> Path:
    folder = tmp_path / "set" / "chunk" / "car|2018-08-02" / "7"
    can = folder / "processed_log/CAN"
    save(folder / "global_pose/frame_times", BOOT_S)
    save(folder / "global_pose/frame_gps_times", np.stack([np.full(3, 2012.0), BOOT_S + 4e5], 1))
    save(folder / "global_pose/frame_positions", np.arange(9.0).reshape(3, 3))
    save(can / "speed/t", BOOT_S)
    save(can / "speed/value", np.array([[1.0], [2.0], [3.0]]))
    save(can / "raw_can/t", BOOT_S)
    save(can / "raw_can/src", np.array([0, 0, 1]))
    save(can / "raw_can/address", np.array([37, 37, 5]))
    save(can / "raw_can/data", np.array([b"\x0f\xff", b"\x00\x02\0\0\0\0\0\x07", b"\x01"], "S8"))
    save(folder / "processed_log/IMU/gyro/t", BOOT_S)
    save(folder / "processed_log/IMU/gyro/value", np.array([[1.0, 2.0, 3.0]] * 3))
    (tmp_path / "set/dbc").mkdir()
    (tmp_path / "set/dbc/toyota.dbc").write_bytes(DBC)
    return folder


def lane(read: Read, name: str) -> tuple[list[int], list[float]]:
    rows = read.reading.signals
    rows = rows.filter(pc.equal(rows["name"], name))
    return rows["time_ns"].to_pylist(), rows["value"].to_pylist()


def test_a_segment_below_its_databases_is_decoded(segment, tmp_path):
    (found,) = read_folder(tmp_path / "set")
    assert found.source.source_key == "chunk/car|2018-08-02/7"
    assert found.source.files[0] == "dbc/toyota.dbc"
    assert lane(found, "can.0x025.STEER.ANGLE")[1] == [-1.5, 3.0]
    assert lane(found, "can.0x005.bytes0-3")[1] == [float(0x01000000)]
    sensors = {channel.name: channel.sensor for channel in found.reading.recording.channels}
    assert sensors["CAN/raw_can/0"] == sensors["CAN/raw_can/1"] == CAN
    assert sensors["IMU/gyro"] == IMU


def test_times_are_utc_where_frames_have_gps_times(segment):
    (found,) = read_folder(segment)
    recording = found.reading.recording
    gps_s = 2012 * 604_800 + 315_964_800 + 400_100
    assert recording.clock == "recorded"
    assert recording.start_ns == (gps_s - 18) * 10**9 + 500_000_000
    assert recording.duration_ns == 100_000_000
    assert "agree to 0 ns" in "\n".join(found.reading.notes)


@pytest.mark.parametrize("how", ["absent", "apart"])
def test_without_gps_times_the_clock_is_that_of_the_device(segment, how):
    path = segment / "global_pose/frame_gps_times"
    path.unlink()
    if how == "apart":
        save(path, np.stack([np.full(3, 2012.0), BOOT_S * [1, 1, 2]], 1))
    (found,) = read_folder(segment)
    assert found.reading.recording.clock == "declared"
    assert found.reading.recording.start_ns == 100_500_000_000
    (later,) = read_folder(segment, start_ns=10**18)
    assert later.reading.recording.start_ns == 10**18 + 100_500_000_000


def test_a_segment_by_itself_keeps_frames_as_bytes(segment):
    (found,) = read_folder(segment)
    assert lane(found, "can.0x025.bytes0-3")[1] == [float(0x0FFF0000), float(0x00020000)]
    assert lane(found, "can.0x025.bytes4-7")[1] == [0.0, 7.0]
    told = "\n".join(found.reading.notes)
    assert "no CAN database" in told
    assert "no video" in told
    assert found.reading.frames.num_rows == 0


def test_axes_of_the_device_become_those_of_the_vehicle(segment):
    (found,) = read_folder(segment)
    values = [lane(found, f"imu.angular_velocity.{axis}")[1][0] for axis in "xyz"]
    assert values == [1.0, -2.0, -3.0]


@pytest.mark.parametrize(
    ("name", "clip"), [("video.mp4", "h264_b_frames"), ("video.hevc", "hevc_stream")]
)
def test_a_video_has_the_times_of_its_frames(segment, name, clip):
    write_clip(segment / name, clip, count=3)
    (found,) = read_folder(segment)
    assert lane(found, "speed")[0] == found.reading.frames["time_ns"].to_pylist()
    assert len(found.bytes_of(found.reading.frames)) == 3
    (pose,) = found.reading.recording.calibrations
    assert (pose.channel, pose.intrinsics) == ("video", (910.0, 910.0, 582.0, 437.0))


def test_a_video_that_is_none_is_told(segment):
    (segment / "video.hevc").write_bytes(bytes(100))
    (found,) = read_folder(segment)
    assert "video.hevc: " in "\n".join(found.reading.notes)
    assert found.reading.frames.num_rows == 0


def test_damaged_arrays_are_told_and_the_rest_is_read(segment):
    (segment / "processed_log/IMU/gyro/value").write_bytes(b"\x80\x04pickle")
    save(segment / "processed_log/IMU/accelerometer/t", BOOT_S)
    save(segment / "processed_log/IMU/accelerometer/value", np.zeros((2, 3)))
    save(segment / "processed_log/CAN/steering_angle/t", np.array([1.0, np.nan, -1.0]))
    save(segment / "processed_log/CAN/steering_angle/value", np.zeros(3))
    save(segment / "processed_log/CAN/raw_can/data", np.array([1, 2, 3]))
    (found,) = read_folder(segment)
    told = "\n".join(found.reading.notes)
    assert "IMU/gyro/value: is no array file" in told
    assert "IMU/accelerometer: (2, 3) values for 3 times" in told
    assert "CAN/steering_angle/t: holds no times" in told
    assert "is no log of CAN frames" in told
    assert lane(found, "speed")[1] == [1.0, 2.0, 3.0]


def test_a_segment_without_one_array_is_refused(tmp_path):
    path = tmp_path / "processed_log/CAN/speed"
    path.mkdir(parents=True)
    (path / "t").write_bytes(b"nothing")
    with pytest.raises(UnreadableSource, match="holds nothing that can be read"):
        read_folder(tmp_path)


def test_a_bus_is_decoded_by_a_database_that_no_frame_contradicts():
    data = np.zeros((4, 8), np.uint8)
    log = CanLog(
        time_ns=np.arange(4) * 10**7,
        bus=np.array([0, 0, 1, 1]),
        identifier=np.array([37, 38, 37, 38]),
        data=data,
    )
    known = {"a.dbc": load_dbc(DBC)}
    data[3, 5] = 1  # more bytes than SHORT has
    signals, _, notes = can_signals(log, known, channel="can")
    names = {signal.channel: set() for signal in signals}
    for signal in signals:
        names[signal.channel].add(signal.name)
    assert names["can/0"] == {"can.0x025.STEER.ANGLE", "can.0x026.SHORT.ONE"}
    assert names["can/1"] == {"can.0x025.bytes0-3", "can.0x026.bytes0-3", "can.0x026.bytes4-7"}
    assert notes == [
        "can/0: 2 of 2 identifiers are decoded by a.dbc, the others kept as bytes",
        "can/1: no CAN database describes it; kept as bytes",
    ]


def test_a_bus_of_noise_is_left_out():
    count = 5_000
    log = CanLog(
        time_ns=np.arange(count),
        bus=np.zeros(count, np.int64),
        identifier=np.arange(count),
        data=np.zeros((count, 8), np.uint8),
    )
    assert can_signals(log, {}, channel="can") == (
        [],
        [],
        ["can/0: 5000 identifiers are those of no vehicle; left out"],
    )


@pytest.fixture(scope="module")
def real(test_data) -> Read:
    (found,) = read_folder(test_data / "comma2k19")
    return found


def test_the_data_set_reads_with_every_count(real):
    counts = {item.name: item.messages for item in real.reading.recording.channels}
    assert real.source.source_key == KEY
    raw = {name: count for name, count in counts.items() if name.startswith("CAN/raw_can/")}
    assert sum(raw.values()) == 135_468
    assert set(raw) == {f"CAN/raw_can/{bus}" for bus in (0, 1, 128, 129)}
    assert counts["CAN/speed"] == counts["CAN/wheel_speed"] == 4_974
    assert counts["CAN/radar"] == 10_100
    assert counts["IMU/gyro"] == 6_256
    assert counts["global_pose"] == 1_200
    assert counts["GNSS/live_gnss_ublox"] == 579
    names = pc.unique(real.reading.signals["name"]).to_pylist()
    identifiers = {name.split(".")[1] for name in names if name.startswith("can.0x")}
    assert len(identifiers) == 165
    assert real.reading.recording.clock == "recorded"
    assert real.reading.recording.start_ns == 1_533_226_488_397_000_000
    assert real.reading.frames.num_rows == 0


def test_raw_frames_decode_to_what_the_processed_log_says(real, test_data):
    log = test_data / "comma2k19" / KEY / "processed_log/CAN"
    wheels = np.load(log / "wheel_speed/value", allow_pickle=False)
    for at, name in enumerate(("FL", "FR", "RL", "RR")):
        times, values = lane(real, f"can.0x0aa.WHEEL_SPEEDS.WHEEL_SPEED_{name}")
        assert len(values) == 4_974
        np.testing.assert_allclose(np.array(values) / 3.6, wheels[:, at], rtol=0, atol=1e-9)
        assert times == lane(real, "wheel_speed.front_left")[0]
    whole, part = (
        np.array(lane(real, f"can.0x025.STEER_ANGLE_SENSOR.STEER_{name}")[1])
        for name in ("ANGLE", "FRACTION")
    )
    angle = np.load(log / "steering_angle/value", allow_pickle=False)
    np.testing.assert_allclose(whole + part, angle, rtol=0, atol=1e-9)
    processed = np.array(lane(real, "steering_angle")[1])
    np.testing.assert_allclose(processed, np.radians(angle), rtol=0, atol=1e-15)


def test_gnss_and_wheels_agree_on_the_speed(real):
    """Columns and units are what the reader takes them for."""
    sent, utc_ms = (np.array(part) for part in lane(real, "gnss.utc"))
    assert np.abs(sent / 1e6 - utc_ms).max() < 1200  # fixes arrive late
    times, speeds = (np.array(part) for part in lane(real, "speed"))
    fixes, gnss = (np.array(part) for part in lane(real, "gnss.speed"))
    between = np.interp(fixes, times, speeds)
    assert np.median(np.abs(between - gnss)) < 0.3
    sensors = {item.name: item.sensor for item in real.reading.recording.channels}
    assert sensors["GNSS/live_gnss_ublox"] == GNSS
