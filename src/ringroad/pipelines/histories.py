"""What was trained, evaluated, gated and built, each with what it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringroad.domain.artifact import Artifact, Execution
from ringroad.domain.config import build
from ringroad.domain.ids import ArtifactId
from ringroad.domain.kpi import GateResult, Kpi
from ringroad.pipelines.workspace import Workspace

MODEL_KINDS = ("model", "onnx")
"""As `registry.KINDS`, which stands behind torch: who reads lists needs none of it."""
TRAINING = ("train_network", "train_by_command")
IMPORTS = ("import_network", "import_weights")
EVALUATION, GATE, PLAN, EXPORT = "evaluate_split", "check_gate", "make_plan", "export_network"
COMPARISON = "compare_evaluations"
DIFFERENCES = "kpi-differences"
KPI_KINDS = ("kpis", DIFFERENCES)
"""What a gate may be held against."""
MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """One run of a trainer."""

    execution: Execution
    model: ArtifactId
    dataset: ArtifactId | None
    names: tuple[str, ...]
    """Aliases that point at the model."""


def runs_of(workspace: Workspace, steps: Sequence[str]) -> list[Execution]:
    """Executions of some steps, newest first."""
    found = [item for step in steps for item in workspace.catalog.executions(step, limit=MOST)]
    return sorted(found, key=lambda item: (-item.started_ns, item.id))


def training_runs(workspace: Workspace) -> list[TrainingRun]:
    """Every training run, newest first."""
    names = names_of(workspace)
    return [
        TrainingRun(
            execution=item,
            model=model,
            dataset=item.inputs.get("dataset"),
            names=names.get(model, ()),
        )
        for item in runs_of(workspace, TRAINING)
        if (model := item.outputs.get("model") or item.outputs.get("onnx")) is not None
    ]


def curve_of(workspace: Workspace, run: TrainingRun) -> list[Mapping[str, Any]]:
    """The figures of each epoch; none where the user's own trainer ran."""
    at = run.execution.outputs.get("curve")
    return [] if at is None else list(workspace.json(workspace.catalog.artifact(at)))


def model_versions(workspace: Workspace) -> Iterator[tuple[ArtifactId, int, tuple[str, ...]]]:
    """Each model version, its size and its names; exported copies only where they have a name."""
    names = names_of(workspace)
    exported = {at for made in runs_of(workspace, (EXPORT,)) for at in made.outputs.values()}
    for kind in MODEL_KINDS:
        for item in workspace.catalog.artifacts(kind):
            if item.id not in exported or item.id in names:
                yield item.id, item.size_bytes, names.get(item.id, ())


def makers_of(workspace: Workspace, step: str) -> dict[ArtifactId, Execution]:
    """Output -> the newest execution of a step that made it."""
    found: dict[ArtifactId, Execution] = {}
    for item in workspace.catalog.executions(step, limit=MOST):
        for at in item.outputs.values():
            found.setdefault(at, item)
    return found


def kpis_in(workspace: Workspace, kpis: Artifact) -> tuple[Kpi, ...]:
    """The KPIs of an artifact that a gate may be held against; as `validate.kpis_of`, no torch."""
    return tuple(build(Kpi, row, subject=kpis.id) for row in workspace.json(kpis)["gate"])


def verdict_in(workspace: Workspace, gate: Artifact) -> GateResult:
    """The verdict of an artifact; as `validate.gate_of`, without torch."""
    return build(GateResult, workspace.json(gate), subject=gate.id)


def names_of(workspace: Workspace) -> dict[ArtifactId, tuple[str, ...]]:
    """Artifact -> the aliases that point at it, sorted."""
    found: dict[ArtifactId, list[str]] = {}
    for name, at in workspace.catalog.names().items():
        found.setdefault(at, []).append(name)
    return {at: tuple(sorted(names)) for at, names in found.items()}


def models_behind(
    workspace: Workspace, predictions: Sequence[ArtifactId]
) -> tuple[ArtifactId, ...]:
    """The networks that made predictions, all of them; none where they came from elsewhere.

    Several where networks answered alike: equal answers are one artifact.
    """
    found: set[ArtifactId] | None = None
    for at in predictions:
        mine = {
            made.inputs["network"]
            for edge in workspace.catalog.edges(artifact=at)
            if edge.direction == "out"
            and (made := workspace.catalog.execution(edge.execution)) is not None
            and "network" in made.inputs
        }
        found = mine if found is None else found & mine
        if len(found) < 2:
            break
    return tuple(sorted(found or ()))
