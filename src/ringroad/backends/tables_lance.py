"""Tables of Arrow rows in Lance, in a folder of this machine.

Measured with pylance 14 (20,000 rows of 128 float32): an upsert of whole rows costs 10 to 15 ms
and writes little more than the rows, in mode `rewrite_rows`; `rewrite_columns` refuses inserts,
so it is no choice for whole-row upserts. Lance itself neither syncs files to disk nor keeps two
concurrent writers from inserting the same new key twice: both are done here.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.backends.durable import FULL, fsync_path, storage_full
from ringroad.backends.file_turn import FileTurn
from ringroad.domain.errors import UnknownName, UsageError

KEY = b"ringroad.key"
"""Where a table's schema keeps the name of its key column."""

VECTOR = "vector"
EXACT_ROWS = 100_000
"""Up to here `nearest` scans all vectors (117 ms at 288 numbers each) and is exact."""

PROBES = 32
REFINE = 10
"""IVF_RQ answers are re-ranked by exact distance over ten times as many rows: recall@20 of 1.00
on 100,000 clustered vectors, against 0.85 without."""

COMPACT_EVERY = 32
"""Writes between two compactions; each write leaves a fragment and a version."""

KEEP_VERSIONS = timedelta(minutes=10)
"""Old versions stay this long for readers of other processes that opened them."""

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)*")
_FULL_TEXTS = tuple(f"os error {number})" for number in FULL)


