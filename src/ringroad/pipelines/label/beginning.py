"""What people begin with under a guideline: pre-labels without those that it would refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.domain.order import LabelOrder
from ringroad.label import guidelines
from ringroad.label.prelabels import are_allowed, only_allowed
from ringroad.pipelines.label.records import (
    ANNOTATIONS,
    batch_rows,
    guideline_artifact,
    guideline_of,
)
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("pyarrow",))
def keep_allowed(bench: Bench, *, prelabels: Artifact, guideline: Artifact) -> Artifact:
    """Pre-labels that a guideline takes: an answer with one that it does not is refused whole."""
    known = guidelines.from_bytes(bench.read(guideline))
    return bench.write_table(ANNOTATIONS, only_allowed(bench.read_table(prelabels), known))


def allowed_prelabels(workspace: Workspace, order: LabelOrder) -> LabelOrder:
    """The order with those of its pre-labels that its guideline takes; itself where it takes all.

    Raises:
        UnknownName: there is no such batch of pre-labels, or no such guideline.
    """
    guideline = guideline_of(workspace, order.guideline)
    if order.prelabels is None or guideline is None:
        return order
    rows = batch_rows(workspace, order.prelabels)
    if pc.all(are_allowed(rows, guideline)).as_py() in {True, None}:
        return order
    kept: Artifact = workspace.runner.run(
        keep_allowed,
        prelabels=workspace.catalog.artifact(order.prelabels),
        guideline=workspace.catalog.artifact(guideline_artifact(order.guideline)),
    )
    return replace(order, prelabels=kept.id)


def left_out(
    workspace: Workspace, order: LabelOrder, frames: Sequence[FrameId]
) -> Mapping[str, int]:
    """Category -> how many pre-labels on some frames the order's guideline refuses."""
    guideline = guideline_of(workspace, order.guideline)
    if order.prelabels is None or guideline is None:
        return {}
    rows = batch_rows(workspace, order.prelabels)
    mine = rows.filter(pc.is_in(rows["frame_id"], value_set=pa.array(frames, pa.string())))
    refused = mine.filter(pc.invert(are_allowed(mine, guideline)))
    counts = refused["category"].value_counts().to_pylist()
    return {item["values"]: item["counts"] for item in sorted(counts, key=lambda it: it["values"])}
