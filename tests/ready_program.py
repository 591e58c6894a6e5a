"""The command line without its start: `ready_program.py SOCKET` imports all commands, then forks.

A command runs in a process of its own, with the arguments, folder, environment and streams of who
asked, and is the program's `main`. Only modules are there before the fork: no thread, no file, no
workspace. `ready.py` makes the `ringroad` that asks.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import sys
import threading
import traceback
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path

BACKENDS = ("blobs_local", "catalog_sqlite", "index_local", "sandbox_spawn", "tables_lance")
"""Those of every workspace that start no thread when they are imported."""
STREAMS = 3
LOOK_S = 5.0
RUNNING: set[int] = set()
"""Those that were forked and have not ended."""


def serve(listener: socket.socket, *, parent: int) -> None:
    """Fork for everyone who asks, until SIGTERM, or until who started this is gone."""
    signal.signal(signal.SIGCHLD, reap)
    signal.signal(signal.SIGTERM, end)
    listener.settimeout(LOOK_S)
    while os.getppid() == parent:
        with suppress(TimeoutError):
            line, _ = listener.accept()
            with line:
                if child := os.fork():
                    RUNNING.add(child)
                else:
                    listener.close()
                    answer(line)
    end()


def answer(line: socket.socket) -> None:
    """Be the program, once."""
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    line.sendall(b"%d\n" % os.getpid())
    data, streams, _, _ = socket.recv_fds(line, 1 << 16, STREAMS)
    while part := line.recv(1 << 16):
        data += part
    told = json.loads(data)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.argv = ["ringroad", *told["arguments"]]
    status = ran()
    line.sendall(b"%d" % status)
    os._exit(status)


def ran() -> int:
    """The exit status that the program has."""
    from ringroad.cli.main import main

    try:
        main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 (as the interpreter does)
        traceback.print_exc()
        status = 1
    else:
        status = 0
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    return status


def reap(*_: object) -> None:
    """Wait for those that ended."""
    with suppress(ChildProcessError):
        while ended := os.waitpid(-1, os.WNOHANG)[0]:
            RUNNING.discard(ended)


def end(*_: object) -> None:
    """Leave nobody behind, whatever a test that failed left running."""
    for child in RUNNING:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    sys.exit()


def main() -> None:
    """Make ready, say so, serve."""
    parent = os.getppid()
    os.cpu_count = lambda: 1  # as in conftest.py: each process of a run has one core
    from ringroad.cli.main import COMMANDS

    for place, _ in COMMANDS.values():
        import_module(f"ringroad.cli.{place.partition(':')[0]}")
    warnings.filterwarnings("ignore", "lance is not fork-safe")  # it has not been used yet
    for name in BACKENDS:
        import_module(f"ringroad.backends.{name}")
    running = {path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")}
    own = Path("/proc/self/comm").read_text().strip()
    # jemalloc's thread, of Arrow, knows of forks.
    assert running <= {own, "jemalloc_bg_thd"}, f"threads before a fork: {running}"
    assert threading.active_count() == 1
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        print("ready", flush=True)
        serve(listener, parent=parent)


if __name__ == "__main__":
    main()
