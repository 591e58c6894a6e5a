"""Which KPIs a model version has, and training runs beside each other. Computes no KPI."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ringroad.domain.artifact import Execution
from ringroad.domain.config import build
from ringroad.domain.ids import ArtifactId
from ringroad.domain.kpi import Kpi
from ringroad.pipelines.finding import executions_at
from ringroad.pipelines.histories import (
    EVALUATION,
    EXPORT,
    MOST,
    TRAINING,
    TrainingRun,
    kpis_in,
    models_behind,
    names_of,
)
from ringroad.pipelines.workspace import Workspace

ALL = "all"
PREDICTION = "predict_recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """KPIs of one model version on one dataset version."""

    evaluation: ArtifactId
    made_ns: int
    dataset: ArtifactId
    models: tuple[ArtifactId, ...]
    """Versions that were trained or imported; several where they answer alike, none where
    predictions came from elsewhere."""


Known = Callable[[str, Callable[[], "Scored"]], "Scored"]
"""Finds what is known of an execution already, or makes it."""


def scores_of(workspace: Workspace, *, known: Known) -> list[Scored]:
    """Every evaluation with the model versions behind it, newest first.

    Equal KPIs are one artifact, whatever they were made of: each execution counts by itself. Who
    answers like a known model later is not among those that were told before.
    """

    @cache
    def trained() -> Mapping[ArtifactId, ArtifactId]:
        return weights_by_network(workspace)  # asked for only where something is not known yet

    def told(made: Execution) -> Scored:
        def make() -> Scored:
            networks = models_behind(workspace, _said(made))
            return _scored(made, tuple(trained().get(at, at) for at in networks))

        return known(made.id, make)

    found = workspace.catalog.executions(EVALUATION, limit=MOST)
    return [told(made) for made in sorted(found, key=lambda item: -item.ended_ns)]


def weights_by_network(workspace: Workspace) -> dict[ArtifactId, ArtifactId]:
    """Exported network -> the weights that it was made from."""
    return {
        made.outputs["onnx"]: made.inputs["model"]
        for made in workspace.catalog.executions(EXPORT, limit=MOST)
    }


def scores_behind(workspace: Workspace, model: ArtifactId) -> list[Scored]:
    """The evaluations of one model version, newest first; found along its lineage alone."""
    networks = [
        made.outputs["onnx"] for made in executions_at(workspace, model, EXPORT, direction="in")
    ]
    answers = {
        made.outputs["predictions"]
        for network in (model, *networks)
        for made in executions_at(workspace, network, PREDICTION, direction="in")
    }
    found = {
        made.id: made
        for at in answers
        for made in executions_at(workspace, at, EVALUATION, direction="in")
    }
    mine = [_scored(made, (model,)) for made in found.values() if answers.issuperset(_said(made))]
    return sorted(mine, key=lambda one: -one.made_ns)


def by_model(scores: Iterable[Scored]) -> dict[ArtifactId, list[Scored]]:
    """Model version -> its evaluations, in the order given."""
    found: dict[ArtifactId, list[Scored]] = {}
    for one in scores:
        for model in one.models:
            found.setdefault(model, []).append(one)
    return found


def kpi_of(
    workspace: Workspace,
    evaluation: ArtifactId,
    *,
    metric: str,
    category: str = ALL,
    slice_: str = ALL,
) -> Kpi | None:
    """One KPI of an evaluation; None where it has no such one."""
    artifact = workspace.catalog.artifact(evaluation)
    wanted = {"metric": metric, "category": category, "slice": slice_}
    for row in workspace.json(artifact)["gate"]:  # built is the one that is wanted alone
        if all(row[name] == value for name, value in wanted.items()):
            return build(Kpi, row, subject=artifact.id)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One figure of several training runs."""

    metric: str
    category: str
    slice: str
    values: tuple[Kpi | None, ...]
    """In the order of the runs; None where a run was not evaluated there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Training runs beside each other."""

    parameters: Mapping[str, tuple[Any, ...]]
    """Those that differ, with the seed and the dataset."""
    equal: Mapping[str, Any]
    dataset: ArtifactId | None
    """On whose test rows the KPIs are: where most of the runs were evaluated, of those the last."""
    evaluations: tuple[ArtifactId | None, ...]
    kpis: tuple[Beside, ...]


