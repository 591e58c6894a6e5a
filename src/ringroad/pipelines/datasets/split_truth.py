"""What the rows of one split are judged by: the rows, and the boxes that are known on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.reading import annotations_of, rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import DatasetHeader
from ringroad.media.annotation_rows import box_rows
from ringroad.workflow.bench import Bench

CONDITIONS = ("day", "dusk", "night")
"""Slices beside all frames."""
REPLICATES = 1000
"""Resamplings of units per interval."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitTruth:
    """One split of a version.

    Attributes:
        header: of the version.
        rows: `schemas.MANIFEST` of the split.
        boxes: `schemas.ANNOTATIONS` on these rows, boxes alone.
    """

    header: DatasetHeader
    rows: pa.Table
    boxes: pa.Table


def split_truth(
    bench: Bench, dataset: Artifact, truth: Sequence[Artifact], split: str
) -> SplitTruth:
    """The rows of a split with what is known of them, inside a step."""
    version = rows_of(bench.blobs, dataset)
    rows = version.filter(pc.equal(version["split"], split))
    return SplitTruth(
        header=header_of(version),
        rows=rows,
        boxes=box_rows(annotations_of(bench.read_table, rows, truth)),
    )
