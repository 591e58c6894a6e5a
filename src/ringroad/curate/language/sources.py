"""What a query is evaluated on. Implemented by whoever holds an index; see `pipelines`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa

from ringroad.curate.language.tree import Like
from ringroad.curate.scenario.intervals import Intervals


class Sources(Protocol):
    """Rows of `schemas.INDEX` by number, and what is known beside them."""

    @property
    def rows(self) -> pa.Table:
        """All rows, dead ones among them."""
        ...

    @property
    def alive(self) -> np.ndarray:
        """(n,) bool, the rows that count."""
        ...

    @property
    def recording(self) -> np.ndarray:
        """(n,) int32, a number for each row's recording: the one that intervals use."""
        ...

    def mask(self, sql: str) -> np.ndarray:
        """(n,) bool: alive rows for which an expression over the columns holds."""
        ...

    def in_cell(self, cell: str) -> np.ndarray:
        """(n,) bool: rows in an H3 cell. Raises UsageError for what is no cell."""
        ...

    def spans(self) -> Intervals:
        """Each recording from its first frame to its last."""
        ...

    def atom(self, name: str) -> Intervals:
        """When an atom held."""
        ...

    def event(self, name: str) -> Intervals:
        """When events of a kind lasted, of no track."""
        ...

    def category(self, name: str) -> Intervals:
        """When tracks of a category were seen; of all tracks for an empty name."""
        ...

    def alike(
        self, like: Like, *, among: np.ndarray | None, limit: int
    ) -> tuple[np.ndarray, np.ndarray, str]:
        """Rows nearest to an example, or farthest; squared L2; a note on how exact that is."""
        ...

    def worded(
        self, words: str, *, among: np.ndarray | None, limit: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows whose words match best, and their scores, best first; none that match nothing."""
        ...

    def notes(self) -> Sequence[str]:
        """What the answer may lack, such as batches that are not indexed yet."""
        ...
