"""Many annotators at once, late ones, and power cuts: nothing is overwritten silently."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from label_floor import BOX, Floor, box, frame, opened
from label_race_program import FRAMES, ROUNDS

from ringroad.backends.clock_system import SystemClock
from ringroad.domain.errors import StaleRevision
from ringroad.domain.task import DONE, OPEN
from ringroad.pipelines.label.answers import submit
from ringroad.pipelines.label.revisions import edit, revision_marks, revisions
from ringroad.pipelines.label.turns import take
from ringroad.store.doctor import sweep

PROGRAM = Path(__file__).with_name("label_race_program.py")
THREADS = 5
THREAD_ROUNDS = 10


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


def told(process: subprocess.Popen[str]) -> list[dict]:
    out, _ = process.communicate(timeout=240)
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def test_250_conflicting_edits_by_threads(floor: Floor):
    together = threading.Barrier(THREADS)

    def work(name: str) -> list[tuple[int, int, bool, str]]:
        done = []
        for number in range(THREAD_ROUNDS):
            for at in range(FRAMES):
                together.wait(60)
                expected = {frame(at): number}
                marks = {frame(at): [box(number)]}
                try:
                    edit(floor.workspace, marks, expected=expected, author=name)
                except StaleRevision as error:
                    done.append((at, number + 1, False, str(error)))
                else:
                    done.append((at, number + 1, True, name))
        return done

    names = [f"annotator {number}" for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as threads:
        edits = [item for done in threads.map(work, names) for item in done]
    assert len(edits) == 250
    check(floor, edits, rounds=THREAD_ROUNDS)


def test_250_conflicting_edits_by_processes(floor: Floor):
    floor.workspace.catalog.close()
    programs = [start("edits", floor.workspace.folder, name) for name in ("ann", "ben")]
    edits = []
    for name, program in zip(("ann", "ben"), programs, strict=True):
        for line in told(program):
            said = name if line["won"] else line["told"]
            edits.append((line["frame"], line["revision"], line["won"], said))
    assert len(edits) == 250
    workspace = opened(floor.workspace.folder)
    check(Floor(workspace, floor.clock), edits, rounds=ROUNDS)
    workspace.close()


def check(floor: Floor, edits: list[tuple[int, int, bool, str]], *, rounds: int) -> None:
    """One winner of each revision, whose marks it holds; every loser was told who that is."""
    winners = {(at, number): name for at, number, won, name in edits if won}
    assert len(winners) == sum(won for _, _, won, _ in edits) == rounds * FRAMES
    for at in range(FRAMES):
        history = revisions(floor.workspace, frame(at))
        assert [item.number for item in history] == list(range(1, rounds + 1))
        for item in history:
            assert item.author == winners[at, item.number]
            [mark] = revision_marks(floor.workspace, frame(at), item.number)
            assert mark.x == item.number - 1
    for at, number, won, text in edits:
        if not won:
            assert f"revision {number} cannot follow" in text
            assert any(f"({name}, 20" in text for name in set(winners.values())), (at, text)


def test_late_and_repeated_answers_of_processes_change_nothing(floor: Floor):
    """Leases that expire, answers under them, answers twice: each task is answered once."""
    order = floor.order(frames=20, looks=2)
    floor.workspace.catalog.close()
    names = ("ann", "ben", "cyd")
    programs = [
        start("queue", floor.workspace.folder, name, seed) for seed, name in enumerate(names)
    ]
    lines = [
        line | {"who": who} for who, p in zip(names, programs, strict=True) for line in told(p)
    ]
    workspace = opened(floor.workspace.folder)
    tasks = [task for task in workspace.catalog.tasks(order=order) if task.state == DONE]
    accepted = Counter(line["task"] for line in lines if line["done"])
    assert accepted == Counter(task.id for task in tasks)
    refused = [line for line in lines if not line["done"] and "told" in line]
    assert refused
    assert all("no longer stands" in x["told"] or "does not hold" in x["told"] for x in refused)
    by_task = {line["task"]: line["who"] for line in lines if line["done"]}
    assert all(task.annotator == by_task[task.id] for task in tasks)
    looks = Counter((task.frame, task.annotator) for task in tasks)
    assert max(looks.values()) == 1
    log = workspace.catalog.label_log(limit=100_000)
    answered = [line for line in log if line.event == "answered"]
    assert len(answered) == len(tasks)
    for task in tasks:
        mine = [line for line in log if line.task == task.id]
        taken = [line.actor for line in mine if line.event == "taken"]
        assert mine[-1].event == "answered"
        assert taken[-1] == mine[-1].actor == task.annotator
    settled = {
        task.frame for task in tasks if len([t for t in tasks if t.frame == task.frame]) == 2
    }
    assert all([item.number for item in revisions(workspace, at)] == [1] for at in settled)
    workspace.close()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A workspace in which ben holds the second look of a frame, and his token."""
    folder = tmp_path_factory.mktemp("held") / "workspace"
    workspace = opened(folder)
    floor = Floor(workspace, SystemClock())  # type: ignore[arg-type]
    floor.order(frames=1)
    turn = take(workspace, "ann")
    submit(workspace, turn.task, turn.token, by="ann", marks=[BOX])
    theirs = take(workspace, "ben")
    workspace.close()
    return folder, theirs.token


@pytest.mark.parametrize(
    ("point", "done"),
    [
        ("blob:before#1", False),
        ("blob:after#1", False),
        ("blob:before#2", False),
        ("blob:after#2", False),
        ("catalog:before-commit#1", False),
        ("catalog:after-commit#1", True),
    ],
)
def test_a_kill_during_submit_leaves_old_or_new(
    held: tuple[Path, int], tmp_path: Path, point: str, done: bool
):
    folder = tmp_path / "workspace"
    before, token = held
    shutil.copytree(before, folder)
    program = start("submit", folder, point)
    out, _ = program.communicate(timeout=60)
    assert (program.returncode, out) == (-signal.SIGKILL, "")
    workspace = opened(folder)
    task = next(task for task in workspace.catalog.tasks() if task.annotator != "ann")
    assert task.state == (DONE if done else OPEN)
    assert len(revisions(workspace, frame(0))) == int(done)
    log = [line.event for line in workspace.catalog.label_log(task=task.id)]
    assert log.count("answered") == int(done)
    again = submit(workspace, task.id, token, by="ben", marks=[box(12.0)])
    assert again.again is done
    assert [item.number for item in revisions(workspace, frame(0))] == [1]
    assert [mark.x for mark in revision_marks(workspace, frame(0))] == [11.0]
    sweep(workspace.blobs, workspace.catalog, now_ns=workspace.clock.now_ns(), grace_ns=0)
    assert [mark.x for mark in revision_marks(workspace, frame(0))] == [11.0]
    workspace.close()
