"""A `ringroad` whose start was made before: what it runs is in `ready_program.py`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(__file__).with_name("ready_program.py")
ASK = """#!{python} -IS
import json, os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as line, line.makefile("r") as told:
    line.connect({at!r})
    asked = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}
    socket.send_fds(line, [b" "], [0, 1, 2])
    line.sendall(json.dumps(asked).encode())
    line.shutdown(socket.SHUT_WR)
    program = int(told.readline())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: os.kill(program, number))
    status = told.read()
sys.exit(int(status) if status else "ringroad ended without a status")
"""


@contextmanager
def ready() -> Iterator[Path]:
    """A folder for PATH with a `ringroad` that is there at once."""
    with tempfile.TemporaryDirectory(prefix="ringroad-ready-") as name:
        folder = Path(name)
        at = folder / "socket"
        asks = folder / "bin" / "ringroad"
        asks.parent.mkdir()
        asks.write_text(ASK.format(python=sys.executable, at=str(at)))
        asks.chmod(0o755)
        program = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(at)], stdout=subprocess.PIPE, text=True
        )
        with program:
            try:
                assert program.stdout is not None
                assert program.stdout.readline() == "ready\n"
                yield asks.parent
            finally:
                program.terminate()
