"""Dataset versions: who is labelled by which batch, in which split, on top of which parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.edits import edited, edits_of
from ringroad.datasets.roles import START
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.datasets.version import build
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import BOXES, LIGHT_STATE, TEST, TRAIN, DatasetHeader
from ringroad.media.schemas import MANIFEST
from ringroad.pipelines.datasets.writing import read_version, write_base, write_layer
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("pyarrow",))
def first_version(
    bench: Bench,
    *,
    roles: Artifact,
    labels: Artifact,
    truth: Sequence[Artifact],
    name: str,
    categories: list[str],
    unit: str,
    query: str,
    synthetic: bool,
) -> dict[str, Artifact]:
    """Version 1: start units for training by their labels, test units by truth."""
    known = bench.read_table(roles)
    test = known.filter(pc.equal(known.column("role"), TEST))
    start = known.filter(pc.equal(known.column("role"), START))
    states = [LIGHT_STATE] if "light" in categories else []
    header = DatasetHeader(
        name=name,
        categories=tuple(categories),
        tasks=(BOXES, *states),
        unit=unit,
        parents=(roles.id, labels.id, *(part.id for part in truth)),
        query=query,
        synthetic=synthetic,
    )
    rows = [labelled(bench, start, [labels], TRAIN), labelled(bench, test, truth, TEST)]
    return write_base(bench, build(header, pa.concat_tables(rows)))


@step(uses=("pyarrow",))
def next_version(
    bench: Bench,
    *,
    parent: Artifact,
    roles: Artifact,
    labels: Artifact,
    query: str,
    synthetic: bool,
) -> dict[str, Artifact]:
    """The parent's rows and the newly labelled frames, for training."""
    rows = labelled(bench, bench.read_table(roles), [labels], TRAIN)
    version = read_version(bench, parent)
    header = replace(
        version.header,
        parents=(parent.id, labels.id),
        query=query,
        synthetic=version.header.synthetic or synthetic,
    )
    stack = stack_of(version, Shelf(bench.blobs))
    made = edited(version, stack, edits_of(rows), header=header)
    return write_layer(bench, made.version, made.changes.layer)


def labelled(bench: Bench, roles: pa.Table, batches: Sequence[Artifact], split: str) -> pa.Table:
    """Rows of `schemas.MANIFEST` for those frames that a batch of annotations covers."""
    batch_of: dict[str, str] = {}
    for batch in batches:
        ids = pc.unique(bench.read_table(batch).column("frame_id")).to_pylist()
        batch_of |= dict.fromkeys(ids, batch.digest)
    kept = roles.filter(pa.array([f in batch_of for f in roles.column("frame_id").to_pylist()]))
    ids = kept.column("frame_id").to_pylist()
    return pa.table(
        {
            "frame_id": kept.column("frame_id"),
            "recording_id": kept.column("recording_id"),
            "unit": kept.column("unit"),
            "split": pa.array([split] * len(ids), pa.string()),
            "condition": kept.column("condition"),
            "annotations": pa.array([batch_of[frame] for frame in ids], pa.string()),
            "weight": pa.array([1.0] * len(ids), pa.float32()),
        },
        schema=MANIFEST,
    )
