"""Connections that are lent to whoever asks, the one that came back last first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, Protocol, TypeVar


class _Closes(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=_Closes)


class Lending(Generic[T]):
    """As many connections as are wanted at once. Safe to call from threads.

    They are not tied to a thread: a server changes its threads, and each connection to SQLite
    holds files and some MB of the pages that it read.
    """

    def __init__(self, open_: Callable[[], T]) -> None:
        self._open = open_
        self._idle: list[T] = []
        self._over = False

    @contextmanager
    def lent(self) -> Iterator[T]:
        """The one that was given back last, whose pages are still warm, or a new one."""
        try:
            one = self._idle.pop()
        except IndexError:
            one = self._open()
        try:
            yield one
        finally:
            self._idle.append(one)
            if self._over:
                self.close()

    def close(self) -> None:
        """Close them all: those that somebody has, when they come back."""
        self._over = True
        with suppress(IndexError):  # another thread may close as well
            while True:
                self._idle.pop().close()
