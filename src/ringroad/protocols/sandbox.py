"""Where untrusted bytes are decoded: a worker with limits, whose death is not ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class Sandbox(Protocol):
    """Calls an importable function of `ringroad` in a separate, reusable, limited process.

    Arguments and results are bytes, paths, numbers, arrays and plain containers of them. One
    call at a time per worker; safe to call from threads. Errors of the function that are
    `RingroadError` come back as themselves; any other exception comes back as
    `UnreadableSource` naming it.

    Errors: `WorkerDied`, `WorkerTimedOut`; the next call gets a fresh worker.
    """

    def call(self, function: Callable[..., R], *args: Any, timeout_s: float | None = None) -> R:
        """Run `function(*args)` inside."""
        ...

    def close(self) -> None:
        """End the worker."""
        ...
