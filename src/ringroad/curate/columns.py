"""Which rows of a large table an SQL expression holds for. Ranks nothing, changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from ringroad.curate.harmless import check_words, in_time
from ringroad.curate.query import refusal, sealed
from ringroad.domain.errors import UsageError

ROW = "row_number"
_TABLE = "frames"


class Columns:
    """Columns that many expressions are asked of, one after the other. One thread at a time."""

    def __init__(
        self, table: pa.Table, *, alive: np.ndarray, beside: Mapping[str, pa.Table] | None = None
    ) -> None:
        """Hold (n,) rows, those that are alive, and other tables an expression may look into."""
        self.table = table
        self.alive = alive
        self._connection = sealed()
        numbered = table.append_column(ROW, pa.array(np.arange(table.num_rows, dtype=np.int32)))
        self._connection.register(_TABLE, numbered)
        for name, rows in (beside or {}).items():
            self._connection.register(name, rows)

    def mask(self, where: str) -> np.ndarray:
        """(n,) bool: alive rows for which the expression holds; all of them for an empty one.

        Raises:
            UsageError: it does not parse, or names a column that is not there.
        """
        if not where.strip():
            return self.alive.copy()
        found = np.zeros(len(self.alive), dtype=bool)
        try:
            asked = f"SELECT {ROW} FROM {_TABLE} WHERE ({where}\n)"  # noqa: S608 (a sealed engine)
            statements = self._connection.extract_statements(asked)
            if len(statements) != 1:  # the engine is everybody's
                raise UsageError("is more than one expression", subject=where, remedy="ask for one")
            check_words(self._connection, asked)
            with in_time(self._connection):
                rows = self._connection.execute(statements[0]).fetchnumpy()[ROW]
        except duckdb.Error as error:
            raise refusal(error, self.table, where, "") from error
        found[np.asarray(rows)] = True
        found &= self.alive
        return found

    def close(self) -> None:
        """Give the engine back."""
        self._connection.close()
