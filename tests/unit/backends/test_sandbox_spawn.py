from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.domain.errors import InvalidConfig, UnreadableSource, WorkerDied, WorkerTimedOut
from ringroad.testing import decoders

SPEAKING = """
from ringroad.backends.sandbox_spawn import SpawnSandbox

if __name__ == "__main__":
    sandbox = SpawnSandbox()
    sandbox.call(print, "chatter of a decoder")
    print("our own")
"""
HANGING = """
from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.testing.decoders import hang, process_id

if __name__ == "__main__":
    sandbox = SpawnSandbox()
    print(sandbox.call(process_id), flush=True)
    sandbox.call(hang)
"""


def test_too_much_cpu_time_is_a_time_out() -> None:
    sandbox = SpawnSandbox(cpu_s=1, timeout_s=60)
    with pytest.raises(WorkerTimedOut, match="1 s of CPU"):
        sandbox.call(decoders.spin)
    assert sandbox.call(decoders.give_back, 1) == (1,)
    sandbox.close()


def test_memory_over_the_limit_ends_the_worker() -> None:
    sandbox = SpawnSandbox(memory_bytes=1 << 30)
    first = sandbox.call(decoders.process_id)
    with pytest.raises(WorkerDied, match="1024 MiB"):
        sandbox.call(decoders.zeros, 2 << 30)
    assert sandbox.call(decoders.process_id) != first
    sandbox.close()


def test_what_cannot_leave_is_an_error_not_a_pickle() -> None:
    sandbox = SpawnSandbox()
    for value in (object, {1, 2}, np.array([object()]), np.array(["text"])):
        with pytest.raises(UnreadableSource, match="cannot leave a sandbox"):
            sandbox.call(decoders.give_back, value)
    assert sandbox.call(decoders.give_back, 1) == (1,)
    sandbox.close()


def test_a_worker_that_died_at_rest_is_replaced() -> None:
    sandbox = SpawnSandbox()
    worker = sandbox.call(decoders.process_id)
    os.kill(worker, signal.SIGKILL)
    time.sleep(0.1)
    assert sandbox.call(decoders.process_id) != worker
    sandbox.close()


def test_large_arrays_come_through() -> None:
    sandbox = SpawnSandbox()
    array = sandbox.call(decoders.zeros, 100 << 20)
    assert (array.nbytes, array.any()) == (100 << 20, False)
    sandbox.close()


def test_a_forgotten_sandbox_ends_its_worker() -> None:
    sandbox = SpawnSandbox()
    worker = sandbox.call(decoders.process_id)
    del sandbox
    gc.collect()
    assert not Path(f"/proc/{worker}").exists()


@pytest.mark.parametrize("limits", [{"memory_bytes": 0}, {"timeout_s": -1}, {"cpu_s": 0}])
def test_limits_are_above_zero(limits: dict[str, int]) -> None:
    with pytest.raises(InvalidConfig):
        SpawnSandbox(**limits)


def test_decoders_do_not_speak_on_our_output(tmp_path: Path) -> None:
    script = tmp_path / "speaking.py"
    script.write_text(SPEAKING)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "our own\n"
    assert "chatter" in done.stderr


def test_the_worker_leaves_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "hanging.py"
    script.write_text(HANGING)
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