class LanceTables:
    """Tables under one folder. Safe to call from threads and spawned processes; never fork.

    An upsert fsyncs every file and folder that it made: eight fsyncs.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._turns: dict[str, FileTurn] = {}

    def upsert(
        self,
        table: str,
        rows: pa.Table,
        *,
        key: str,
        scope: str = "",
        about: Sequence[str] = (),
    ) -> None:
        """Insert rows, replacing those of equal key, and with `scope` all of equal scope."""
        place = self._place(table)
        rows = _last_of_each(rows.replace_schema_metadata(None), key, table)
        with self.writing(table), _telling(table):
            before = _files(place)
            if not _exists(place):
                _create(place, rows, key)
            elif rows.num_rows:
                _merge(lance.dataset(place), rows, table, key, _among(scope, rows, about))
            elif scope and about:
                lance.dataset(place).delete(_among(scope, rows, about))
            if lance.dataset(place).version % COMPACT_EVERY == 0:
                _tidy(lance.dataset(place))
            _settle(place, before)

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        where: str = "",
        limit: int | None = None,
    ) -> pa.Table:
        """Rows in ascending order of the key."""
        data = self._open(table)
        key = _key(data)
        wanted = list(columns) if columns is not None else list(data.schema.names)
        scanned = wanted if key in wanted else [*wanted, key]
        with _telling(table):
            rows = data.scanner(
                columns=scanned, filter=where or None, limit=limit, order_by=[key]
            ).to_table()
        return rows.select(wanted).replace_schema_metadata(None)

    def nearest(self, table: str, vector: np.ndarray, *, limit: int, where: str = "") -> pa.Table:
        """The rows whose `vector` is closest, rows at equal distance by key.

        Exact up to `EXACT_ROWS` rows; above, by IVF_RQ with re-ranking once `compact` built it.
        """
        data = self._open(table)
        _check_vector(data, table, vector)
        if limit < 1:
            raise UsageError(f"the nearest {limit} rows are none", subject=table)
        asked = limit
        while True:
            with _telling(table):
                rows = _search(data, vector, asked, where)
            distances = rows.column("distance")
            if rows.num_rows < asked or distances[-1].as_py() > distances[limit - 1].as_py():
                break
            asked *= 2  # a tie at the limit: see all of it, so that the key decides
        order = [("distance", "ascending"), (_key(data), "ascending")]
        return rows.sort_by(order).slice(0, limit).replace_schema_metadata(None)

    def count(self, table: str, *, where: str = "") -> int:
        """How many rows."""
        data = self._open(table)
        with _telling(table):
            return int(data.count_rows(where or None))

    def names(self) -> Sequence[str]:
        """Tables that exist, sorted."""
        places = sorted(self.root.glob("*.lance"))
        return [place.name.removesuffix(".lance") for place in places if _exists(place)]

    def drop(self, table: str) -> None:
        """Remove a table; a crash half-way leaves it whole or gone."""
        place = self._place(table)
        gone = place.with_suffix(".dropped")
        with self.writing(table):
            shutil.rmtree(gone, ignore_errors=True)
            if place.exists():
                place.rename(gone)
                fsync_path(self.root)
                shutil.rmtree(gone)

    def compact(self, table: str) -> None:
        """Merge small fragments, bring indexes up to date, drop versions older than 10 minutes."""
        with self.writing(table), _telling(table):
            data = self._open(table)
            before = _files(self._place(table))
            _tidy(data)
            _settle(self._place(table), before)

    def writing(self, table: str) -> AbstractContextManager[None]:
        """Hold the table for writing alone, over processes."""
        lock = self._place(table).with_suffix(".lock")
        return self._turns.setdefault(table, FileTurn(lock)).taken()

    def _place(self, table: str) -> Path:
        if not _NAME.fullmatch(table):
            raise UsageError(f"{table!r} is no name for a table", remedy="use a-z, 0-9, _ and .")
        return self.root / f"{table}.lance"

    def _open(self, table: str) -> Any:
        place = self._place(table)
        if not _exists(place):
            known = ", ".join(self.names()) or "none"
            raise UnknownName(f"no table is called {table!r}", remedy=f"known: {known}")
        return lance.dataset(place)


def _exists(place: Path) -> bool:
    return any((place / "_versions").glob("*.manifest"))


def _key(data: Any) -> str:
    name: str = data.schema.metadata[KEY].decode()
    return name


def _create(place: Path, rows: pa.Table, key: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    named = rows.replace_schema_metadata({KEY: key.encode()})
    data = lance.write_dataset(named, place, enable_stable_row_ids=True)
    data.create_scalar_index(key, "BTREE")


def _merge(data: Any, rows: pa.Table, table: str, key: str, ended: str) -> None:
    if _key(data) != key:
        raise UsageError(f"the key is {_key(data)!r}, not {key!r}", subject=table)
    if not data.describe_indices():  # a crash came between the first write and its index
        data.create_scalar_index(key, "BTREE")
    writer = data.merge_insert(key).when_matched_update_all().when_not_matched_insert_all()
    if ended:
        writer = writer.when_not_matched_by_source_delete(ended)
    writer.write_mode("rewrite_rows").execute(_cast(rows, data.schema, table))


def _among(column: str, rows: pa.Table, also: Sequence[str]) -> str:
    """The filter for rows that share a value of a text column with these, or have another."""
    if not column:
        return ""
    values = sorted({*pc.unique(rows.column(column)).to_pylist(), *also})
    quoted = ("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} IN ({', '.join(quoted)})"


def _cast(rows: pa.Table, schema: pa.Schema, table: str) -> pa.Table:
    try:
        return rows.select(schema.names).cast(schema)
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"the rows do not have the table's columns: {error}",
            subject=table,
            remedy="make the table again with `ringroad doctor --rebuild`",
        ) from error


def _last_of_each(rows: pa.Table, key: str, table: str) -> pa.Table:
    """One row per key: Lance would insert a repeated new key twice."""
    if key not in rows.column_names or rows.column(key).null_count:
        raise UsageError(f"each row needs a value in the key column {key!r}", subject=table)
    if pc.count_distinct(rows.column(key)).as_py() == rows.num_rows:
        return rows
    numbered = pa.table({"key": rows.column(key), "row": np.arange(rows.num_rows)})
    last = numbered.group_by("key").aggregate([("row", "max")]).column("row_max")
    return rows.take(last.combine_chunks().sort())


def _check_vector(data: Any, table: str, vector: np.ndarray) -> None:
    index = data.schema.get_field_index(VECTOR)
    kind = data.schema.field(index).type if index >= 0 else None
    if kind is None or not pa.types.is_fixed_size_list(kind):
        raise UsageError(
            "has no `vector` column of fixed size",
            subject=table,
            remedy="search an embeddings table",
        )
    if vector.shape != (kind.list_size,):
        raise UsageError(
            f"a query of shape {vector.shape} meets vectors of {kind.list_size} numbers",
            subject=table,
            remedy="embed the query with the embedder of this table",
        )


def _search(data: Any, vector: np.ndarray, limit: int, where: str) -> pa.Table:
    query = {"column": VECTOR, "q": vector.astype(np.float32), "k": limit, "metric": "l2"}
    if data.count_rows() <= EXACT_ROWS:
        query["use_index"] = False
    else:
        query |= {"nprobes": PROBES, "refine_factor": REFINE}
    names = [*data.schema.names, "_distance"]  # asked for by name, or Lance warns at each query
    scan = data.scanner(columns=names, nearest=query, filter=where or None, prefilter=True)
    return scan.to_table().rename_columns([*data.schema.names, "distance"])


def _tidy(data: Any) -> None:
    data.optimize.compact_files()
    data.optimize.optimize_indices()
    indexed = {name for index in data.describe_indices() for name in index.field_names}
    if VECTOR not in indexed and VECTOR in data.schema.names and data.count_rows() > EXACT_ROWS:
        data.create_index(VECTOR, "IVF_RQ")
    data.cleanup_old_versions(older_than=KEEP_VERSIONS)


def _files(place: Path) -> frozenset[Path]:
    return frozenset(Path(base) / name for base, _, names in os.walk(place) for name in names)


def _settle(place: Path, before: frozenset[Path]) -> None:
    """Sync what a write made, files before the folders that name them."""
    made = sorted(_files(place) - before)
    for path in made:
        fsync_path(path)
    for folder in sorted({path.parent for path in made}, reverse=True):
        fsync_path(folder)
    if not before:
        fsync_path(place)
        fsync_path(place.parent)


@contextmanager
def _telling(table: str) -> Iterator[None]:
    """Turn what Lance raises into the errors of the protocol."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        text = str(error)
        if any(mark in text for mark in _FULL_TEXTS):
            raise storage_full(table, error) from error
        if "Invalid user input" in text:
            raise UsageError(
                f"Lance does not understand the request: {text.partition(', /')[0]}",
                subject=table,
                remedy="filters are SQL expressions over the table's columns",
            ) from error
        raise
