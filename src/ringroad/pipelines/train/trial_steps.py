"""What a trial does that no training run does: look at validation rows. Reads no test row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.reading import rows_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import VAL
from ringroad.evaluate.score import score
from ringroad.media.pictures import proxies as pack
from ringroad.models.config import read_config
from ringroad.models.reference import Reference
from ringroad.pipelines.datasets.split_truth import CONDITIONS, REPLICATES, split_truth
from ringroad.pipelines.train.studies import STUDY
from ringroad.protocols.predictor import Detections
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

VALIDATION = "validation"
"""Kind of KPIs on validation rows. Another one than `kpis`: no gate is held against them."""
CONFIDENCE = 0.95
FRAMES_AT_ONCE = 64

FOUND = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),
        *(pa.field(name, pa.float32(), nullable=False) for name in ("x", "y", "w", "h")),
    ]
)
"""Detections as scoring reads them; they are not among the predictions that searches see."""


@step(uses=("numpy", "onnxruntime", "pyarrow"), also=("ringroad.backends.runtime_onnx",))
def predict_validation(
    bench: Bench,
    *,
    network: Artifact,
    dataset: Artifact,
    proxies: Sequence[Artifact],
    config: dict[str, Any],
) -> Artifact:
    """Run a reference network over the validation rows of a version, and no other frame."""
    reader = Reference(
        bench.runtime.load(bench.read(network), threads=bench.threads, optimise=True),
        read_config(config),
    )
    rows = rows_of(bench.blobs, dataset)
    ids = rows.filter(pc.equal(rows["split"], VAL))["frame_id"].to_pylist()
    tables = [bench.read_table(part) for part in proxies]
    parts: list[pa.Table] = []
    for start in range(0, len(ids), FRAMES_AT_ONCE):
        some = ids[start : start + FRAMES_AT_ONCE]
        frames, sizes = pack.gather(tables, some)
        scale = sizes / np.array([frames.shape[2], frames.shape[1]])
        parts.append(_found(some, reader.predict(frames), scale))
    return bench.write_table("validation-boxes", pa.concat_tables(parts), packed=True)


@step(uses=("hotcoco", "numpy", "pyarrow"))
def evaluate_validation(
    bench: Bench,
    *,
    dataset: Artifact,
    truth: Sequence[Artifact],
    found: Artifact,
) -> Artifact:
    """KPIs of detections on the validation rows."""
    known = split_truth(bench, dataset, truth, VAL)
    kpis = score(
        known.boxes,
        bench.read_table(found),
        known.rows,
        annotated=known.header.categories,
        categories=known.header.categories,
        conditions=CONDITIONS,
        unit=known.header.unit,
        confidence=CONFIDENCE,
        replicates=REPLICATES,
        seed=bench.seed,
    )
    return bench.write_json(VALIDATION, [asdict(kpi) for kpi in kpis])


@step(uses=())
def open_study(bench: Bench, *, dataset: Artifact, study: dict[str, Any]) -> Artifact:
    """A study before its first trial; what came of trials is noted beside it."""
    return bench.write_json(STUDY, {"study": study, "dataset": dataset.id, "trials": []})


@step(uses=())
def close_study(
    bench: Bench,
    *,
    opened: Artifact,
    models: Sequence[Artifact],
    validations: Sequence[Artifact],
    trials: list[dict[str, Any]],
) -> Artifact:
    """A study with its trials, made from the models that they trained."""
    del models, validations  # they stand in its lineage; its trials name them
    begun = bench.read_json(opened)
    return bench.write_json(STUDY, {**begun, "opened": opened.id, "trials": trials})


def _found(ids: Sequence[str], seen: Sequence[Detections], scale: np.ndarray) -> pa.Table:
    """Detections in pixels of the frames as recorded."""
    owner = np.repeat(np.arange(len(ids)), [len(one.scores) for one in seen])
    boxes = np.concatenate([one.boxes.reshape(-1, 4) for one in seen]) * np.tile(scale, 2)[owner]
    columns = [
        pa.array([ids[int(at)] for at in owner], pa.string()),
        pa.array([name for one in seen for name in one.categories], pa.string()),
        pa.array(np.concatenate([one.scores for one in seen]), pa.float32()),
        *(pa.array(boxes[:, at], pa.float32()) for at in range(4)),
    ]
    return pa.table(columns, schema=FOUND)
