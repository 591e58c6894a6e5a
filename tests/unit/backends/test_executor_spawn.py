from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringroad.backends.executor_spawn import SpawnExecutor
from ringroad.backends.spawned import import_name, signal_name
from ringroad.domain.errors import InvalidConfig, UsageError, WorkerDied
from ringroad.testing.decoders import double, double_or_die

ORPHANS = """
import sys, time
from ringroad.backends.executor_spawn import SpawnExecutor
from ringroad.testing.decoders import process_id, hang

if __name__ == "__main__":
    executor = SpawnExecutor(1)
    print(next(executor.map(process_id, [()])), flush=True)
    list(executor.map(hang, [()]))
"""


@pytest.fixture(scope="module")
def executor() -> Iterator[SpawnExecutor]:
    executor = SpawnExecutor(2)
    yield executor
    executor.close()


def test_a_dead_worker_is_told_and_replaced(executor: SpawnExecutor) -> None:
    with pytest.raises(WorkerDied, match="double_or_die"):
        list(executor.map(double_or_die, [(number, 2) for number in range(6)]))
    assert list(executor.map(double, [(4,)])) == [8]


def test_workers_have_one_thread_each(executor: SpawnExecutor) -> None:
    assert list(executor.map(os.getenv, [("OMP_NUM_THREADS",), ("OPENBLAS_NUM_THREADS",)])) == [
        "1",
        "1",
    ]


def test_only_importable_functions(executor: SpawnExecutor) -> None:
    with pytest.raises(UsageError, match="top of a module"):
        executor.map(lambda: 1, [()])


def test_no_workers_are_refused() -> None:
    with pytest.raises(InvalidConfig):
        SpawnExecutor(0)


def test_results_given_up_cancel_the_rest(executor: SpawnExecutor) -> None:
    results = executor.map(double, ((number,) for number in range(1000)))
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]  # map is a generator
    assert list(executor.map(double, [(1,)])) == [2]


def test_workers_leave_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    for _ in range(100):
        if not Path(f"/proc/{worker}").exists():
            return
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker outlived its parent")


def test_names() -> None:
    assert import_name(double) == "ringroad.testing.decoders:double"
    assert import_name(SpawnExecutor.map) == "ringroad.backends.executor_spawn:SpawnExecutor.map"
    assert signal_name(-9) == "SIGKILL"
    assert signal_name(3) == "exit code 3"
    assert signal_name(-250) == "signal 250"
