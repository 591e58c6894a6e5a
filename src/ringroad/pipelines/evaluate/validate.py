"""What a network says of every recording, and how good that is: predictions, KPIs, gates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.domain.dataset import TEST
from ringroad.domain.kpi import Gate, GateResult, Kpi
from ringroad.evaluate.gate import check
from ringroad.evaluate.score import score, worst_frames
from ringroad.media.pictures import proxies as pack
from ringroad.media.schemas import PREDICTIONS, SCORES
from ringroad.models.config import read_config
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.datasets.looks import look
from ringroad.pipelines.datasets.split_truth import CONDITIONS, REPLICATES, split_truth
from ringroad.pipelines.loop_config import LoopConfig
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.see import Seen
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import PREDICTORS
from ringroad.protocols.predictor import Detections
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

PREDICTOR_ROOTS = (
    "ringroad.backends.runtime_onnx",
    "ringroad.models.classes",
    "ringroad.models.embedding",
    "ringroad.models.fastestdet",
    "ringroad.models.nanodet",
    "ringroad.models.reference",
)
COUNTED_SCORE = 0.3
"""A detection of at least this score counts as a box where label cost is foreseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What one network says of one recording."""

    predictions: Artifact
    scores: Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """KPIs on the test split, and the gate where there is one."""

    kpis: Artifact
    gate: Artifact | None
    text: str
    """In one line, for the terminal."""


@step(uses=("numpy", "onnxruntime", "pyarrow"), also=PREDICTOR_ROOTS)
def predict_recording(
    bench: Bench,
    *,
    network: Artifact,
    proxies: Artifact,
    predictor: str,
    model: str,
    options: dict[str, Any],
) -> dict[str, Artifact]:
    """Run a network over the kept frames of one recording."""
    chosen = dict(options)
    if "config" in chosen:
        chosen["config"] = read_config(chosen["config"])
    session = bench.runtime.load(bench.read(network), threads=bench.threads, optimise=True)
    reader = PREDICTORS.load(predictor)(session, **chosen)
    packed = bench.read_table(proxies)
    pixels = pack.pixels_of(packed)
    found = reader.predict(pixels)
    ids = packed.column("frame_id").to_pylist()
    scale = pack.sizes_of(packed) / np.array([pixels.shape[2], pixels.shape[1]])
    return {
        "predictions": bench.write_table(
            "predictions", _prediction_rows(ids, found, scale, model), table_name="predictions"
        ),
        "scores": bench.write_table("scores", _score_rows(ids, found)),
    }


@step(uses=("hotcoco", "numpy", "pyarrow"))
def evaluate_split(
    bench: Bench,
    *,
    dataset: Artifact,
    truth: Sequence[Artifact],
    predictions: Sequence[Artifact],
    gate_categories: list[str],
    confidence: float,
) -> Artifact:
    """KPIs on the test split: for all annotated categories, and for those a gate looks at."""
    known = split_truth(bench, dataset, truth, TEST)
    found = all_rows(bench, predictions)
    lists = {"report": list(known.header.categories), "gate": gate_categories}
    kpis = {
        name: score(
            known.boxes,
            found,
            known.rows,
            annotated=known.header.categories,
            categories=categories,
            conditions=CONDITIONS,
            unit=known.header.unit,
            confidence=confidence,
            replicates=REPLICATES,
            seed=bench.seed,
        )
        for name, categories in lists.items()
    }
    worst = {
        condition: worst_frames(
            known.boxes,
            found,
            known.rows,
            categories=gate_categories,
            condition=condition,
            limit=8,
        )
        for condition in ("all", *CONDITIONS)
    }
    told = {name: [asdict(kpi) for kpi in values] for name, values in kpis.items()}
    return bench.write_json("kpis", told | {"worst": worst})


@step(uses=())
def check_gate(bench: Bench, *, kpis: Artifact, gate: dict[str, Any]) -> Artifact:
    """Pass, fail or leave open; a gate's rule is its parameters, frozen with the execution."""
    told = bench.read_json(kpis)
    rule = build(Gate, gate, subject="gate")
    values = [build(Kpi, row, subject="kpis") for row in told["gate"]]
    result = check(rule, values, told["worst"].get(rule.slice, ()))
    return bench.write_json("gate", asdict(result))


