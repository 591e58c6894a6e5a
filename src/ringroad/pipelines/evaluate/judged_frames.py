"""The frames behind a KPI: which of them a slice has, what was missed on each, and the boxes.

Reads what `evaluate_split` was made of; scores nothing anew, and notes no look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.reading import annotations_of, rows_of
from ringroad.datasets.version import header_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import TEST
from ringroad.domain.errors import InputError
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.evaluate.columns import ALL
from ringroad.evaluate.frame_errors import boxes_of, counted, settle
from ringroad.evaluate.score import CONFIDENT
from ringroad.media.annotation_rows import box_rows
from ringroad.pipelines.finding import executions_at
from ringroad.pipelines.histories import EVALUATION
from ringroad.pipelines.workspace import Workspace

Read = Callable[[Artifact], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """What one evaluation looked at.

    Attributes:
        dataset: the version.
        rows: `schemas.MANIFEST` of its test rows.
        truth: `schemas.ANNOTATIONS`, boxes alone.
        predictions: `schemas.PREDICTIONS` on those frames.
        counted: categories that `all` is the mean over.
    """

    dataset: ArtifactId
    rows: pa.Table
    truth: pa.Table
    predictions: pa.Table
    counted: tuple[str, ...]

    def named(self, category: str) -> tuple[str, ...]:
        """The categories that a name means."""
        return self.counted if category == ALL else (category,)

    @property
    def nbytes(self) -> int:
        """For whoever holds it."""
        return int(self.rows.nbytes + self.truth.nbytes + self.predictions.nbytes)


def judged(workspace: Workspace, kpis: Artifact, *, read: Read) -> Judged:
    """What an evaluation looked at.

    Raises:
        InputError: no evaluation of this workspace made the KPIs.
    """
    made = next(iter(executions_at(workspace, kpis.id, EVALUATION, direction="out")), None)
    if made is None:
        raise InputError(
            "no evaluation of this workspace made these KPIs",
            subject=kpis.id,
            remedy="evaluate here: ringroad evaluate --model M --truth DATASET",
        )
    dataset = workspace.catalog.artifact(made.inputs["dataset"])
    version = rows_of(workspace.blobs, dataset)
    rows = version.filter(pc.equal(version["split"], TEST)).replace_schema_metadata(None)
    annotated = header_of(version).categories
    asked = made.key.parameters["gate_categories"]
    wanted = [str(name) for name in asked] if isinstance(asked, list) else list(annotated)
    predicted = pa.concat_tables(
        [read(item) for item in inputs_of(workspace, made.inputs, "predictions")]
    )
    return Judged(
        dataset=dataset.id,
        rows=rows,
        truth=box_rows(annotations_of(read, rows, inputs_of(workspace, made.inputs, "truth"))),
        predictions=predicted.filter(
            pc.is_in(predicted["frame_id"], value_set=rows["frame_id"].combine_chunks())
        ),
        counted=tuple(name for name in dict.fromkeys(wanted) if name in annotated),
    )


def frames_judged(found: Judged, *, category: str = ALL, condition: str = ALL) -> pa.Table:
    """One row per frame of a slice: what was there, missed and false; most errors first."""
    settled = settle(
        found.truth, found.predictions, found.rows, categories=found.named(category),
        condition=condition,
    )  # fmt: skip
    table = counted(settled)
    places = pc.index_in(table["frame_id"], value_set=found.rows["frame_id"].combine_chunks())
    for name in ("recording_id", "unit"):
        table = table.append_column(name, found.rows[name].take(places))
    return table


def marks_judged(
    found: Judged,
    frames: Sequence[FrameId],
    *,
    category: str = ALL,
    threshold: float = CONFIDENT,
) -> dict[FrameId, dict[str, list[dict[str, Any]]]]:
    """Frame -> its truth and detections, each with what it came to.

    Of other frames than the evaluation looked at, nothing is told.
    """
    wanted = pa.array(frames, pa.string())
    mine = found.rows.filter(pc.is_in(found.rows["frame_id"], value_set=wanted))
    settled = settle(
        found.truth,
        found.predictions,
        mine,
        categories=found.named(category),
        threshold=threshold,
    )
    told: dict[FrameId, dict[str, list[dict[str, Any]]]] = {
        FrameId(at): {"truth": [], "predictions": []} for at in mine["frame_id"].to_pylist()
    }
    for side, rows in zip(("truth", "predictions"), boxes_of(settled), strict=True):
        for row in rows:
            told[FrameId(str(row["frame_id"]))][side].append(row)
    return told


def inputs_of(workspace: Workspace, inputs: Any, role: str) -> list[Artifact]:
    """The artifacts of one role of an execution, in order; of a list all of its places."""
    places = [
        (int(name.partition("[")[2].rstrip("]") or 0), at)
        for name, at in inputs.items()
        if name == role or name.startswith(f"{role}[")
    ]
    return [workspace.catalog.artifact(at) for _, at in sorted(places)]
