"""Faults at named points: the process is killed, or the store is full, at the n-th pass.

    faults = Faults.parse("catalog:before-commit#3")            # SIGKILL at the third commit
    faults = Faults.parse("blob:before#2", full)                # StorageFull at the second put
    blobs, tables, catalog = faulty_blobs(blobs, faults), ...

A process that only counts (`Faults()`) tells which points a run passes, and how often.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, cast

import pyarrow as pa

from ringroad.domain.artifact import Artifact, Execution, Lease
from ringroad.domain.errors import StorageFull, UsageError
from ringroad.domain.ids import ArtifactId, Digest
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Batch, Catalog, Record
from ringroad.protocols.tables import Tables

POINTS = (
    "blob:before",
    "blob:after",
    "table:before",
    "table:after",
    "catalog:before-commit",
    "catalog:after-commit",
    "index:before-mark",
    "index:after-mark",
)
"""Where a fault can be: around each put, upsert, commit and mark."""


def kill() -> None:
    """End this process as a power cut would; nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    """Take no more bytes."""
    raise StorageFull("no space left (injected)", remedy="free space, then run again")


class Faults:
    """Counts passes of points, and acts at one of them. Counts are this process's own."""

    def __init__(self, point: str = "", nth: int = 1, action: Callable[[], None] = kill) -> None:
        if point and point not in POINTS:
            raise UsageError(
                f"no fault point is called {point!r}", remedy=f"known: {', '.join(POINTS)}"
            )
        self.point = point
        self.nth = nth
        self.action = action
        self.passes: Counter[str] = Counter()
        self._lock = Lock()

    @classmethod
    def parse(cls, text: str, action: Callable[[], None] = kill) -> Faults:
        """`blob:after#7` is the seventh pass of `blob:after`; without `#`, the first."""
        point, _, nth = text.partition("#")
        return cls(point, int(nth or 1), action)

    def at(self, point: str) -> None:
        """Pass a point."""
        with self._lock:
            self.passes[point] += 1
            due = point == self.point and self.passes[point] == self.nth
        if due:
            self.action()

    def __reduce__(self) -> tuple[type[Faults], tuple[str, int, Callable[[], None]]]:
        return Faults, (self.point, self.nth, self.action)


def faulty_blobs(inner: Blobs, faults: Faults) -> Blobs:
    """The same blobs with faults around `put` and `put_file`."""
    return cast("Blobs", _FaultyBlobs(inner, faults))


def faulty_tables(inner: Tables, faults: Faults) -> Tables:
    """The same tables with faults around `upsert`."""
    return cast("Tables", _FaultyTables(inner, faults))


def faulty_catalog(inner: Catalog, faults: Faults) -> Catalog:
    """The same catalog with faults around `commit` and `mark_indexed`."""
    return cast("Catalog", _FaultyCatalog(inner, faults))


class _Around:
    """Hands everything on to the part inside."""

    def __init__(self, inner: Any, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # while it is unpickled, nothing is inside yet
            raise AttributeError(name)
        return getattr(self._inner, name)


class _FaultyBlobs(_Around):
    def put(self, data: bytes | memoryview | BinaryIO) -> Digest:
        self._faults.at("blob:before")
        digest: Digest = self._inner.put(data)
        self._faults.at("blob:after")
        return digest

    def put_file(self, path: Path) -> Digest:
        self._faults.at("blob:before")
        digest: Digest = self._inner.put_file(path)
        self._faults.at("blob:after")
        return digest


class _FaultyTables(_Around):
    def upsert(self, table: str, rows: pa.Table, **options: Any) -> None:
        self._faults.at("table:before")
        self._inner.upsert(table, rows, **options)
        self._faults.at("table:after")


class _FaultyCatalog(_Around):
    def commit(
        self,
        execution: Execution,
        artifacts: Iterable[Artifact],
        records: Iterable[Record] = (),
        *,
        batches: Mapping[ArtifactId, str] | None = None,
        lease: Lease | None = None,
    ) -> None:
        self._faults.at("catalog:before-commit")
        self._inner.commit(execution, artifacts, records, batches=batches, lease=lease)
        self._faults.at("catalog:after-commit")

    def mark_indexed(self, batches: Iterable[Batch]) -> None:
        self._faults.at("index:before-mark")
        self._inner.mark_indexed(batches)
        self._faults.at("index:after-mark")
