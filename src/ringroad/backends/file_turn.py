"""One writer at a time over threads and processes of one machine; a killed holder lets go."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileTurn:
    """A lock on a file of its own. May be taken again by the thread that holds it. Pickles.

    The kernel gives the lock back when its holder ends, however it ends; nothing to expire.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mine = threading.RLock()
        self._depth = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, hold it, give it back."""
        with self._mine:
            if self._depth:
                yield
                return
            with self._locked():
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def __reduce__(self) -> tuple[type[FileTurn], tuple[Path]]:
        return FileTurn, (self.path,)
