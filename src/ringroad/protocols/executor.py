"""Where work runs: in this process, in a pool of spawned ones, on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class Executor(Protocol):
    """Runs importable functions on picklable arguments.

    `map` yields results in the order of the items, whatever order they finish in. An exception
    of the function is raised at its place in that order; the items before it have been
    yielded, items after it may or may not have run. A worker that dies raises `WorkerDied`.
    """

    workers: int

    def map(self, function: Callable[..., R], items: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Call `function(*item)` for each item."""
        ...

    def close(self) -> None:
        """Wait for what runs, then give the workers back."""
        ...
