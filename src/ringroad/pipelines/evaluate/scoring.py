"""KPIs and gates for networks and for predictions from anywhere, against a dataset version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.manifest import header_at
from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import TEST
from ringroad.domain.errors import InputError
from ringroad.pipelines.datasets.looks import look
from ringroad.pipelines.evaluate.validate import evaluate_split, predict_all
from ringroad.pipelines.finding import labels_of
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.taken import seen_of, taken_with
from ringroad.pipelines.workspace import Workspace


def score_model(workspace: Workspace, model: Model, dataset: Artifact, **options: Any) -> Artifact:
    """KPIs of a network on the test rows; what is not decoded at its size yet is decoded."""
    rows = tested_rows(workspace, dataset)
    seen = seen_of(workspace, taken_with(workspace, rows["frame_id"].to_pylist()), **size_of(model))
    found = predict_all(workspace, model, seen)
    return score_predictions(workspace, [item.predictions for item in found], dataset, **options)


def score_predictions(
    workspace: Workspace,
    predictions: Sequence[Artifact],
    dataset: Artifact,
    *,
    categories: Sequence[str] = (),
    confidence: float = 0.95,
    seed: int = 0,
    why: str = "evaluate",
    who: str = "",
) -> Artifact:
    """KPIs of predictions on the test rows; `all` is the mean over the categories given.

    This is a look at the test rows; `why` and `who` are written down with it, the user of this
    process where nobody is named.

    Raises:
        InputError: the version has no test rows.
    """
    rows = tested_rows(workspace, dataset)
    annotated = header_at(workspace.blobs, dataset).categories
    look(workspace, dataset, why=why, who=who)
    return workspace.runner.run(
        evaluate_split,
        seed=seed,
        dataset=dataset,
        truth=labels_of(workspace, rows),
        predictions=list(predictions),
        gate_categories=list(categories) or list(annotated),
        confidence=confidence,
    )


def tested_rows(workspace: Workspace, dataset: Artifact) -> pa.Table:
    """The rows of a version that are kept for the test. Raises InputError where none is."""
    version = rows_of(workspace.blobs, dataset)
    rows = version.filter(pc.equal(version["split"], TEST))
    if not rows.num_rows:
        raise InputError(
            "keeps no rows for the test",
            subject=dataset.id,
            remedy="make one that does: ringroad datasets create NAME --test-fraction 0.2",
        )
    return rows


def size_of(model: Model) -> dict[str, int]:
    """The size of frames that a network takes; none where it takes any."""
    return {name: model.config[name] for name in ("width", "height") if name in model.config}
