"""What every spawned worker does first: one thread, quiet on Ctrl-C, gone with its parent.

Spawn, never fork: Lance, Arrow and BLAS hold threads and locks that do not survive a fork.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any

from ringroad.domain.errors import UsageError

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""Read by the libraries when they are imported, so they are set before anything heavy is."""


def begin_worker() -> None:
    """Prepare this spawned process; call it before any heavy import."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C ends
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def import_name(function: Callable[..., Any]) -> str:
    """`module:qualified.name` of a function that another process can import.

    Raises:
        UsageError: it is a lambda, a nested function or something without a name.
    """
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", "")
    if not module or not name or "<" in name:
        raise UsageError(
            f"{function!r} cannot run in another process",
            remedy="give a function that stands at the top of a module",
        )
    return f"{module}:{name}"


def signal_name(exit_code: int | None) -> str:
    """`SIGKILL` for -9, `exit code 3` for 3."""
    if exit_code is not None and exit_code < 0:
        try:
            return signal.Signals(-exit_code).name
        except ValueError:
            return f"signal {-exit_code}"
    return f"exit code {exit_code}"


def _leave_with_parent() -> None:
    """End this process when its parent is gone, even by SIGKILL, so that no orphan stays."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
