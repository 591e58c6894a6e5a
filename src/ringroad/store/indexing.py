"""Lets the tables catch up with the batches that the catalog holds, or makes them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from ringroad.domain.errors import UsageError
from ringroad.domain.ids import artifact_parts
from ringroad.media.arrow import from_bytes
from ringroad.media.schemas import TABLE_KEYS, key_of
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Batch, Catalog
from ringroad.protocols.tables import Tables

ROWS_PER_UPSERT = 200_000


def catch_up(catalog: Catalog, blobs: Blobs, tables: Tables, table: str | None = None) -> int:
    """Bring one table, or all, up to the last commit; return how many batches that took.

    Batches go in as they were committed, so that of two rows with one key the later stays. The
    table is held from the look at the catalog to the mark: two processes that catch up at the
    same time cannot put an older row over a newer one. A crash between write and mark makes the
    next call write the same rows once more, which changes nothing.
    """
    names = catalog.batch_tables() if table is None else [table]
    return sum(_catch_up(catalog, blobs, tables, name) for name in names)


def rebuild(catalog: Catalog, blobs: Blobs, tables: Tables, table: str | None = None) -> int:
    """Make one table, or all, again from the batches; return how many there were.

    The catalog forgets before the table goes: a crash in between costs time, never rows.
    """
    names = sorted({*catalog.batch_tables(), *tables.names()}) if table is None else [table]
    done = 0
    for name in names:
        with tables.writing(name):
            catalog.forget_index(name)
            tables.drop(name)
            done += _catch_up(catalog, blobs, tables, name)
    return done


def _catch_up(catalog: Catalog, blobs: Blobs, tables: Tables, table: str) -> int:
    if not catalog.unindexed(table):
        return 0
    with tables.writing(table):
        waiting = catalog.unindexed(table)
        for batches, rows in _coalesced(blobs, waiting):
            tables.upsert(table, rows, key=_key(table))
            catalog.mark_indexed(batches)
    return len(waiting)


def _coalesced(blobs: Blobs, batches: Sequence[Batch]) -> Iterator[tuple[list[Batch], pa.Table]]:
    """Few large writes in place of many small ones, in the order of the batches."""
    taken: list[Batch] = []
    parts: list[pa.Table] = []
    for batch in batches:
        rows = _rows(blobs, batch)
        if taken and not _fits(parts, rows):
            yield taken, pa.concat_tables(parts)
            taken, parts = [], []
        taken.append(batch)
        parts.append(rows)
    if taken:
        yield taken, pa.concat_tables(parts)


def _fits(parts: Sequence[pa.Table], rows: pa.Table) -> bool:
    total = sum(part.num_rows for part in parts) + rows.num_rows
    return total <= ROWS_PER_UPSERT and bool(parts[0].schema.equals(rows.schema))


def _rows(blobs: Blobs, batch: Batch) -> pa.Table:
    _, digest = artifact_parts(batch.artifact)
    return from_bytes(blobs.get(digest)).replace_schema_metadata(None)


def _key(table: str) -> str:
    try:
        return key_of(table)
    except KeyError as error:
        raise UsageError(
            "no table of that name is indexed",
            subject=table,
            remedy=f"known: {', '.join(TABLE_KEYS)}",
        ) from error
