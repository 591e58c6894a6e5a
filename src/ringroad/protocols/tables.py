"""Rows by the million: rebuildable indexes over committed batches."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class Tables(Protocol):
    """Tables of Arrow rows, each with one key column. Not safe to fork; spawn only.

    Writes are idempotent: rows of equal key replace those that are there. A table may be
    dropped at any time and made again from its batches with equal answers. Filters are SQL
    expressions over the table's columns.

    Errors: `UnknownName` for a table that does not exist, `UsageError` for a filter that does
    not parse, `StorageFull`.
    """

    def upsert(
        self,
        table: str,
        rows: pa.Table,
        *,
        key: str,
        scope: str = "",
        about: Sequence[str] = (),
    ) -> None:
        """Insert rows, replacing those of equal key. Creates the table at the first write.

        Durable when it returns. Where `rows` repeats a key, its last row counts. With `scope`, a
        text column, all earlier rows that share a value of it with `rows`, or have one of `about`,
        go in the same write.
        """
        ...

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        where: str = "",
        limit: int | None = None,
    ) -> pa.Table:
        """Rows in ascending order of the key."""
        ...

    def nearest(self, table: str, vector: np.ndarray, *, limit: int, where: str = "") -> pa.Table:
        """The rows whose `vector` column is closest (squared L2), with a `distance` column."""
        ...

    def count(self, table: str, *, where: str = "") -> int:
        """How many rows."""
        ...

    def names(self) -> Sequence[str]:
        """Tables that exist."""
        ...

    def drop(self, table: str) -> None:
        """Remove a table; nothing happens where there is none."""
        ...

    def compact(self, table: str) -> None:
        """Merge small fragments, drop old versions, bring indexes up to date."""
        ...

    def writing(self, table: str) -> AbstractContextManager[None]:
        """Hold the table for writing alone, over processes, from a look at the catalog to a mark.

        The holder may write; other writers wait, readers do not. A killed holder lets go.
        """
        ...
