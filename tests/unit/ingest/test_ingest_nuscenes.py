from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from ringroad.domain.errors import UnreadableSource
from ringroad.ingest import nuscenes_tables
from ringroad.ingest.layout_nuscenes import NuScenesLayout
from ringroad.ingest.nuscenes_tables import rows
from ringroad.ingest.poses import matrix_of
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.points.sweep import decode_points

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from layouts import read_folder

PICTURE = encode_jpeg(np.zeros((8, 16, 3), np.uint8))
POINTS = np.arange(10, dtype="<f4").tobytes()
RADAR = b"""# .PCD v0.7 - Point Cloud Data file format
FIELDS x y z dyn_prop id
SIZE 4 4 4 1 2
TYPE F F F I I
COUNT 1 1 1 1 1
POINTS 1
DATA binary
""" + bytes(15)
START_US = 1_532_402_927_000_000
LOG = "n015-2018-07-24-11-22-45+0800"
SENSORS = {"CAM_FRONT": ("jpg", PICTURE), "LIDAR_TOP": ("pcd.bin", POINTS)}
SENSORS["RADAR_FRONT"] = ("pcd", RADAR)


def table(folder: Path, name: str, found: list[dict]) -> None:
    """As the data set writes them: a field a line, no indent."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(found, indent=0))


@pytest.fixture
def mini(tmp_path) -> Path:
    """Two scenes of two keyframes with one file in between, all three sensors."""
    version = tmp_path / "v1.0-mini"
    scenes = [{"token": f"s{n}", "name": f"scene-00{61 + n}"} for n in range(2)]
    samples, data, poses = [], [], []
    for step in range(6):
        scene, keyframe = divmod(step, 3)
        part = "sweeps" if keyframe == 1 else "samples"
        if part == "samples":
            samples.append({"token": f"sample{step}", "scene_token": f"s{scene}"})
        for place, (channel, (suffix, content)) in enumerate(SENSORS.items()):
            time_us = START_US + step * 500_000 + place * 7
            name = f"{part}/{channel}/{LOG}__{channel}__{time_us}.{suffix}"
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
            token = f"d{step}{place}"
            data.append(
                {
                    "token": token,
                    "sample_token": samples[-1]["token"],
                    "ego_pose_token": token,
                    "calibrated_sensor_token": f"c{scene}{place}",
                    "timestamp": time_us,
                    "filename": name,
                }
            )
            pose = {"translation": [step * 5.0, 1, 0], "rotation": [1.0, 0.0, 0.0, 0.0]}
            poses.append({"token": token, "timestamp": time_us, **pose})
    mounts = [
        {
            "token": f"c{scene}{place}",
            "translation": [1.0 + scene, 0.0, 1.5],
            "rotation": [0.5, -0.5, 0.5, -0.5],
            "camera_intrinsic": [[1266, 0, 816], [0, 1266, 491], [0, 0, 1]] if not place else [],
        }
        for scene in range(2)
        for place in range(3)
    ]
    table(version, "scene", scenes)
    table(version, "sample", samples)
    table(version, "sample_data", data)
    table(version, "calibrated_sensor", mounts)
    table(version, "ego_pose", poses)
    return tmp_path


def edited(path: Path, change) -> None:
    found = json.loads(path.read_text())
    path.write_text(json.dumps([change(row) or row for row in found], indent=0))


def test_a_scene_is_a_recording(mini):
    first, second = read_folder(mini)
    assert [first.source.source_key, second.source.source_key] == ["scene-0061", "scene-0062"]
    reading = second.reading
    assert reading.recording.container == "nuscenes"
    assert reading.recording.start_ns == (START_US + 1_500_000) * 1000
    assert set(reading.frames["channel"].to_pylist()) == {"CAM_FRONT"}
    assert reading.frames["time_ns"].to_pylist() == [
        (START_US + 1_500_000 + step * 500_000) * 1000 for step in range(3)
    ]
    assert second.bytes_of(reading.frames) == [PICTURE] * 3
    assert reading.sweeps["channel"].to_pylist() == ["LIDAR_TOP"] * 3 + ["RADAR_FRONT"] * 3
    assert second.bytes_of(reading.sweeps) == [POINTS] * 3 + [RADAR] * 3
    assert reading.sweeps["points"].to_pylist() == [2] * 3 + [1] * 3
    (note,) = reading.notes
    assert "is unverified" in note


def test_poses_and_calibrations_come_along(mini):
    _, second = read_folder(mini)
    signals = second.reading.signals.to_pydict()
    assert len(signals["time_ns"]) == 9 * 7
    at = [place for place, name in enumerate(signals["name"]) if name == "pose.position.x"]
    assert [signals["value"][place] for place in at] == [15.0] * 3 + [20.0] * 3 + [25.0] * 3
    assert signals["time_ns"][at[1]] == (START_US + 1_500_007) * 1000
    found = {item.channel: item for item in second.reading.recording.calibrations}
    assert sorted(found) == ["CAM_FRONT", "LIDAR_TOP", "RADAR_FRONT"]
    assert found["CAM_FRONT"].intrinsics == (1266, 1266, 816, 491)
    assert found["CAM_FRONT"].translation_m == (2.0, 0.0, 1.5)
    assert found["LIDAR_TOP"].axes == "x right, y ahead, z up"
    assert found["LIDAR_TOP"].intrinsics == ()


def test_files_that_were_not_fetched_are_no_part_of_a_scene(mini):
    for path in (mini / "samples/CAM_FRONT").iterdir():
        path.unlink()
    first, _ = read_folder(mini)
    assert first.reading.frames["time_ns"].to_pylist() == [(START_US + 500_000) * 1000]


def test_a_scene_of_two_versions_is_read_once(mini):
    (mini / "v1.0-trainval").mkdir()
    for path in (mini / "v1.0-mini").iterdir():
        (mini / "v1.0-trainval" / path.name).write_bytes(path.read_bytes())
    assert len(read_folder(mini)) == 2


def test_without_readable_tables_a_log_is_a_recording(mini):
    (mini / "v1.0-mini/sample.json").write_bytes(b"[" * (2 << 20))
    (mini / "v1.0-mini/ego_pose.json").unlink()
    (found,) = read_folder(mini)
    assert found.source.source_key == LOG
    assert found.reading.frames.num_rows == 6
    assert any("no table ego_pose" in note for note in found.reading.notes)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("sample_data", {"timestamp": 1.5e18}, "the tables tell no time of 9 files"),
        ("sample_data", {"timestamp": 10**30}, "the tables tell no time of 9 files"),
        ("calibrated_sensor", {"rotation": [1, 0, 0]}, "rotation is not 4 numbers"),
        ("calibrated_sensor", {"rotation": [3.0, 0, 0, 0]}, "no unit quaternion"),
        ("calibrated_sensor", {"translation": [0, 0, float("nan")]}, "translation holds nan"),
        ("calibrated_sensor", {"camera_intrinsic": [[1]]}, "projects nothing"),
    ],
)
def test_damaged_rows_are_told_and_the_rest_is_read(mini, name, change, said):
    edited(mini / f"v1.0-mini/{name}.json", lambda row: row.update(change))
    first, _ = read_folder(mini)
    assert first.reading.frames.num_rows == 3
    assert first.reading.frames["time_ns"][0].as_py() == START_US * 1000
    assert said in "\n".join(first.reading.notes)


def test_damaged_poses_are_left_out(mini):
    edited(mini / "v1.0-mini/ego_pose.json", lambda row: row.update({"rotation": None}))
    first, _ = read_folder(mini)
    assert first.reading.signals.num_rows == 0


def test_rows_are_cut_out_of_any_block(mini, monkeypatch):
    path = mini / "v1.0-mini/sample_data.json"
    whole = list(rows(path))
    assert len(whole) == 18
    for size in (1, 17, 100):
        monkeypatch.setattr(nuscenes_tables, "BLOCK_BYTES", size)
        assert list(rows(path)) == whole


def test_a_table_without_an_end_is_refused(tmp_path):
    path = tmp_path / "t.json"
    path.write_bytes(b'[{"a": ' + b"[" * (6 << 20))
    with pytest.raises(UnreadableSource, match="no row ends within"):
        list(rows(path))
    path.write_bytes(b'[{"a": ' + b"[" * 100_000 + b"}, {}, {'x'}, {\"b\": 1}]")
    assert list(rows(path)) == [{}, {"b": 1}]


def test_other_folders_are_not_ours(tmp_path):
    (tmp_path / "samples").mkdir()
    assert NuScenesLayout().find(tmp_path) == ()
    assert NuScenesLayout().find(tmp_path / "none") == ()


def test_a_damaged_keyframe_leaves_its_pictures(tmp_path, test_data):
    for path in (test_data / "nuscenes_keyframe").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "keyframe_info.json").write_bytes(b'{"data_list": [{"images": {"CAM": 7}}]}')
    (found,) = read_folder(tmp_path)
    assert found.reading.frames.num_rows == 6
    assert any("is no keyframe" in note for note in found.reading.notes)


def test_a_real_keyframe_reads_with_every_file(test_data):
    (found,) = read_folder(test_data / "nuscenes_keyframe")
    reading = found.reading
    assert reading.frames.num_rows == 6
    assert set(reading.frames["width"].to_pylist()) == {1600}
    assert reading.sweeps["points"].to_pylist() == [34_688]
    assert reading.sweeps["time_ns"].to_pylist() == [1_532_402_927_647_951_000]
    assert len(found.bytes_of(reading.frames)) == 6
    assert len(reading.recording.calibrations) == 7
    assert reading.signals.num_rows == 7


def test_real_points_fall_where_the_keyframe_says(test_data):
    """Its `lidar2cam` was derived by others through the vehicle's poses at both times."""
    (found,) = read_folder(test_data / "nuscenes_keyframe")
    info = json.loads((test_data / "nuscenes_keyframe/keyframe_info.json").read_text())
    known = {item.channel: item for item in found.reading.recording.calibrations}
    points = decode_points("f32-xyzir", found.bytes_of(found.reading.sweeps)[0]).xyz
    lidar = known["LIDAR_TOP"]
    vehicle = points @ matrix_of(lidar.rotation).T + np.array(lidar.translation_m)
    for channel, camera in info["data_list"][0]["images"].items():
        ours = known[channel]
        seen = (vehicle - np.array(ours.translation_m)) @ matrix_of(ours.rotation)
        theirs = np.hstack([points, np.ones((len(points), 1))]) @ np.array(camera["lidar2cam"]).T
        assert np.abs(seen - theirs[:, :3]).max() < 1.0  # the vehicle moved in between
        assert np.median(np.abs(seen - theirs[:, :3])) < 0.35
