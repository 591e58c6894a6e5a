"""`recordings show --html`: everything of one recording, from real rows and real pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ringroad.app import Settings, create_workspace, open_workspace
from ringroad.cli.main import ringroad
from ringroad.pipelines.recordings.collect import collect
from ringroad.pipelines.recordings.view import view_of
from ringroad.pipelines.workspace import Workspace
from ringroad.report.recording_page import recording_page
from ringroad.simulate.recording import RecordingSpec, simulate_recording
from ringroad.workflow.bench import SilentTracker


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One simulated recording, taken in where it lies."""
    folder = tmp_path_factory.mktemp("page")
    spec = RecordingSpec(
        name="r", vehicle="v", condition="day", seed=3, duration_s=4.0, rate_hz=5.0,
        start_ns=10**18, width=128, height=96,
    )  # fmt: skip
    (folder / "depot").mkdir()
    (folder / "depot" / "drive.mcap").write_bytes(simulate_recording(spec).mcap)
    create_workspace(folder / "workspace")
    opened = open_workspace(
        Settings(folder=folder / "workspace", workers=1),
        tracker=SilentTracker(), listener=lambda _: None, say=lambda _: None,
    )  # fmt: skip
    collect(opened, [folder / "depot"], vehicle="car", copy=False)
    yield opened
    opened.close()


def test_what_was_recorded_is_on_the_page(workspace: Workspace) -> None:
    view = view_of(workspace, workspace.catalog.recordings()[0])
    assert [item.seconds for item in view.thumbs] == sorted(item.seconds for item in view.thumbs)
    assert len(view.thumbs) == 8
    assert {beat.channel for beat in view.beats} >= {"/camera/front", "/imu", "/gnss"}
    assert view.rows[0].name == "speed"
    assert [
        line.name for row in view.rows for line in row.lines if row.name.endswith("eration")
    ] == ["x", "y", "z"]
    assert view.trace is not None
    assert view.trace.origin == "GNSS"
    assert view.absent == ()
    assert recording_page(view) == recording_page(view)


def test_a_source_that_is_gone_leaves_a_page_that_says_so(workspace: Workspace) -> None:
    recording = workspace.catalog.recordings()[0]
    depot = workspace.folder.parent / "depot" / "drive.mcap"
    moved = depot.rename(depot.with_suffix(".away"))
    view = view_of(workspace, recording)
    moved.rename(depot)
    assert view.thumbs == ()
    assert any("/camera/front cannot be shown" in text for text in view.absent)
    assert view.rows


def test_the_command_writes_the_page(workspace: Workspace, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = CliRunner().invoke(
        ringroad,
        ["recordings", "show", "car/drive.mcap", "--html", str(page), "--workspace",
         str(workspace.folder)],
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "page" in told.output
    assert b"car/drive.mcap" in page.read_bytes()


def test_every_real_source_has_a_page(test_data: Path, tmp_path: Path) -> None:
    create_workspace(tmp_path / "workspace")
    opened = open_workspace(
        Settings(folder=tmp_path / "workspace", workers=1),
        tracker=SilentTracker(), listener=lambda _: None, say=lambda _: None,
    )  # fmt: skip
    for name in ("comma2k19", "kitti_raw_drive", "nuscenes_keyframe"):
        for taken in collect(opened, [test_data / name], vehicle=name, copy=False).taken:
            view = view_of(opened, taken.recording)
            assert len(recording_page(view)) < 5 << 20
            if name == "comma2k19":  # 579 fixes of the u-blox in 60 s: 19 are absent
                assert {item.kind for item in view.findings} == {"missing-frames"}
    opened.close()
