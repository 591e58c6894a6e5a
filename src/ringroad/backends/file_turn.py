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
        with self.tried(wait=True):
            yield

    @contextmanager
    def tried(self, *, wait: bool) -> Iterator[bool]:
        """Hold the turn where it is free, or `wait` for it; False where it was not to be had."""
        if not self._mine.acquire(blocking=wait):
            yield False
            return
        try:
            if self._depth:
                yield True
                return
            with self._locked(wait=wait) as held:
                self._depth = 1 if held else 0
                try:
                    yield held
                finally:
                    self._depth = 0
        finally:
            self._mine.release()

    @contextmanager
    def _locked(self, *, wait: bool) -> Iterator[bool]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            yield False
            return
        try:
            yield True
        finally:
            os.close(descriptor)

    def __reduce__(self) -> tuple[type[FileTurn], tuple[Path]]:
        return FileTurn, (self.path,)