def predict_all(workspace: Workspace, model: Model, seen: Sequence[Seen]) -> tuple[Predicted, ...]:
    """Predictions and scores of one network for every recording."""
    options: dict[str, Any] = {"config": model.config} if model.config else {}
    made = workspace.runner.map(
        predict_recording,
        [
            {
                "network": model.network,
                "proxies": item.proxies,
                "predictor": model.predictor,
                "model": model.name,
                "options": options | model.options,
            }
            for item in seen
        ],
    )
    return tuple(Predicted(predictions=part["predictions"], scores=part["scores"]) for part in made)


def judge(
    workspace: Workspace,
    config: LoopConfig,
    dataset: Artifact,
    truth: Sequence[Artifact],
    predicted: Sequence[Predicted],
) -> Judged:
    """KPIs of one network on the test split, and its gate: a look at the test rows."""
    section = config.gate
    categories = (
        list(section.categories)
        if section
        else list(config.truth.annotated if config.truth else ())
    )
    look(workspace, dataset, why=f"loop {config.name}")
    kpis = workspace.runner.run(
        evaluate_split,
        seed=config.seed,
        dataset=dataset,
        truth=truth,
        predictions=[item.predictions for item in predicted],
        gate_categories=categories,
        confidence=section.confidence if section else 0.95,
    )
    if section is None:
        return Judged(kpis=kpis, gate=None, text="no gate")
    rule = Gate(
        name=f"{config.name}-{section.slice}",
        metric=section.metric,
        category=section.category,
        slice=section.slice,
        minimum=section.minimum,
        confidence=section.confidence,
    )
    gate = workspace.runner.run(check_gate, kpis=kpis, gate=asdict(rule))
    result = gate_of(workspace, gate)
    return Judged(kpis=kpis, gate=gate, text=f"{result.verdict}: {result.reason}")


def gate_of(workspace: Workspace, gate: Artifact) -> GateResult:
    """The verdict that a gate artifact holds."""
    return build(GateResult, json.loads(workspace.blobs.get(gate.digest)), subject=gate.id)


def kpis_of(workspace: Workspace, kpis: Artifact, which: str = "report") -> tuple[Kpi, ...]:
    """The KPIs that an artifact holds: `report` or `gate`."""
    told = json.loads(workspace.blobs.get(kpis.digest))
    return tuple(build(Kpi, row, subject=kpis.id) for row in told[which])


def _prediction_rows(
    ids: Sequence[str], found: Sequence[Detections], scale: np.ndarray, model: str
) -> pa.Table:
    rows: dict[str, list[Any]] = {name: [] for name in PREDICTIONS.names}
    for frame, seen, factor in zip(ids, found, scale, strict=True):
        boxes = seen.boxes * np.tile(factor, 2)
        for place in range(len(seen.scores)):
            x, y, w, h = (float(value) for value in boxes[place])
            values = (
                f"{frame}/{model}/{place:03d}", frame, model, seen.categories[place],
                float(seen.scores[place]), x, y, w, h, seen.light_states[place],
            )  # fmt: skip
            for name, value in zip(PREDICTIONS.names, values, strict=True):
                rows[name].append(value)
    return pa.table(rows, schema=PREDICTIONS)


def _score_rows(ids: Sequence[str], found: Sequence[Detections]) -> pa.Table:
    return pa.table(
        {
            "frame_id": list(ids),
            "uncertainty": [float(seen.uncertainty) for seen in found],
            "boxes": [int((seen.scores >= COUNTED_SCORE).sum()) for seen in found],
            "vector": [seen.embedding.tolist() for seen in found],
        },
        schema=SCORES,
    )
