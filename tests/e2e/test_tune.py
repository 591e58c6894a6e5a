"""`ringroad tune` at the terminal: killed in the middle of a trial, it goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringroad.domain.study import ASKED, DONE
from ringroad.pipelines.studies import RUNNING, STOPPED, study_of
from ringroad.pipelines.workspace import Workspace
from service_kit import copied, open_here
from study_kit import DATASET, judged_dataset

STUDY = f"""
name = "killed"
dataset = "{DATASET}"
trials = 2
sampler = "random"

[train]
epochs = 8
channels = 4

[search.learning_rate]
low = 1e-3
high = 1e-2
log = true
"""
LONGEST_S = 120


@pytest.fixture
def workspace(demo_workspace: Any, tmp_path: Path) -> Iterator[Workspace]:
    copied(demo_workspace.folder, tmp_path / "workspace")
    (tmp_path / "STUDY.toml").write_text(STUDY)
    opened = open_here(tmp_path / "workspace")
    judged_dataset(opened)
    yield opened
    opened.close()


def command(workspace: Workspace) -> list[str]:
    file = workspace.folder.parent / "STUDY.toml"
    start = [sys.executable, "-m", "ringroad.cli", "tune", str(file), "--json"]
    return [*start, "--workers", "1", "--workspace", str(workspace.folder)]


def in_second_trial(workspace: Workspace) -> bool:
    """Whether an epoch of the second training is on disk already."""
    if workspace.catalog.resolve("study:killed") is None:
        return False
    trials = study_of(workspace, "killed").trials
    return len(trials) == 2 and (workspace.folder / "attempts" / trials[1].training).exists()


def test_killed_in_mid_trial_it_goes_on_and_nothing_is_trained_twice(workspace: Workspace):
    killed = subprocess.Popen(command(workspace), stdout=subprocess.DEVNULL)
    until = time.monotonic() + LONGEST_S
    while not in_second_trial(workspace):
        assert time.monotonic() < until
        assert killed.poll() is None
        time.sleep(0.02)
    assert study_of(workspace, "killed").state == RUNNING
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    left = study_of(workspace, "killed")
    assert (left.state, [trial.state for trial in left.trials]) == (STOPPED, [DONE, ASKED])
    (before,) = workspace.catalog.executions("train_network", limit=1)
    again = subprocess.run(command(workspace), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert told["alias"] == "killed:candidate"
    assert [trial["state"] for trial in told["trials"]] == [DONE, DONE]
    assert [trial["training"] for trial in told["trials"]] == [t.training for t in left.trials]
    second, first = workspace.catalog.executions("train_network", limit=2)
    assert (first.id, first.started_ns) == (before.id, before.started_ns)
    assert second.id == left.trials[1].training
