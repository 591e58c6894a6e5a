"""Threads of a server share one heap of the C library, unless its user said something else."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

LOOK = """
import ctypes, sys, tempfile, threading
from ringroad.service.heap import share_one_heap

done = share_one_heap() if sys.argv[1] == "shared" else None
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
ready = threading.Barrier(5)

def hold():
    held = [c.malloc(50_000) for _ in range(20)]
    ready.wait()
    ready.wait()
    return held

for _ in range(4):
    threading.Thread(target=hold, daemon=True).start()
ready.wait()
c.fopen.restype, c.fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
c.malloc_info.argtypes, c.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
with tempfile.NamedTemporaryFile() as file:
    stream = c.fopen(file.name.encode(), b"w")
    c.malloc_info(0, stream)
    c.fclose(stream)
    print(done, file.read().decode().count("<heap nr="))
ready.wait()
"""

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="heaps of threads are glibc's"
)


def heaps(how: str, **said: str) -> tuple[str, int]:
    """What the function returned, and how many heaps a process with four busy threads has."""
    around = {name: value for name, value in os.environ.items()
              if name not in {"MALLOC_ARENA_MAX", "GLIBC_TUNABLES"}}  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-c", LOOK, how], env=around | said, capture_output=True, text=True,
        check=True, timeout=60,
    ).stdout.split()  # fmt: skip
    return told[0], int(told[1])


def test_threads_share_one_heap_where_they_would_have_their_own():
    assert heaps("shared") == ("True", 1)
    _, own = heaps("as it comes")
    assert own > 1


def test_what_the_environment_says_stays():
    done, count = heaps("shared", MALLOC_ARENA_MAX="3")
    assert done == "False"
    assert 1 < count <= 3
