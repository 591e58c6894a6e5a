"""An inbox that recordings arrive in: each is taken once, whole, by one of many watchers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ringroad.app import Settings, create_workspace, join, open_parts
from ringroad.domain.errors import SourceMissing
from ringroad.pipelines.recordings.collect import Intake
from ringroad.pipelines.recordings.watching import Watch, watch
from ringroad.pipelines.workspace import Workspace
from ringroad.simulate.recording import RecordingSpec, simulate_recording
from ringroad.workflow.bench import SilentTracker

INTAKE = Intake(vehicle="car", copy=False)
SOON = Watch(every_s=0.05, settle_s=0.3, idle_s=0.6)


def opened(folder: Path, ran: list[str]) -> Workspace:
    create_workspace(folder)
    return join(
        folder,
        open_parts(Settings(folder=folder)),
        tracker=SilentTracker(),
        listener=lambda event: None if event.cached else ran.append(event.step),
        say=lambda _: None,
    )


def recording(number: int) -> bytes:
    spec = RecordingSpec(
        name=f"r{number}", vehicle="car", condition="day", seed=number, duration_s=0.2,
        rate_hz=10.0, start_ns=number, width=64, height=48,
    )  # fmt: skip
    return simulate_recording(spec).mcap


def test_a_file_that_still_grows_is_left_alone_until_it_stands_still(tmp_path: Path) -> None:
    inbox, ran = tmp_path / "inbox", list[str]()
    inbox.mkdir()
    workspace = opened(tmp_path / "workspace", ran)
    (inbox / "whole.mcap").write_bytes(recording(2))
    writer = threading.Thread(target=_slowly, args=(inbox / "growing.mcap", recording(1)))
    writer.start()
    keys: list[str] = []
    for found in watch(workspace, [inbox], INTAKE, how=SOON):
        assert not found.refused
        keys += [item.recording.source_key for item in found.taken]
    writer.join()
    salvaged = [item.salvaged for item in workspace.catalog.recordings() if item.salvaged]
    workspace.close()
    assert keys == ["whole.mcap", "growing.mcap"]
    assert not salvaged


def _slowly(path: Path, data: bytes) -> None:
    """Write in ten pieces, closer together than a file must stand still."""
    for number in range(10):
        with path.open("ab") as file:
            file.write(data[len(data) * number // 10 : len(data) * (number + 1) // 10])
        time.sleep(0.1)


def test_what_is_known_or_refused_is_not_looked_at_twice(tmp_path: Path) -> None:
    inbox, ran = tmp_path / "inbox", list[str]()
    inbox.mkdir()
    (inbox / "a.mcap").write_bytes(recording(1))
    (inbox / "notes.bag2").write_bytes(b"not a recording")
    workspace = opened(tmp_path / "workspace", ran)
    first = list(watch(workspace, [inbox], INTAKE, how=SOON))
    again = list(watch(workspace, [inbox], INTAKE, how=SOON))
    workspace.close()
    assert [len(found.taken) for found in first if found.taken] == [1]
    assert [len(found.refused) for found in first if found.refused] == [1]
    assert [found.taken for found in again if found.taken] == []
    assert ran == ["read_recording"]


def test_a_folder_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    workspace = opened(tmp_path / "workspace", [])
    with pytest.raises(SourceMissing, match="nothing to watch"):
        next(watch(workspace, [tmp_path / "none"], INTAKE, how=SOON))
    workspace.close()


def _watcher(workspace: Path, inbox: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ringroad.cli", "ingest", str(inbox), "--watch", "--json"]
    command += ["--every-s", "0.2", "--settle-s", "0.3", "--until-idle-s", "4", "--workers", "1"]
    command += ["--workspace", str(workspace)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_three_watchers_share_an_inbox_and_one_of_them_dies(tmp_path: Path) -> None:
    share_an_inbox(tmp_path, watchers=3, count=12)


@pytest.mark.slow
def test_eight_watchers_share_an_inbox_and_one_of_them_dies(tmp_path: Path) -> None:
    share_an_inbox(tmp_path, watchers=8, count=80)


def share_an_inbox(folder: Path, *, watchers: int, count: int) -> None:
    """Recordings arrive one by one, one watcher is killed in between: each is taken in once."""
    inbox = folder / "inbox"
    inbox.mkdir()
    workspace = opened(folder / "workspace", [])
    running = [_watcher(folder / "workspace", inbox) for _ in range(watchers)]
    for number in range(count):
        part = inbox / f".{number}.part"
        part.write_bytes(recording(number))
        part.rename(inbox / f"{number:02d}.mcap")
        time.sleep(0.15)
        if number == count // 2:
            os.kill(running[0].pid, signal.SIGKILL)
    lines = [watcher.communicate(timeout=120)[0] for watcher in running]
    told = [
        item["source_key"]
        for text in lines[1:]
        for line in text.splitlines()
        for item in json.loads(line)["recordings"]
    ]
    known = [item.source_key for item in workspace.catalog.recordings()]
    read = workspace.catalog.executions("read_recording", limit=2 * count)
    workspace.close()
    assert known == [f"{number:02d}.mcap" for number in range(count)]
    assert len(told) == len(set(told)), "a recording was taken in by two"
    assert len(read) == count, "a recording was read twice"
