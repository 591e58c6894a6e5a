"""Writes dataset versions: one layer of edits on top of what is there, or a base where nothing is.

Steps alone call this. What may be written was checked before: `datasets.edits`, `datasets.merge`.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from ringroad.datasets.manifest import (
    LAYER_KIND,
    MEDIA,
    Layer,
    Version,
    to_bytes,
    version_from,
    version_of,
)
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.datasets.version import KIND, header_of
from ringroad.domain.artifact import Artifact
from ringroad.workflow.bench import Bench

VERSION, ROWS = "version", "rows"
"""Roles: the version, and the layer that was written for it."""


def write_base(bench: Bench, rows: pa.Table) -> dict[str, Artifact]:
    """A first version: rows that `version.build` checked, as one layer."""
    bare = rows.replace_schema_metadata(None)
    base = bench.write_table(LAYER_KIND, bare, packed=True)
    layers = (Layer(digest=base.digest, rows=rows.num_rows),)
    version = version_from(header_of(rows), rows, layers)
    return {VERSION: bench.write(KIND, to_bytes(version), MEDIA), ROWS: base}


def write_layer(
    bench: Bench, version: Version, edits: pa.Table, *, stored: Artifact | None = None
) -> dict[str, Artifact]:
    """A version on top of layers that are there.

    Args:
        bench: of the step.
        version: its layers are those that the edits go onto.
        edits: rows of `stack.LAYER`.
        stored: the edits as they are stored already, if they are.
    """
    if not edits.num_rows:
        return {VERSION: bench.write(KIND, to_bytes(version), MEDIA)}
    stack = stack_of(version, Shelf(bench.blobs))
    kept, table = stack.grown(edits)
    alone = len(kept) == len(version.layers)
    made = {}
    if alone and stored is not None:
        layer = stored
    else:
        layer = made[ROWS] = bench.write_table(LAYER_KIND, table, packed=True)
    layers = (*kept, Layer(digest=layer.digest, rows=table.num_rows))
    done = replace(version, layers=layers)
    return {VERSION: bench.write(KIND, to_bytes(done), MEDIA), **made}


def read_version(bench: Bench, dataset: Artifact) -> Version:
    """A version without its rows."""
    return version_of(bench.blobs, dataset)
