"""A loop of eight steps that each commit one batch of rows; killed anywhere, it goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.backends.tables_lance import LanceTables
from ringroad.domain.artifact import Artifact, Execution, ExecutionKey
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import ExecutionId, digest_of
from ringroad.media.annotation_rows import full
from ringroad.media.arrow import ARROW_FILE, to_bytes
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Catalog
from ringroad.protocols.tables import Tables
from ringroad.store.indexing import catch_up
from ringroad.testing.faults import Faults, faulty_blobs, faulty_catalog, faulty_tables

STEPS = 8


def annotations(keys: list[str], author: str) -> pa.Table:
    """One box per key, each on a frame of its own; all but these and the author is the same."""
    count = len(keys)
    columns = {
        "annotation_id": keys,
        "frame_id": [f"car/a/front/{key}" for key in keys],
        "category": ["car"] * count,
        **{side: [1.0] * count for side in "xywh"},
        "light_state": [""] * count,
        "author": [author] * count,
        "source": ["simulated"] * count,
    }
    return full(pa.table(columns))


def commit_rows(
    catalog: Catalog, blobs: Blobs, step: str, rows: pa.Table, table: str = "annotations"
) -> Artifact:
    """Store a batch and commit it under a key of its own."""
    data = to_bytes(rows)
    artifact = Artifact(kind=table, digest=blobs.put(data), size_bytes=len(data), media=ARROW_FILE)
    key = ExecutionKey(step=step, code={}, environment={}, inputs={}, parameters={}, seed=0)
    execution = Execution(
        id=ExecutionId(digest_of(canonical_json(key))),
        key=key,
        inputs={},
        outputs={"rows": artifact.id},
        started_ns=1,
        ended_ns=2,
        host="here",
    )
    catalog.commit(execution, [artifact], batches={artifact.id: table})
    return artifact


def loop(catalog: Catalog, blobs: Blobs, tables: Tables) -> None:
    """Each step writes three rows anew and one that the step before wrote."""
    for number in range(STEPS):
        keys = [f"box{number * 3 + offset:03d}" for offset in range(4)]
        commit_rows(catalog, blobs, f"step{number}", annotations(keys, f"author{number}"))
        if number % 2:
            catch_up(catalog, blobs, tables)


def parts(root: Path) -> tuple[SqliteCatalog, LocalBlobs, LanceTables]:
    """The stores under one folder."""
    return SqliteCatalog(root / "catalog.db"), LocalBlobs(root / "blobs"), LanceTables(root / "t")


if __name__ == "__main__":
    held = parts(Path(sys.argv[1]))
    faults = Faults.parse(sys.argv[2])
    loop(
        faulty_catalog(held[0], faults),
        faulty_blobs(held[1], faults),
        faulty_tables(held[2], faults),
    )
