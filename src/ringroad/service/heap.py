"""One heap for all threads of a long-lived server, where the C library would make many.

glibc gives threads heaps of their own, up to eight a core, and keeps what was freed in each. A
server hands requests to changing threads, so every heap grows to what the largest request needed
and lies there in pieces: after 400 s of `benchmarks/service_soak.py` 84 of 168 MB were free and
kept, and more every minute; in one heap 26 of 101 after 600 s (19 after 180). Python's
lock lets one thread at a time allocate most of the time anyway, and large arrays come from the
system, not from a heap.
"""

from __future__ import annotations

import ctypes
import os

M_ARENA_MAX = -8
"""The number of the setting in glibc's malloc.h."""
SAID_BY_HAND = ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")


def share_one_heap() -> bool:
    """Let all threads share the heap; call it before there are any. Whether it was done.

    Nothing is done where the environment has a say already, or the C library is another.
    """
    if any(name in os.environ for name in SAID_BY_HAND):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(M_ARENA_MAX, 1))
