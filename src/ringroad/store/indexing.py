"""Lets the tables catch up with the batches that the catalog holds, or makes them again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.errors import UsageError
from ringroad.domain.ids import artifact_parts
from ringroad.media.annotation_rows import full
from ringroad.media.arrow import from_bytes
from ringroad.media.schemas import ABOUT, TABLE_KEYS, TABLE_SCOPES, key_of
from ringroad.media.schemas import ANNOTATIONS as SCHEMA
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Batch, Catalog
from ringroad.protocols.tables import Tables

ROWS_PER_UPSERT = 200_000
ANNOTATIONS = "annotations"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Rows of one batch, and the scopes of which they are all there is."""

    rows: pa.Table
    about: frozenset[str]


def catch_up(catalog: Catalog, blobs: Blobs, tables: Tables, table: str | None = None) -> int:
    """Bring one table, or all, up to the last commit; return how many batches that took.

    Batches go in as they were committed, so that of two rows with one key the later stays. Of
    annotations a frame has the rows of its head and no others; a frame without a head those of
    the last batch that names it. The table is held from the look at the catalog to the mark:
    two processes that catch up at the same time cannot put an older row over a newer one. A
    crash between write and mark makes the next call write the same rows once more, which
    changes nothing.
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
        scope = TABLE_SCOPES.get(table, "")
        if table == ANNOTATIONS and _of_an_earlier_version(tables):
            catalog.forget_index(table)
            tables.drop(table)
            waiting = catalog.unindexed(table)
        for batches, rows, about in _coalesced(catalog, blobs, waiting, scope):
            tables.upsert(table, rows, key=_key(table), scope=scope, about=about)
            catalog.mark_indexed(batches)
    return len(waiting)


def _of_an_earlier_version(tables: Tables) -> bool:
    """Whether the table of annotations lacks columns that rows have by now."""
    if ANNOTATIONS not in tables.names():
        return False
    return set(SCHEMA.names) > set(tables.read(ANNOTATIONS, where="false").column_names)


def _coalesced(
    catalog: Catalog, blobs: Blobs, batches: Sequence[Batch], scope: str
) -> Iterator[tuple[list[Batch], pa.Table, list[str]]]:
    """Few large writes in place of many small ones, in the order of the batches.

    With each come the scopes it speaks of; none where the table has no scope.
    """
    taken: list[Batch] = []
    parts: list[_Part] = []
    for batch in batches:
        part = _part(catalog, blobs, batch, scope)
        if taken and not _fits(parts, part):
            yield taken, *_joined(parts, scope)
            taken, parts = [], []
        taken.append(batch)
        parts.append(part)
    if taken:
        yield taken, *_joined(parts, scope)


def _not_passed(catalog: Catalog, batch: Batch, rows: pa.Table) -> pa.Table:
    """Rows of annotations but those of frames whose head is another batch."""
    heads = catalog.heads(pc.unique(rows.column("frame_id")).to_pylist())
    passed = [frame for frame, head in heads.items() if head.batch != batch.artifact]
    return _without(rows, "frame_id", passed)


def _joined(parts: Sequence[_Part], scope: str) -> tuple[pa.Table, list[str]]:
    """One after the other; with a scope, the last part that speaks of one has it alone."""
    if not scope:
        return pa.concat_tables([part.rows for part in parts]), []
    kept: list[pa.Table] = []
    named: set[str] = set()
    for part in reversed(parts):
        kept.append(_without(part.rows, scope, named))
        named.update(part.about)
    return pa.concat_tables(reversed(kept)), sorted(named)


def _without(rows: pa.Table, column: str, values: Collection[str]) -> pa.Table:
    """Rows but those with one of some values."""
    gone = pa.array(sorted(values), pa.string())
    return rows.filter(pc.invert(pc.is_in(rows.column(column), value_set=gone)))


def _fits(parts: Sequence[_Part], part: _Part) -> bool:
    total = sum(other.rows.num_rows for other in parts) + part.rows.num_rows
    return total <= ROWS_PER_UPSERT and bool(parts[0].rows.schema.equals(part.rows.schema))


def _part(catalog: Catalog, blobs: Blobs, batch: Batch, scope: str) -> _Part:
    _, digest = artifact_parts(batch.artifact)
    rows = from_bytes(blobs.get(digest))
    if batch.table == ANNOTATIONS:
        rows = _not_passed(catalog, batch, full(rows))
    about = frozenset(json.loads((rows.schema.metadata or {}).get(ABOUT, b"[]")))
    if scope:
        about |= frozenset(pc.unique(rows.column(scope)).to_pylist())
    return _Part(rows=rows.replace_schema_metadata(None), about=about)


def _key(table: str) -> str:
    try:
        return key_of(table)
    except KeyError as error:
        raise UsageError(
            "no table of that name is indexed",
            subject=table,
            remedy=f"known: {', '.join(TABLE_KEYS)}",
        ) from error
