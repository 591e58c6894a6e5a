"""Which rows count, and which of them a table holds already, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select, update

from ringroad.backends.catalog_base import SqlRoom, put_missing
from ringroad.backends.catalog_schema import BATCH
from ringroad.domain.ids import ArtifactId
from ringroad.protocols.catalog import Batch

ANNOTATIONS = "annotations"
"""The table whose batches count by the heads of frames; see `protocols.catalog.Batches`."""
PASSED = " passed"
"""Behind the name of a table while a batch of it changes places."""
_MARK = update(BATCH).where(BATCH.c.position == bindparam("at")).values(indexed=1)


class BatchRows(SqlRoom):
    """`protocols.catalog.Batches` over SQL."""

    def batches(self, table: str, *, after: int = -1) -> Sequence[Batch]:
        """Batches of one table in commit order, those behind a position."""
        return self._select(table, (0, 1), after)

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

    def put_last(self, table: str, artifact: ArtifactId) -> None:
        """Put a batch behind all others of its table, to be indexed again."""
        with self.writing() as db:
            put_last(db, table, [artifact])

    def batch_tables(self) -> Sequence[str]:
        """Names of all tables that have batches."""
        with self.reading() as db:
            names = db.execute(select(BATCH.c.name).distinct().order_by(BATCH.c.name))
            return list(names.scalars())

    def _select(self, table: str, indexed: tuple[int, ...], after: int = -1) -> Sequence[Batch]:
        statement = (
            select(BATCH)
            .where(BATCH.c.name == table, BATCH.c.indexed.in_(indexed), BATCH.c.position > after)
            .order_by(BATCH.c.position)
        )
        with self.reading() as db:
            rows = db.execute(statement).all()
        return [
            Batch(artifact=ArtifactId(row.artifact), table=row.name, position=row.position)
            for row in rows
        ]


def write_batches(db: Connection, batches: Mapping[ArtifactId, str]) -> None:
    """Add batches that are not there yet: artifact to table."""
    rows = [{"name": name, "artifact": at, "indexed": 0} for at, name in batches.items()]
    put_missing(db, BATCH, rows)


def put_last(db: Connection, table: str, artifacts: Iterable[ArtifactId]) -> None:
    """Put batches behind all others of a table, to be indexed (again).

    The new row is there before the old one goes: a position that somebody read as waiting, and
    will mark as indexed, must not come to mean the new one.
    """
    passed = table + PASSED
    for artifact in artifacts:
        same = (BATCH.c.name == table) & (BATCH.c.artifact == artifact)
        db.execute(update(BATCH).where(same).values(name=passed))
        write_batches(db, {artifact: table})
        db.execute(delete(BATCH).where(BATCH.c.name == passed))
