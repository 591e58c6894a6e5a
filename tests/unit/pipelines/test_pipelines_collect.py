from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ringroad.app import Settings, create_workspace, join, open_parts
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.domain.errors import SourceChanged, StorageFull
from ringroad.ingest.reading import read_source
from ringroad.media.arrow import from_bytes
from ringroad.media.frames import read_decoded
from ringroad.media.pictures.images import decode_image, encode_jpeg
from ringroad.pipelines.recordings.collect import Collected, collect
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.sandbox import Sandbox
from ringroad.testing.faults import Faults, faulty_blobs, full
from ringroad.workflow.bench import SilentTracker

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from clips import sequential, write_clip


class Shop:
    """A workspace in a folder, opened as a test needs it; `ran` lists what was not cached."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ran: list[str] = []
        self.open: list[Workspace] = []
        create_workspace(folder)

    def workspace(
        self, *, sandbox: Sandbox | None = None, faults: Faults | None = None
    ) -> Workspace:
        parts = open_parts(Settings(folder=self.folder))
        parts = replace(parts, sandbox=sandbox or InlineSandbox())
        if faults is not None:
            parts = replace(parts, blobs=faulty_blobs(parts.blobs, faults))
        self.open.append(
            join(
                self.folder,
                parts,
                tracker=SilentTracker(),
                listener=lambda event: None if event.cached else self.ran.append(event.step),
                say=lambda _: None,
            )
        )
        return self.open[-1]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path / "workspace")
    yield shop
    for workspace in shop.open:
        workspace.close()


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return write_clip(tmp_path / "in" / "drive.mp4", "h264_b_frames")


class FatalReader(SpawnSandbox):
    """Its worker is killed by one file."""

    def call(self, function: Callable[..., Any], *args: Any, timeout_s: float | None = None) -> Any:
        if function is read_source and args[1].source_key == "fatal.mp4":
            return super().call(os.kill, super().call(os.getpid), signal.SIGKILL)
        return super().call(function, *args, timeout_s=timeout_s)


def frame(workspace: Workspace, found: Collected, sequence: int, *, of: int = 0) -> np.ndarray:
    rows = from_bytes(workspace.blobs.get(found.taken[of].frames.digest))
    pixels: np.ndarray = read_decoded(workspace.sources, InlineSandbox(), rows, [sequence])[0]
    return pixels


def test_taking_the_same_in_again_runs_nothing(shop, drive):
    workspace = shop.workspace()
    first = collect(workspace, [drive.parent], vehicle="car", copy=False)
    assert shop.ran == ["read_recording"]
    again = collect(shop.workspace(), [drive.parent], vehicle="car", copy=False)
    assert again == first
    assert shop.ran == ["read_recording"]
    assert [r.source_key for r in workspace.catalog.recordings()] == ["drive.mp4"]


def test_what_was_copied_needs_its_origin_no_more(shop, drive):
    workspace = shop.workspace()
    here = collect(workspace, [drive], vehicle="car", copy=False)
    there = collect(workspace, [drive], vehicle="car", copy=True)
    assert there == here
    assert collect(workspace, [drive], vehicle="car", copy=False) == here  # stays copied
    expected = sequential(drive)
    drive.unlink()
    np.testing.assert_array_equal(frame(shop.workspace(), there, 20), expected[20])


def test_a_recording_in_place_that_moved_is_found_where_it_is_now(shop, drive):
    workspace = shop.workspace()
    collect(workspace, [drive], vehicle="car", copy=False)
    expected = sequential(drive)
    elsewhere = drive.parent / "elsewhere"
    elsewhere.mkdir()
    moved = drive.rename(elsewhere / "drive.mp4")
    found = collect(workspace, [moved], vehicle="car", copy=False)
    assert shop.ran == ["read_recording"]
    np.testing.assert_array_equal(frame(workspace, found, 7), expected[7])


def test_a_reader_that_is_killed_takes_no_other_recording_with_it(shop, drive):
    (drive.parent / "fatal.mp4").write_bytes(drive.read_bytes() + b"\0\0\0\x08free")
    workspace = shop.workspace(sandbox=FatalReader())
    found = collect(workspace, [drive.parent], vehicle="car", copy=False)
    assert [item.recording.source_key for item in found.taken] == ["drive.mp4"]
    (refusal,) = found.refused
    assert refusal.uri.endswith("fatal.mp4")
    assert refusal.code == "worker-died"
    assert "SIGKILL" in refusal.reason
    assert refusal.remedy


def test_a_refusal_is_remembered_until_the_file_is_whole(shop, drive, monkeypatch):
    whole = drive.read_bytes()
    drive.write_bytes(whole[: whole.index(b"moov") - 4])
    workspace = shop.workspace()
    monkeypatch.chdir(drive.parent)
    (told,) = collect(workspace, [Path("drive.mp4")], vehicle="car", copy=False).refused
    (refusal,) = workspace.catalog.refusals()
    assert refusal == replace(told, uri=drive.as_uri())
    drive.write_bytes(whole)
    collect(workspace, [drive], vehicle="car", copy=False)
    assert not workspace.catalog.refusals()


def test_a_full_store_stops_the_ingest_and_the_same_call_goes_on(shop, drive):
    write_clip(drive.parent / "second.mp4", "h264_moov_first")
    faults = Faults("blob:before", 6, full)
    with pytest.raises(StorageFull, match="no space left"):
        collect(shop.workspace(faults=faults), [drive.parent], vehicle="car", copy=False)
    workspace = shop.workspace()
    assert [r.source_key for r in workspace.catalog.recordings()] == ["drive.mp4"]
    assert not workspace.catalog.refusals()
    found = collect(workspace, [drive.parent], vehicle="car", copy=False)
    assert len(found.taken) == 2
    assert shop.ran == ["read_recording"] * 2


def test_signals_that_cannot_be_read_are_named(shop, drive):
    csv = drive.parent / "signals.csv"
    csv.write_text("seconds,speed_mps\n0,1\n")
    workspace = shop.workspace()
    (refusal,) = collect(workspace, [drive], vehicle="car", copy=False, signals=csv).refused
    assert refusal.reason == "line 1: the file of signals has no column time_s"
    csv.write_text("time_s,speed_mps\n0,1\n0.1,fast\n")
    (taken,) = collect(workspace, [drive], vehicle="car", copy=False, signals=csv).taken
    assert any("line 3: speed_mps is 'fast'" in note for note in taken.notes)


def pictures(folder: Path) -> dict[str, bytes]:
    """Two recordings in one folder."""
    made = {
        f"{name}_{number}.jpg": encode_jpeg(np.full((16, 24, 3), 40 * number + 9, np.uint8))
        for name in ("a", "b")
        for number in range(4)
    }
    folder.mkdir()
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return made


@pytest.mark.parametrize("copy", [False, True], ids=["in_place", "copied"])
def test_two_recordings_of_one_folder(shop, tmp_path, copy):
    made = pictures(tmp_path / "in")
    workspace = shop.workspace()
    found = collect(workspace, [tmp_path / "in"], vehicle="car", copy=copy, group="^([ab])_")
    assert [item.recording.source_key for item in found.taken] == ["a", "b"]
    for of, name in enumerate("ab"):
        expected = decode_image(made[f"{name}_2.jpg"])
        np.testing.assert_array_equal(frame(workspace, found, 2, of=of), expected)


def test_a_changed_picture_is_named_and_the_other_recording_goes_on(shop, tmp_path):
    made = pictures(tmp_path / "in")
    workspace = shop.workspace()
    found = collect(workspace, [tmp_path / "in"], vehicle="car", copy=False, group="^([ab])_")
    (tmp_path / "in" / "a_2.jpg").write_bytes(made["a_3.jpg"] + b"longer")
    with pytest.raises(SourceChanged) as raised:
        frame(workspace, found, 2)
    assert str(tmp_path / "in" / "a_2.jpg") in str(raised.value)
    np.testing.assert_array_equal(frame(workspace, found, 2, of=1), decode_image(made["b_2.jpg"]))
    again = collect(
        workspace, [tmp_path / "in"], vehicle="car", copy=False, group="^([ab])_", replace=True
    )
    assert again.taken[0].source != found.taken[0].source
    assert again.taken[1] == found.taken[1]


def test_the_same_bytes_by_another_name_are_one_recording(shop, drive, tmp_path):
    workspace = shop.workspace()
    (kept,) = collect(workspace, [drive], vehicle="car", copy=False).taken
    other = tmp_path / "copy.mp4"
    other.write_bytes(drive.read_bytes())
    again = collect(workspace, [other], vehicle="car", copy=False)
    assert not again.taken
    assert [twin.recording for twin in again.twins] == [kept.recording.id]
    assert len(workspace.catalog.recordings()) == 1
    other.unlink()
    assert frame(workspace, Collected(taken=(kept,), refused=()), 3).shape[2] == 3
    other = drive.rename(other)  # moved away: now the other name is where it lies
    collect(workspace, [other], vehicle="car", copy=False)
    assert frame(shop.workspace(), Collected(taken=(kept,), refused=()), 3).shape[2] == 3
    # Another vehicle's recording is another one.
    assert collect(workspace, [other], vehicle="van", copy=False).taken


def test_other_bytes_under_a_known_name_need_a_word(shop, drive, tmp_path):
    workspace = shop.workspace()
    at = tmp_path / "a.mp4"
    at.write_bytes(drive.read_bytes())
    (old,) = collect(workspace, [at], vehicle="car", copy=False).taken
    write_clip(at, "h264_b_frames", count=12)
    refused = collect(workspace, [at], vehicle="car", copy=False)
    assert not refused.taken
    (told,) = refused.refused
    assert told.code == "source-changed"
    assert old.recording.source in told.reason
    assert "--replace" in told.remedy
    (new,) = collect(workspace, [at], vehicle="car", copy=False, replace=True).taken
    assert new.recording.replaces == old.recording.source
    # And back again, although that reading is known.
    at.write_bytes(drive.read_bytes())
    (back,) = collect(workspace, [at], vehicle="car", copy=False, replace=True).taken
    assert back.recording.source == old.recording.source
    assert workspace.catalog.recording(old.recording.id).source == old.recording.source
