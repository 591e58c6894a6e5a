"""A dataset version as a step: the labelled frames of some recordings, drawn into splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from ringroad.datasets.split import block_unit, by_block, by_recording
from ringroad.datasets.version import build
from ringroad.domain.annotation import LIGHT
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import BOXES, LIGHT_STATE, TEST, TRAIN, VAL, DatasetHeader
from ringroad.media.schemas import MANIFEST
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.datasets.writing import write_base
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("numpy", "pyarrow"))
def make_version(
    bench: Bench,
    *,
    frames: Sequence[Artifact],
    labels: Sequence[Artifact],
    batch_of: dict[str, str],
    name: str,
    categories: list[str],
    unit: str,
    block: int,
    gap: int,
    test_fraction: float,
    query: str,
    synthetic: bool,
    val_fraction: float = 0.0,
) -> dict[str, Artifact]:
    """A version of the labelled frames; whole units are kept for the test and for validation."""
    rows = all_rows(bench, frames)
    kept = test_fraction + val_fraction
    shares = {TRAIN: 1.0 - kept, VAL: val_fraction, TEST: test_fraction}
    if unit == "block":
        blocks = by_block(rows, block=block, gap=gap, fractions=shares, seed=bench.seed)
        rows = _labelled(blocks, batch_of)
        owners = rows["recording_id"]
        place = rows.schema.get_field_index("recording_id")
        # Drawn among the blocks that hold a label: each block stands in for a recording.
        drawn = rows.set_column(place, "recording_id", rows["unit"])
        split = by_recording(drawn, fractions=shares, seed=bench.seed)
        split = split.set_column(place, split.schema.field(place), owners)
    else:
        rows = _labelled(rows, batch_of)
        split = by_recording(rows, fractions=shares, seed=bench.seed)
    ids = split["frame_id"].to_pylist()
    digests = pa.array([batch_of[frame] for frame in ids], pa.string())
    weights = pa.array([1.0] * len(ids), pa.float32())
    table = split.append_column("annotations", digests).append_column("weight", weights)
    header = DatasetHeader(
        name=name,
        categories=tuple(categories),
        tasks=(BOXES, *([LIGHT_STATE] if LIGHT in categories else [])),
        unit=block_unit(block, gap) if unit == "block" else unit,
        parents=tuple(part.id for part in labels),
        query=query,
        synthetic=synthetic,
    )
    return write_base(bench, build(header, table.select(MANIFEST.names)))


def _labelled(rows: pa.Table, batch_of: Mapping[str, str]) -> pa.Table:
    """Rows of the frames that have a batch."""
    kept = [frame in batch_of for frame in rows["frame_id"].to_pylist()]
    return rows.filter(pa.array(kept, pa.bool_()))
