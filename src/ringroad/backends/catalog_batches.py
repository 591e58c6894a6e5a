"""Which rows count, and which of them a table holds already, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select, update

from ringroad.backends.catalog_base import SqlRoom
from ringroad.backends.catalog_schema import BATCH
from ringroad.domain.ids import ArtifactId
from ringroad.protocols.catalog import Batch

_MARK = update(BATCH).where(BATCH.c.position == bindparam("at")).values(indexed=1)


class BatchRows(SqlRoom):
    """`protocols.catalog.Batches` over SQL."""

    def batches(self, table: str) -> Sequence[Batch]:
        """Batches of one table in commit order."""
        return self._select(table, (0, 1))

    def unindexed(self, table: str) -> Sequence[Batch]:
        """Committed batches that the table does not hold yet, in commit order."""
        return self._select(table, (0,))

    def mark_indexed(self, batches: Iterable[Batch]) -> None:
        """Say that the table holds these batches durably."""
        places = [{"at": batch.position} for batch in batches]
        if places:
            with self.writing() as db:
                db.execute(_MARK, places)

    def forget_index(self, table: str) -> None:
        """Say that the table holds nothing, before it is made again."""
        with self.writing() as db:
            db.execute(update(BATCH).where(BATCH.c.name == table).values(indexed=0))

    def batch_tables(self) -> Sequence[str]:
        """Names of all tables that have batches."""
        with self.reading() as db:
            names = db.execute(select(BATCH.c.name).distinct().order_by(BATCH.c.name))
            return list(names.scalars())

    def _select(self, table: str, indexed: tuple[int, ...]) -> Sequence[Batch]:
        statement = (
            select(BATCH)
            .where(BATCH.c.name == table, BATCH.c.indexed.in_(indexed))
            .order_by(BATCH.c.position)
        )
        with self.reading() as db:
            rows = db.execute(statement).all()
        return [
            Batch(artifact=ArtifactId(row.artifact), table=row.name, position=row.position)
            for row in rows
        ]
