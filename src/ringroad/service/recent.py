"""Values that were used last, up to a size; for what is known by its content and never changes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Recent(Generic[T]):
    """Safe to call from threads. What is asked for twice at once may be made twice.

    None is held for some seconds alone: what is not there yet may be there later.
    """

    def __init__(
        self, most_bytes: int, size_of: Callable[[T], int], *, absent_s: float = 0.0
    ) -> None:
        self._most = most_bytes
        self._size_of = size_of
        self._absent_s = absent_s
        self._absent: dict[str, float] = {}
        self._held: OrderedDict[str, T] = OrderedDict()
        self._bytes = 0
        self._turn = threading.Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:
        """What is held under a key, or made now."""
        with self._turn:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            if time.monotonic() < self._absent.get(key, 0.0):
                return cast("T", None)
        made = make()
        with self._turn:
            if made is None and self._absent_s:
                self._absent = {k: v for k, v in self._absent.items() if v > time.monotonic()}
                self._absent[key] = time.monotonic() + self._absent_s
            if made is not None and key not in self._held:
                self._held[key] = made
                self._bytes += self._size_of(made)
                while self._bytes > self._most and len(self._held) > 1:
                    _, old = self._held.popitem(last=False)
                    self._bytes -= self._size_of(old)
        return made

    @property
    def held(self) -> int:
        """The size of all that is held, in bytes or whatever it is counted in."""
        return self._bytes
