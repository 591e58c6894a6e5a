"""Work in this process, one item after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

R = TypeVar("R")


class InlineExecutor:
    """Runs each item when its result is asked for. Nothing is pickled, no process starts."""

    def __init__(self) -> None:
        self.workers = 1

    def map(self, function: Callable[..., R], items: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Call `function(*item)` for each item."""
        return (function(*item) for item in items)

    def close(self) -> None:
        """Nothing to give back."""