def compare(
    workspace: Workspace,
    runs: Sequence[TrainingRun],
    mine: Mapping[ArtifactId, Sequence[Scored]],
) -> Comparison:
    """Training runs beside each other: what differs in their parameters, and their KPIs.

    Args:
        workspace: where they are.
        runs: in the order in which they stand.
        mine: model version -> its evaluations, newest first.
    """
    flat = [flat_parameters(run) for run in runs]
    names = sorted({name for part in flat for name in part})
    columns = {name: tuple(part.get(name) for part in flat) for name in names}
    differ = {name: one for name, one in columns.items() if any(v != one[0] for v in one[1:])}
    dataset = _common(runs, mine)
    chosen = [_on(mine.get(run.model, ()), dataset) for run in runs]
    return Comparison(
        parameters=differ,
        equal={name: one[0] for name, one in columns.items() if name not in differ},
        dataset=dataset,
        evaluations=tuple(chosen),
        kpis=tuple(_beside(workspace, chosen)),
    )


def flat_parameters(run: TrainingRun) -> dict[str, Any]:
    """Parameters of a run with those of its network, its seed and its dataset: `network.width`."""
    found: dict[str, Any] = {"seed": run.execution.key.seed, "dataset": run.dataset}
    for name, value in run.execution.key.parameters.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{part}": inner for part, inner in value.items()}
        else:
            found[name] = value
    return found


def run_of(workspace: Workspace, id: str) -> TrainingRun | None:
    """One training run by its id or that of its model version; None where there is none."""
    made = workspace.catalog.execution(id)  # type: ignore[arg-type]  # whatever was asked for
    if made is None:
        edges = workspace.catalog.edges(artifact=ArtifactId(id))
        found = [workspace.catalog.execution(e.execution) for e in edges if e.direction == "out"]
        made = next((item for item in found if item and item.key.step in TRAINING), None)
    if made is None or made.key.step not in TRAINING:
        return None
    model = made.outputs.get("model") or made.outputs["onnx"]
    return TrainingRun(
        execution=made,
        model=model,
        dataset=made.inputs.get("dataset"),
        names=names_of(workspace).get(model, ()),
    )


def _said(made: Execution) -> list[ArtifactId]:
    """The predictions that an evaluation scored."""
    return [at for role, at in made.inputs.items() if role.startswith("predictions")]


def _scored(made: Execution, models: tuple[ArtifactId, ...]) -> Scored:
    return Scored(
        evaluation=made.outputs["result"],
        made_ns=made.ended_ns,
        dataset=made.inputs["dataset"],
        models=models,
    )


def _common(
    runs: Sequence[TrainingRun], mine: Mapping[ArtifactId, Sequence[Scored]]
) -> ArtifactId | None:
    """The dataset version on which most runs were evaluated; of several the one used last."""
    counts: dict[ArtifactId, tuple[int, int]] = {}
    for run in runs:
        last = {one.dataset: one.made_ns for one in reversed(mine.get(run.model, ()))}
        for dataset, made_ns in last.items():
            many, newest = counts.get(dataset, (0, 0))
            counts[dataset] = (many + 1, max(newest, made_ns))
    return max(counts, key=lambda at: counts[at]) if counts else None


def _on(scores: Sequence[Scored], dataset: ArtifactId | None) -> ArtifactId | None:
    return next((one.evaluation for one in scores if one.dataset == dataset), None)


def _beside(workspace: Workspace, chosen: Sequence[ArtifactId | None]) -> Iterable[Beside]:
    tables = [
        {}
        if at is None
        else {
            (row.metric, row.category, row.slice): row
            for row in kpis_in(workspace, workspace.catalog.artifact(at))
        }
        for at in chosen
    ]
    for metric, category, slice_ in dict.fromkeys(key for table in tables for key in table):
        values = tuple(table.get((metric, category, slice_)) for table in tables)
        yield Beside(metric=metric, category=category, slice=slice_, values=values)
