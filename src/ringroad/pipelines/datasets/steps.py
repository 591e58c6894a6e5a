"""A version on top of others as a step: what was done is its lineage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ringroad.datasets.manifest import Version, layers_of
from ringroad.datasets.stack import layer_of
from ringroad.datasets.version import header_read
from ringroad.domain.artifact import Artifact
from ringroad.media.schemas import MANIFEST
from ringroad.pipelines.datasets.writing import write_layer
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("pyarrow",))
def put_version(
    bench: Bench,
    *,
    onto: Artifact,
    parents: Sequence[Artifact],
    edits: Sequence[Artifact],
    document: dict[str, Any],
    what: str,
) -> dict[str, Artifact]:
    """Write a version that was planned and checked before.

    Args:
        bench: of the step.
        onto: whose layers it shares: the version before, or the one that a revert goes back to.
        parents: the version before, another one that is merged, batches of annotations.
        edits: one layer of edits, or none.
        document: header, counts and identity of the version.
        what: was done: append, remove, merge, revert, lock, unlock.
    """
    del parents, what  # in lineage alone
    version = Version(
        header=header_read(document["header"]),
        layers=layers_of(bench.blobs, onto),
        counts=document["counts"],
        identity=document["identity"],
    )
    if not edits:
        return write_layer(bench, version, layer_of(MANIFEST.empty_table()))
    return write_layer(bench, version, layer_of(bench.read_table(edits[0])), stored=edits[0])
