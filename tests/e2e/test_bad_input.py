"""Bad input of every kind: one clear error each, and the rest goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ringroad.app import Settings, create_workspace, join, open_parts
from ringroad.backends.runtime_onnx import OnnxRuntime
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.deploy.plan import build_plan, open_plan
from ringroad.domain.errors import InvalidConfig, PlanRefused, SourceChanged
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.recording import Refusal
from ringroad.label.formats.coco.format import rows_of_coco
from ringroad.media.arrow import from_bytes
from ringroad.media.containers.mcap_index import index_mcap
from ringroad.media.frames import read_decoded
from ringroad.pipelines.loop_config import read_loop
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.recordings.see import see
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.sandbox import Sandbox
from ringroad.store.doctor import sweep, verify
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from bags import write_bag
from clips import write_clip
from fatal_decoder import FatalForHevc

HERE = Path(__file__).parent
CAMERA = {"/camera/front": "sensor_msgs/msg/CompressedImage"}
Open = Callable[..., Workspace]


@pytest.fixture
def said() -> list[str]:
    """Lines the workspace told its user."""
    return []


@pytest.fixture
def opened(tmp_path: Path, said: list[str]) -> Iterator[Open]:
    workspaces: list[Workspace] = []

    def at_hand(sandbox: Sandbox | None = None) -> Workspace:
        folder = tmp_path / "workspace"
        create_workspace(folder)
        parts = open_parts(Settings(folder=folder))
        if sandbox is not None:
            parts = replace(parts, sandbox=sandbox)
        workspaces.append(
            join(
                folder,
                parts,
                tracker=SilentTracker(),
                listener=lambda _: None,
                say=said.append,
            )
        )
        return workspaces[-1]

    yield at_hand
    for workspace in workspaces:
        workspace.close()


def clean(workspace: Workspace) -> bool:
    """Whether all that is referred to is whole, and nothing half-written lies about."""
    now_ns = workspace.clock.now_ns() + 1
    swept = sweep(workspace.blobs, workspace.catalog, now_ns=now_ns, grace_ns=0)
    attempts = workspace.folder / "attempts"
    left = list(attempts.rglob("*")) if attempts.exists() else []
    return not (swept.leftovers or left or verify(workspace.blobs, workspace.catalog).damage)


def flipped(path: Path, places: list[int]) -> None:
    data = bytearray(path.read_bytes())
    for place in places:
        data[place] ^= 1
    path.write_bytes(data)


def by_name(refused: tuple[Refusal, ...]) -> dict[str, Refusal]:
    return {Path(refusal.uri).name: refusal for refusal in refused}


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """Two whole recordings among five damaged ones, and a file that is none."""
    folder = tmp_path / "in"
    folder.mkdir()
    write_clip(folder / "whole.mp4", "h264_b_frames")
    write_bag(folder / "whole.mcap", CAMERA)
    without_index = write_clip(folder / "without_index.mp4", "h264_b_frames")
    data = without_index.read_bytes()
    without_index.write_bytes(data[: data.index(b"moov") - 4])
    cut = write_clip(folder / "cut_short.mp4", "h264_moov_first")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    bag = write_bag(folder / "one_chunk.mcap", CAMERA)
    flipped(bag, [index_mcap(bag).chunks[2].records + 500])
    bag = write_bag(folder / "all_chunks.mcap", CAMERA)
    flipped(bag, [chunk.records + 500 for chunk in index_mcap(bag).chunks])
    cut = write_bag(folder / "cut_short.mcap", CAMERA)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    (folder / "words.mp4").write_bytes(b"these are words\n" * 100)
    return folder


@pytest.mark.parametrize("copy", [False, True], ids=["in_place", "copied"])
def test_damaged_recordings(opened, damaged, tmp_path, copy):
    """Truncated MP4, MCAP with a broken chunk, a folder with no readable file."""
    empty = tmp_path / "nothing"
    empty.mkdir()
    (empty / "notes.txt").write_text("nothing to see")
    workspace = opened()
    found = collect(workspace, [damaged, empty], vehicle="car", copy=copy)
    taken = {item.recording.source_key: item for item in found.taken}
    salvaged = {name: item.recording.salvaged for name, item in taken.items()}
    assert set(taken) == {
        "whole.mp4", "whole.mcap", "cut_short.mp4", "one_chunk.mcap", "cut_short.mcap",
    }  # fmt: skip
    assert salvaged["whole.mp4"] == salvaged["whole.mcap"] == ""
    assert "of 36 frames" in salvaged["cut_short.mp4"]
    assert " s of 1.80 s, are missing" in salvaged["cut_short.mp4"]
    assert "1 of 4 chunks are damaged" in salvaged["one_chunk.mcap"]
    assert "/camera/front lost" in salvaged["one_chunk.mcap"]
    assert any("chunk at byte" in note for note in taken["one_chunk.mcap"].notes)
    assert "cut off before its index was written" in salvaged["cut_short.mcap"]

    refused = by_name(found.refused)
    assert set(refused) == {"without_index.mp4", "all_chunks.mcap", "words.mp4", "nothing"}
    assert "moov" in refused["without_index.mp4"].reason
    assert "untrunc" in refused["without_index.mp4"].remedy
    assert "chunks are damaged" in refused["all_chunks.mcap"].reason
    assert refused["words.mp4"].reason == "no reader recognises it"
    assert "holds no file that a reader knows" in refused["nothing"].reason
    assert all(item.remedy and Path(item.uri).exists() for item in found.refused)

    seen = see(workspace, found.taken, width=96, height=64)
    assert len(seen) == 5
    assert clean(workspace)
    again = collect(workspace, [damaged, empty], vehicle="car", copy=copy)
    assert again.refused == found.refused
    assert {item.frames for item in again.taken} == {item.frames for item in found.taken}


def test_a_source_that_changed_after_it_was_taken_in_place(opened, tmp_path, said):
    changed = write_clip(tmp_path / "changed.mp4", "h264_b_frames")
    whole = write_clip(tmp_path / "whole.mp4", "h264_moov_first")
    workspace = opened()
    found = collect(workspace, [changed, whole], vehicle="car", copy=False)
    flipped(changed, [changed.stat().st_size // 2])
    frames = from_bytes(workspace.blobs.get(found.taken[0].frames.digest))
    with pytest.raises(SourceChanged, match="written to after it was ingested") as raised:
        read_decoded(workspace.sources, InlineSandbox(), frames, [3])
    assert str(changed) in str(raised.value)
    assert "ringroad ingest" in raised.value.remedy

    seen = see(workspace, found.taken, width=96, height=64)
    assert [item.taken.recording.source_key for item in seen] == ["whole.mp4"]
    (line,) = said
    assert str(changed) in line
    assert "written to after it was ingested" in line
    assert "ringroad ingest" in line


def test_a_decoder_killed_in_mid_frame(opened, tmp_path, said):
    fatal = write_clip(tmp_path / "fatal.mp4", "hevc_open_gop")
    whole = write_clip(tmp_path / "whole.mp4", "h264_b_frames")
    clips = [fatal, whole, write_bag(tmp_path / "bag.mcap", CAMERA)]
    workspace = opened(FatalForHevc())
    found = collect(workspace, clips, vehicle="car", copy=False)
    assert len(found.taken) == 3
    seen = see(workspace, found.taken, width=96, height=64)
    assert [item.taken.recording.source_key for item in seen] == ["whole.mp4", "bag.mcap"]
    (line,) = said
    assert str(fatal) in line
    assert "frames 0 to 7" in line
    assert "SIGKILL" in line
    assert "damaged or hostile" in line
    assert clean(workspace)
    healthy = opened()
    assert len(see(healthy, found.taken, width=96, height=64)) == 3


def test_a_file_system_that_fills_up(tmp_path):
    within = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*within, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets no user make a mount namespace")
    small = write_clip(tmp_path / "small.mp4", "h264_b_frames")
    large = write_clip(tmp_path / "large.mp4", "h264_moov_first")
    padding = np.random.Generator(np.random.PCG64(1)).bytes(16 << 20)
    box = (len(padding) + 8).to_bytes(4, "big") + b"free" + padding
    large.write_bytes(large.read_bytes() + box)
    mount = tmp_path / "mount"
    mount.mkdir()
    enter = 'mount -t tmpfs -o size=8m none "$1" && shift && exec "$@"'
    program = [sys.executable, str(HERE / "full_disk_program.py"), mount, small, large]
    run = subprocess.run(
        [*within, "sh", "-c", enter, "sh", str(mount), *map(str, program)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    error, swept = run.stdout.splitlines()
    assert "took no more bytes" in error
    assert "run the same command again" in error
    assert swept == "swept 0 half-written files"


def test_a_coco_file_with_unknown_images_and_negative_boxes():
    document = {
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": 100, "height": 80},
            {"id": 2, "file_name": "b.jpg", "width": 100, "height": 80},
        ],
        "categories": [{"id": 7, "name": "car"}],
        "annotations": [
            {"id": 10, "image_id": 1, "category_id": 7, "bbox": [5, 5, 20, 10]},
            {"id": 11, "image_id": 99, "category_id": 7, "bbox": [5, 5, 20, 10]},
            {"id": 12, "image_id": 2, "category_id": 7, "bbox": [5, 5, -20, 10]},
        ],
    }
    frames = {name: FrameId(f"car/{name}/camera/000000") for name in ("a.jpg", "b.jpg")}
    rows, problems = rows_of_coco(
        json.dumps(document).encode(),
        frames,
        dict.fromkeys(frames.values(), (100, 80)),
        {"car": "car"},
    )
    assert rows.column("frame_id").to_pylist() == [frames["a.jpg"]]
    assert [problem.place for problem in problems] == [
        "annotations[1], id 11",
        "annotations[2], id 12",
    ]
    assert "99" in problems[0].what
    assert "-20" in problems[1].what


def test_a_loop_with_an_unknown_key(tmp_path, monkeypatch):
    monkeypatch.setenv("RINGROAD_TEST_DATA", str(tmp_path))
    path = tmp_path / "LOOP.toml"
    example = HERE.parents[1] / "examples" / "camvid.toml"
    path.write_text(example.read_text().replace("[train]\n", "[train]\nepoch = 2\n"))
    with pytest.raises(InvalidConfig, match="unknown key 'epoch'") as raised:
        read_loop(path)
    assert str(path) in str(raised.value)
    assert raised.value.place == "[train]"
    assert "epochs" in raised.value.remedy


def network() -> bytes:
    """One convolution."""
    weight = np.random.Generator(np.random.PCG64(1)).normal(size=(4, 3, 3, 3)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 8, 8])],
        [onnx.numpy_helper.from_array(weight, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def test_a_plan_with_one_flipped_bit():
    runtime = OnnxRuntime()
    model = ArtifactId(f"model:{'0' * 64}")
    plan, manifest = build_plan(runtime, network(), model=model)
    open_plan(runtime, plan, manifest)
    for place in np.linspace(0, len(plan) - 1, 16).astype(int):
        bad = bytearray(plan)
        bad[place] ^= 1
        with pytest.raises(PlanRefused, match="damaged or exchanged") as raised:
            open_plan(runtime, bytes(bad), manifest)
        assert f"ringroad plans build {model}" in raised.value.remedy


def test_the_terminal_tells_what_was_set_aside(damaged, tmp_path):
    words = ["ingest", str(damaged), "--describe", "9", "--json", "--workers", "1"]
    run = subprocess.run(
        [sys.executable, "-m", "ringroad.cli", *words],
        env={**os.environ, "RINGROAD_WORKSPACE": str(tmp_path / "workspace")},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 5, run.stderr  # some were refused
    told = json.loads(run.stdout)
    assert len(told["recordings"]) == 5
    assert len(told["refused"]) == 3
    assert told["undecoded"] == []
    assert "Traceback" not in run.stderr
