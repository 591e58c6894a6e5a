"""One evaluation of a query: what it is asked of, and a note of each part. Finds nothing itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from ringroad.curate.language.explain import Part
from ringroad.curate.language.sources import Sources
from ringroad.curate.language.tree import Node, format_node
from ringroad.curate.scenario.intervals import Intervals

_Found = TypeVar("_Found")


class Work:
    """One evaluation: the sources, and a note of each part."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.parts: list[Part] = []

    def timed(self, node: Node, how: str, find: Callable[[], np.ndarray]) -> np.ndarray:
        """Find rows, and note how long it took and what it was made of."""
        found, seconds, inner = self._nested(find)
        rows = int(np.count_nonzero(found))
        self.note(Part(text=format_node(node), how=how, rows=rows, seconds=seconds, parts=inner))
        return found

    def watch(self, node: Node, find: Callable[[], Intervals]) -> Intervals:
        """Find stretches, and note it likewise."""
        found, seconds, inner = self._nested(find)
        text, count = format_node(node), len(found)
        self.note(Part(text=text, how="stretches", stretches=count, seconds=seconds, parts=inner))
        return found

    def skip(self, node: Node, why: str) -> None:
        """Note a part that need not be looked at."""
        self.note(Part(text=format_node(node), how="skipped", seconds=0.0, note=why))

    def note(self, part: Part) -> None:
        """Add a part to what is being found."""
        self.parts.append(part)

    def _nested(self, find: Callable[[], _Found]) -> tuple[_Found, float, tuple[Part, ...]]:
        outer, self.parts = self.parts, []
        begun = time.perf_counter()
        found = find()
        inner, self.parts = tuple(self.parts), outer
        return found, time.perf_counter() - begun, inner
