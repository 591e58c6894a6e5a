"""`ringroad tune` and `studies`: killed in the middle of a trial, it goes on where it was."""

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
from click.testing import CliRunner, Result

from ringroad.cli.train.studies import studies
from ringroad.cli.train.tune import tune
from ringroad.domain.study import ASKED, DONE
from ringroad.pipelines.train.studies import RUNNING, STOPPED, study_of
from ringroad.pipelines.train.tuning import alone
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


def words(workspace: Workspace, *more: str) -> list[str]:
    options = ["--workspace", str(workspace.folder), "--workers", "1"]
    return [str(workspace.folder.parent / "STUDY.toml"), *options, *more]


def ask(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def in_second_trial(workspace: Workspace) -> bool:
    """Whether an epoch of the second training is on disk already."""
    if workspace.catalog.resolve("study:killed") is None:
        return False
    trials = study_of(workspace, "killed").trials
    return len(trials) == 2 and (workspace.folder / "attempts" / trials[1].training).exists()


def test_killed_in_mid_trial_it_goes_on_and_nothing_is_trained_twice(workspace: Workspace):
    line = [sys.executable, "-m", "ringroad.cli", "tune", *words(workspace)]
    killed = subprocess.Popen(line, stdout=subprocess.DEVNULL)
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

    plan = ask(tune, *words(workspace, "--dry-run")).output
    assert "2 trials by random, 1 done" in plan
    assert "judged by 3" in plan
    again = ask(tune, *words(workspace, "--json"))
    assert again.exit_code == 0, again.output
    told = json.loads(again.stdout)
    assert told["alias"] == "killed:candidate"
    assert [trial["state"] for trial in told["trials"]] == [DONE, DONE]
    assert [trial["training"] for trial in told["trials"]] == [t.training for t in left.trials]
    second, first = workspace.catalog.executions("train_network", limit=2)
    assert (first.id, first.started_ns) == (before.id, before.started_ns)
    assert second.id == left.trials[1].training

    people = ask(tune, *words(workspace)).output
    assert people.count("trial ") == 3
    assert "ringroad evaluate --model killed:candidate --truth judged" in people
    where = ("--workspace", str(workspace.folder))
    assert "killed  done, 2 of 2 trials, 0 failed" in ask(studies, "list", *where).output
    shown = json.loads(ask(studies, "show", "killed", *where, "--json").stdout)
    assert [trial["number"] for trial in shown["trials"]] == [0, 1]
    assert shown["best"] == told["best"]
    assert "learning_rate: rank correlation" in ask(studies, "show", "killed", *where).output


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        (("low = 1e-3", "low = 1"), 2, "STUDY.toml, [search.learning_rate]: low 1 is above"),
        ((DATASET, "demo"), 2, "STUDY.toml, dataset: demo has no rows to judge trials by"),
        ((DATASET, "nothing"), 2, "nothing"),
        (("channels = 4", "channels = 4\nweight_decay = 1e38"), 1, "no trial came to an end"),
    ],
)
def test_exit_codes(workspace: Workspace, change: tuple[str, str], status: int, told: str):
    (workspace.folder.parent / "STUDY.toml").write_text(STUDY.replace(*change))
    answer = ask(tune, *words(workspace))
    assert answer.exit_code == status
    assert told in answer.output


def test_who_is_second_is_told(workspace: Workspace):
    with alone(workspace, "killed"):
        answer = ask(tune, *words(workspace))
    assert answer.exit_code == 6
    assert "is being run by" in answer.output
    where = ("--workspace", str(workspace.folder))
    assert ask(studies, "show", "nobody", *where).exit_code == 2
    assert "no studies yet" in ask(studies, "list", *where).output
