"""Work in a pool of spawned processes on this machine."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

from ringroad.backends.spawned import begin_worker, import_name
from ringroad.domain.errors import InvalidConfig, WorkerDied

R = TypeVar("R")
LOOK_AHEAD = 2
"""Items in flight per worker: enough to keep it busy, few enough to bound memory."""


class SpawnExecutor:
    """Runs up to `workers` items at a time, each worker with one BLAS/OpenMP thread.

    Items are drawn from the iterable as results are taken: at most `2 * workers` are in flight.
    After `WorkerDied` the pool is gone; the next `map` starts a fresh one. Workers end with
    this process, even when it is killed.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise InvalidConfig(f"{workers} workers can do no work", remedy="give 1 or more")
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def map(self, function: Callable[..., R], items: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Call `function(*item)` for each item."""
        return self._results(import_name(function), function, iter(items))

    def close(self) -> None:
        """Wait for what runs, then give the workers back."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    def _results(
        self, name: str, function: Callable[..., R], items: Iterator[tuple[Any, ...]]
    ) -> Iterator[R]:
        pending: deque[Future[R]] = deque()
        try:
            self._submit(pending, function, islice(items, self.workers * LOOK_AHEAD))
            while pending:
                yield pending.popleft().result()
                self._submit(pending, function, islice(items, 1))
        except BrokenProcessPool as error:
            self.close()
            raise WorkerDied(
                "a worker process ended while it worked, killed or out of memory",
                subject=name,
                remedy="run again with --workers 1 to see which item it was",
            ) from error
        finally:
            for future in pending:
                future.cancel()

    def _submit(
        self,
        pending: deque[Future[R]],
        function: Callable[..., R],
        items: Iterable[tuple[Any, ...]],
    ) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=begin_worker,
            )
        pending.extend(self._pool.submit(function, *item) for item in items)
