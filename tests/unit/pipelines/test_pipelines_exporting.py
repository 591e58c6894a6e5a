"""Recordings that leave as files, read again by our reader and by others."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory

from ringroad.app import Settings, open_workspace
from ringroad.domain.errors import InputError, MissingExtra, UnknownName, UsageError
from ringroad.domain.recording import Recording
from ringroad.media.export import rerun as rerun_export
from ringroad.media.export.mcap_write import McapFile
from ringroad.media.export.ros2_types import GNSS, IMU, MOTION
from ringroad.media.export.ros2_write import (
    gnss_message,
    image_message,
    imu_message,
    motion_message,
)
from ringroad.media.frames import read_decoded
from ringroad.media.messages.ros2 import IMAGE
from ringroad.media.pictures.images import decode_image, encode_jpeg
from ringroad.media.video.container import decode_packets
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.recordings.exporting import RRD, Exported, Wish, export, held_of
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import write_clip

START = 1_790_000_000_123_456_789
STEP = 100_000_001
TICKS = 30
CALIBRATION = """P2: 700 0 600 45 0 700 180 -0.3 0 0 1 0.005
R0_rect: 1 0 0 0 1 0 0 0 1
Tr_velo_to_cam: 0 -1 0 0.1 0 0 -1 0.2 1 0 0 0.3
"""
SWEEP = np.arange(28, dtype="<f4").reshape(7, 4)
SIGNALS = ["time_ns", "name", "value", "unit"]


def write_drive(path: Path, seed: int = 1) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    with path.open("wb") as sink:
        file = McapFile(sink)
        for topic, kind in (("/cam", IMAGE), ("/imu", IMU), ("/gnss", GNSS), ("/motion", MOTION)):
            file.channel(topic, kind)
        for tick in range(TICKS):
            at = START + tick * STEP
            jpeg = encode_jpeg(rng.integers(0, 255, (96, 128, 3), np.uint8))
            file.message("/cam", at, image_message(at, "cam", "jpeg", jpeg))
            six = tuple(rng.normal(size=6))
            file.message("/imu", at, imu_message(at, six[:3], six[3:]))
            file.message("/gnss", at, gnss_message(at, 48 + six[0], 11.0, 500.0, status=1))
            speed = max(0.0, 15.0 - max(0, tick - 8) * 0.8)
            file.message("/motion", at, motion_message(at, speed, six[1]))
        file.finish()


def write_scans(folder: Path) -> None:
    files = {
        "image_2/000001.jpeg": encode_jpeg(np.zeros((8, 16, 3), np.uint8)),
        "velodyne/000001.bin": SWEEP.tobytes(),
        "calib/000001.txt": CALIBRATION.encode(),
    }
    for name, data in files.items():
        path = folder / "training" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@dataclass(frozen=True)
class Shop:
    """A workspace that took some recordings in, and what they were exported to."""

    workspace: Workspace
    folder: Path

    def taken(self, path: Path, vehicle: str = "car") -> Recording:
        (taken,) = collect(self.workspace, [path], vehicle=vehicle, copy=False).taken
        return taken.recording

    def export(self, id_: str, name: str, **wish: object) -> Exported:
        (made,) = export(self.workspace, [id_], self.folder / "out" / name, Wish(**wish))
        return made

    def again(self, made: Exported) -> Recording:
        """The recording that our reader finds in an exported file."""
        return self.taken(made.path, vehicle="again")

    def pixels(self, recording: Recording, channel: str, sequences: list[int]) -> np.ndarray:
        frames = held_of(self.workspace, recording).frames[channel]
        return read_decoded(self.workspace.sources, self.workspace.sandbox, frames, sequences)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("export")
    (folder / "in").mkdir()
    write_drive(folder / "in" / "drive.mcap")
    for name in ("h264_b_frames", "hevc_open_gop"):
        write_clip(folder / "in" / f"{name}.mp4", name)
    write_scans(folder / "in")
    opened = open_workspace(
        Settings(folder=folder / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    taken = collect(opened, [folder / "in"], vehicle="car", copy=False)
    assert len(taken.taken) == 4
    yield Shop(opened, folder)
    opened.close()


def decoded(path: Path) -> list[tuple[str, int, object]]:
    """Topic, log time and message, by mcap and mcap_ros2."""
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        return [
            (channel.topic, message.log_time, said)
            for _, channel, message, said in reader.iter_decoded_messages()
        ]


def metadata(path: Path) -> dict[str, dict[str, str]]:
    with path.open("rb") as file:
        return {item.name: item.metadata for item in make_reader(file).iter_metadata()}


def signals(shop: Shop, recording: Recording) -> list[tuple[object, ...]]:
    table = held_of(shop.workspace, recording).signals.select(SIGNALS)
    plain = pa.table({name: table[name].to_pylist() for name in SIGNALS})
    return sorted(map(tuple, (row.values() for row in plain.to_pylist())))


def test_our_reader_finds_the_same_frames_signals_and_times(shop):
    made = shop.export("car/drive.mcap", "whole.mcap")
    before = shop.workspace.catalog.recording("car/drive.mcap")
    after = shop.again(made)
    assert signals(shop, after) == signals(shop, before)
    rows = [held_of(shop.workspace, item).frames["/cam"] for item in (before, after)]
    for name in ("sequence", "time_ns", "width", "height", "encoding", "xxh3"):
        assert rows[0][name].to_pylist() == rows[1][name].to_pylist(), name
    every = list(range(TICKS))
    np.testing.assert_array_equal(
        shop.pixels(before, "/cam", every), shop.pixels(after, "/cam", every)
    )
    assert (after.start_ns, after.duration_ns) == (START, (TICKS - 1) * STEP)


def test_others_read_the_same(shop):
    made = shop.export("car/drive.mcap", "others.mcap")
    found = decoded(made.path)
    held = held_of(shop.workspace, shop.workspace.catalog.recording("car/drive.mcap"))
    images = [(at, said) for topic, at, said in found if topic == "/cam"]
    assert [at for at, _ in images] == held.frames["/cam"]["time_ns"].to_pylist()
    ours = shop.pixels(held.recording, "/cam", [3])[0]
    np.testing.assert_array_equal(decode_image(bytes(images[3][1].data)), ours)
    speeds = [(at, said.data) for topic, at, said in found if topic == "/motion/speed"]
    rows = held.signals.to_pylist()
    assert speeds == [(row["time_ns"], row["value"]) for row in rows if row["name"] == "speed"]
    assert [at for _, at, _ in found] == sorted(at for _, at, _ in found)


@pytest.mark.parametrize("name", ["h264_b_frames", "hevc_open_gop"])
def test_videos_leave_as_they_are_and_decode_to_the_same_pictures(shop, name):
    made = shop.export(f"car/{name}.mp4", f"{name}.mcap")
    before = shop.workspace.catalog.recording(f"car/{name}.mp4")
    after = shop.again(made)
    rows = [next(iter(held_of(shop.workspace, item).frames.values())) for item in (before, after)]
    for column in ("sequence", "time_ns", "width", "height", "key", "start_sequence", "position"):
        assert rows[0][column].to_pylist() == rows[1][column].to_pylist(), column
    every = list(range(36))
    np.testing.assert_array_equal(
        shop.pixels(before, "camera", every), shop.pixels(after, "/camera", every)
    )
    assert any("another order" in note for note in made.notes)
    logged = [at for _, at, _ in decoded(made.path)]
    assert logged == sorted(set(logged))


@pytest.mark.parametrize("name", ["h264_b_frames", "hevc_open_gop"])
def test_a_segment_of_a_video_begins_with_the_key_frame_before_it(shop, name):
    before = shop.workspace.catalog.recording(f"car/{name}.mp4")
    made = shop.export(f"car/{name}.mp4", f"{name}-part.mcap", from_s=0.86, until_s=1.21)
    after = shop.again(made)
    rows = held_of(shop.workspace, before).frames["camera"]
    told = held_of(shop.workspace, after).frames["/camera"]
    wanted = [at for at in rows["time_ns"].to_pylist() if 860_000_000 <= at < 1_210_000_000]
    assert len(wanted) == 7
    times = told["time_ns"].to_pylist()
    assert set(wanted) <= set(times)
    place = {at: number for number, at in enumerate(times)}
    ours = shop.pixels(before, "camera", [rows["time_ns"].to_pylist().index(at) for at in wanted])
    again = told["sequence"].to_pylist()
    np.testing.assert_array_equal(
        ours, shop.pixels(after, "/camera", [again[place[at]] for at in wanted])
    )
    assert times[0] < wanted[0]
    assert any("earlier, with its key frame" in note for note in made.notes)


def test_sweeps_and_calibrations_leave(shop):
    made = shop.export("car/training", "scans.mcap")
    found = {topic: said for topic, _, said in decoded(made.path)}
    cloud = found["/velodyne"]
    assert [field.name for field in cloud.fields] == ["x", "y", "z", "intensity"]
    read = np.frombuffer(bytes(cloud.data), "<f4").reshape(7, 4)
    np.testing.assert_array_equal(read, SWEEP)
    (pose,) = found["/tf_static"].transforms
    assert (pose.header.frame_id, pose.child_frame_id) == ("image_2", "velodyne")
    assert pose.transform.translation.x == pytest.approx(0.16, abs=1e-3)
    assert list(found["/image_2/camera_info"].k) == [700, 0, 600, 0, 700, 180, 0, 0, 1]
    assert found["/image_2"].header.frame_id == "image_2"


def test_a_file_says_what_it_is_and_what_it_lacks(shop):
    made = shop.export("car/drive.mcap", "about.mcap", channels=("/cam", "/imu"))
    recording = shop.workspace.catalog.recording("car/drive.mcap")
    about = metadata(made.path)
    told = about["ringroad.recording"]
    assert (told["recording"], told["vehicle"]) == ("car/drive.mcap", "car")
    assert (told["source"], told["synthetic"]) == (recording.source, "no")
    losses = json.loads(about["ringroad.losses"]["losses"])
    assert losses == [
        {"channel": loss.channel, "what": loss.what, "why": loss.why} for loss in made.losses
    ]
    by_channel = {loss["channel"]: loss for loss in losses}
    assert by_channel["/gnss"]["why"] == "it was not asked for"
    assert "orientation" in by_channel["/imu"]["what"]
    assert made.messages == {"/cam": TICKS, "/imu": TICKS}


def test_equal_wishes_give_equal_bytes(shop):
    made = [shop.export("car/drive.mcap", f"equal-{n}.mcap") for n in range(2)]
    assert made[0].path.read_bytes() == made[1].path.read_bytes()


def test_a_segment_holds_what_lies_in_it_and_no_more(shop):
    made = shop.export("car/drive.mcap", "part.mcap", from_s=1.0, until_s=2.0)
    times = [at for topic, at, _ in decoded(made.path) if topic == "/imu"]
    assert times == [START + tick * STEP for tick in range(10, 20)]
    assert (made.begin_ns, made.end_ns) == (times[0], times[-1])


def test_an_event_leaves_with_what_is_around_it(shop):
    with pytest.raises(UnknownName, match="has no event 'u-turn'"):
        shop.export("car/drive.mcap", "none.mcap", event="u-turn")
    made = shop.export("car/drive.mcap", "event.mcap", event="hard-brake", around_s=0.2)
    times = [at for topic, at, _ in decoded(made.path) if topic == "/imu"]
    assert 0 < len(times) < TICKS


def test_files_in_the_way_are_left_alone(shop):
    made = shop.export("car/drive.mcap", "mine.mcap")
    before = made.path.read_bytes()
    with pytest.raises(UsageError, match="is there already"):
        shop.export("car/drive.mcap", "mine.mcap")
    assert made.path.read_bytes() == before


def test_several_recordings_go_into_a_folder(shop):
    ids = ["car/drive.mcap", "car/training"]
    with pytest.raises(UsageError, match="2 recordings do not fit into one file"):
        export(shop.workspace, ids, shop.folder / "two.mcap", Wish())
    made = export(shop.workspace, ids, shop.folder / "two", Wish())
    assert [item.path.name for item in made] == ["car+drive.mcap.mcap", "car+training.mcap"]


def test_nothing_is_left_of_a_file_that_could_not_be_finished(shop, tmp_path):
    write_drive(tmp_path / "gone.mcap", seed=2)
    gone = shop.taken(tmp_path / "gone.mcap", vehicle="gone")
    data = bytearray((tmp_path / "gone.mcap").read_bytes())
    (tmp_path / "gone.mcap").write_bytes(bytes(data) + b"\0")
    with pytest.raises(InputError):
        export(shop.workspace, [gone.id], tmp_path / "out" / "gone.mcap", Wish())
    assert list((tmp_path / "out").iterdir()) == []


def test_wishes_that_cannot_be_met_are_told(shop):
    with pytest.raises(UnknownName, match="no channel '/lidar'"):
        shop.export("car/drive.mcap", "a.mcap", channels=("/lidar",))
    with pytest.raises(InputError, match="nothing of it leaves"):
        shop.export("car/drive.mcap", "a.mcap", from_s=100.0)
    with pytest.raises(UsageError, match="an event says when"):
        Wish(event="stop", from_s=1.0)
    with pytest.raises(UsageError, match="nothing lies between 2 and 1 s"):
        Wish(from_s=2.0, until_s=1.0)


def test_without_the_extra_its_package_is_named(shop, monkeypatch):
    monkeypatch.setattr(rerun_export, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as raised:
        shop.export("car/drive.mcap", "a.rrd", format=RRD)
    assert "pip install 'ringroad[rerun]'" in raised.value.remedy


@pytest.mark.parametrize(
    ("folder", "id_"),
    [
        ("kitti_raw_drive", "kitti_raw_drive"),
        ("video", "udacity_test_video_1280x720_25fps.mp4"),
        ("nuscenes_keyframe", "nuscenes_keyframe"),
    ],
)
def test_real_recordings_are_read_again_as_they_were(shop, test_data, folder, id_):
    collect(shop.workspace, [test_data / folder], vehicle="real", copy=False)
    made = shop.export(f"real/{id_}", f"{folder}.mcap")
    before = shop.workspace.catalog.recording(f"real/{id_}")
    after = shop.again(made)
    again = held_of(shop.workspace, after).frames
    for channel, rows in held_of(shop.workspace, before).frames.items():
        told = again["/" + channel.strip("/")]
        assert told["time_ns"].to_pylist() == rows["time_ns"].to_pylist()
        some = rows["sequence"].to_pylist()[:40:3]
        np.testing.assert_array_equal(
            shop.pixels(before, channel, some), shop.pixels(after, "/" + channel.strip("/"), some)
        )
    assert signals(shop, after) == signals(shop, before)
    topics = {topic for topic, _, _ in decoded(made.path)}
    assert topics == set(made.messages)


def test_real_can_keeps_every_value(shop, test_data):
    collect(shop.workspace, [test_data / "comma2k19"], vehicle="comma", copy=False)
    (comma,) = (r for r in shop.workspace.catalog.recordings() if r.vehicle == "comma")
    wanted = ("CAN/wheel_speed", "IMU/gyro")
    made = shop.export(comma.id, "comma.mcap", channels=wanted)
    after = signals(shop, shop.again(made))
    assert len(after) > 10_000
    assert after == sorted(
        tuple(row[name] for name in SIGNALS)
        for row in held_of(shop.workspace, comma).signals.to_pylist()
        if row["channel"] in wanted
    )


@pytest.mark.skipif(
    importlib.util.find_spec("rerun") is None, reason="rerun-sdk, an extra, is not installed"
)
def test_rerun_reads_what_it_is_given(shop):
    made = shop.export("car/drive.mcap", "drive.rrd", format=RRD)
    chunks = rerun_chunks(made.path)
    held = held_of(shop.workspace, shop.workspace.catalog.recording("car/drive.mcap"))
    times, speeds = rerun_column(chunks, "/motion/speed", "Scalars:scalars")
    rows = [row for row in held.signals.to_pylist() if row["name"] == "speed"]
    assert times == [row["time_ns"] for row in rows]
    assert speeds == [[row["value"]] for row in rows]
    times, pictures = rerun_column(chunks, "/cam", "EncodedImage:blob")
    assert times == held.frames["/cam"]["time_ns"].to_pylist()
    ours = shop.pixels(held.recording, "/cam", [7])[0]
    np.testing.assert_array_equal(decode_image(bytes(pictures[7][0])), ours)
    assert made.messages["/cam"] == TICKS


@pytest.mark.skipif(
    importlib.util.find_spec("rerun") is None, reason="rerun-sdk, an extra, is not installed"
)
def test_rerun_gets_videos_as_they_are_where_it_can_show_them(shop, tmp_path):
    write_clip(tmp_path / "plain.mp4", "h264_all_key", count=6)
    plain = shop.taken(tmp_path / "plain.mp4", vehicle="plain")
    made = shop.export(plain.id, "plain.rrd", format=RRD)
    times, samples = rerun_column(rerun_chunks(made.path), "/camera", "VideoStream:sample")
    frames = held_of(shop.workspace, plain).frames["camera"]
    assert times == frames["time_ns"].to_pylist()
    found = decode_packets(
        "h264", b"", [bytes(sample[0]) for sample in samples], range(6), range(6), None
    )
    np.testing.assert_array_equal(found, shop.pixels(plain, "camera", [*range(6)]))
    video = shop.export("car/hevc_open_gop.mp4", "video.rrd", format=RRD)
    _, pictures = rerun_column(rerun_chunks(video.path), "/camera", "EncodedImage:blob")
    assert len(pictures) == 36
    assert any("they leave as JPEG" in loss.what for loss in video.losses)


def rerun_chunks(path: Path) -> list[pa.RecordBatch]:
    """Entity and rows of each chunk, by the SDK's own reader."""
    from rerun.chunk import RrdReader

    return [(chunk.entity_path, chunk.to_record_batch()) for chunk in RrdReader(path).stream()]


def rerun_column(chunks: list, entity: str, name: str) -> tuple[list[int], list]:
    """Times in ns and values of one column."""
    found = [
        (time, value)
        for at, batch in chunks
        if at == entity and name in batch.schema.names
        for time, value in zip(
            batch.column("time").cast(pa.int64()).to_pylist(),
            batch.column(name).to_pylist(),
            strict=True,
        )
    ]
    found.sort(key=lambda pair: pair[0])
    return [time for time, _ in found], [value for _, value in found]
