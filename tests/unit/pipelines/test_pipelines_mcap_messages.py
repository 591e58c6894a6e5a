"""Foxglove's messages through the whole of ingest; a channel map asks for more of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import CompressionType

from ringroad.app import Settings, open_workspace
from ringroad.media.encoded import read_encoded
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import decode_image, encode_jpeg
from ringroad.media.points.sweep import decode_points
from ringroad.pipelines.finding import executions_at, table_of
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from foxglove import Message, write_json, write_protobuf
from messages import START_NS, STEP_NS, pixels, vector

COUNT = 12


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(
        Settings(folder=tmp_path / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    yield workspace
    workspace.close()


def picture(number: int) -> bytes:
    return encode_jpeg(np.kron(pixels(number, (4, 6, 3)), np.ones((8, 8, 1), np.uint8)))


def points(number: int) -> np.ndarray:
    return pixels(number, (5, 3)).astype("<f4")


def messages() -> Iterator[Message]:
    fields = [{"name": axis, "offset": 4 * at, "type": 7} for at, axis in enumerate("xyz")]
    for number in range(COUNT):
        time_ns = START_NS + number * STEP_NS
        head = {"timestamp": time_ns, "frame_id": "it"}
        yield "/cam", "CompressedImage", time_ns, {**head, "data": picture(number)}
        cloud = {"point_stride": 12, "fields": fields, "data": points(number).tobytes()}
        yield "/lidar", "PointCloud", time_ns, {**head, **cloud}
        yield "/wind", "Vector3", time_ns, vector(number, 0.5, -0.5)


@pytest.mark.parametrize(("write", "copy"), [(write_protobuf, False), (write_json, True)])
def test_frames_sweeps_and_numbers_that_a_map_asks_for(
    tmp_path: Path, workspace: Workspace, write, copy: bool
) -> None:
    (tmp_path / "depot").mkdir()
    write(tmp_path / "depot" / "a.mcap", messages(), CompressionType.ZSTD)
    rules = tmp_path / "map.toml"
    rules.write_text('[[channels]]\nchannel = "/wind"\nsignals.x = { unit = "m/s" }\n')
    for vehicle, channel_map in (("plain", None), ("asked", rules)):
        found = collect(
            workspace, [tmp_path / "depot"], vehicle=vehicle, copy=copy, channel_map=channel_map
        )
        (taken,) = found.taken
        (reading,) = executions_at(workspace, taken.frames.id, "read_recording", direction="out")
        frames, sweeps, signals = (
            table_of(workspace, workspace.catalog.artifact(reading.outputs[name]))
            for name in ("frames", "sweeps", "signals")
        )
        pixels_of = read_decoded(workspace.sources, workspace.sandbox, frames, [7, 2])
        np.testing.assert_array_equal(pixels_of[0], decode_image(picture(7)))
        np.testing.assert_array_equal(pixels_of[1], decode_image(picture(2)))
        packed = read_encoded(workspace.sources, workspace.sandbox, sweeps)
        values = decode_points(sweeps["encoding"][3].as_py(), packed[3]).values
        np.testing.assert_array_equal(values, points(3))
        named = {row["name"]: row["unit"] for row in signals.to_pylist()}
        assert named == ({} if channel_map is None else {"x": "m/s", "y": "", "z": ""})
