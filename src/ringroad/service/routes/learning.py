"""Training runs and model versions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Response

from ringroad.domain.artifact import Execution
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId
from ringroad.domain.time import SECOND_NS
from ringroad.pipelines.evaluate.run_kpis import (
    Scored,
    by_model,
    compare,
    kpi_of,
    run_of,
    scores_behind,
    scores_of,
)
from ringroad.pipelines.finding import dataset_of, find_named
from ringroad.pipelines.histories import (
    IMPORTS,
    MODEL_KINDS,
    TRAINING,
    TrainingRun,
    curve_of,
    model_versions,
    names_of,
    training_runs,
)
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.problems import Declined
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.learn import (
    BesideItem,
    ComparisonTold,
    ModelItem,
    ModelTold,
    StartTraining,
    TrainingRunItem,
    TrainingRunTold,
)
from ringroad.service.state import Here, Service

router = router_of("train")
HEADLINE = "AP50"
LIST = command("experiments", "list")
Id = Annotated[str, Path(max_length=300)]


@router.get("/training-runs")
def list_training_runs(here: Here, response: Response, asked: Paging) -> PageOf[TrainingRunItem]:
    """Every training run, newest first, with its last loss and its newest KPI."""

    def make() -> Pinned:
        scores = _newest(here)
        return pinned_of(
            training_runs(here.workspace),
            key=lambda run: f"{run.execution.id} {run.names} {scores.get(run.model)}",
            tell=lambda run: _run(here, run, scores.get(run.model)),
        )

    return PageOf[TrainingRunItem](
        **fields(page(here, {"list": "training-runs"}, asked, make)),
        cli=say_cli(response, LIST),
    )


@router.get("/training-runs/comparison")
def compare_training_runs(
    here: Here,
    response: Response,
    run: Annotated[list[Annotated[str, Query(max_length=300)]], Query(min_length=1, max_length=20)],
) -> ComparisonTold:
    """Training runs beside each other: what differs in their parameters, and their KPIs."""
    found = [_found(here, at) for at in run]
    mine = {item.model: scores_behind(here.workspace, item.model) for item in found}
    told = compare(here.workspace, found, mine)
    return ComparisonTold(
        runs=[_run(here, item, _first(mine[item.model])) for item in found],
        parameters=told.parameters,
        equal=told.equal,
        dataset=told.dataset,
        evaluations=told.evaluations,
        kpis=[
            BesideItem(metric=row.metric, category=row.category, slice=row.slice, values=row.values)
            for row in told.kpis
        ],
        cli=say_cli(response, command("experiments", "compare", *run)),
    )


@router.post("/training-runs", status_code=202, responses=ACCEPTED)
def train_network(here: Here, who: Who, response: Response, body: StartTraining) -> Any:
    """Fit the reference network to the training rows of a dataset version."""
    dataset_of(here.workspace, body.dataset)
    if (body.width is None) != (body.height is None):
        raise Declined(
            "invalid-request", "a network has a width and a height", remedy="send both, or none"
        )
    words = ["train", body.dataset, *(["--name", body.name] if body.name else [])]
    for name in ("epochs", "batch", "learning_rate", "width", "height", "channels", "stride",
                 "threads", "seed"):  # fmt: skip
        value = getattr(body, name)
        words += [] if value is None else [f"--{name.replace('_', '-')}", str(value)]
    if body.start_from:
        find_named(here.workspace, body.start_from, MODEL_KINDS, prefix="")
        words += ["--start-from", body.start_from]
    return accepted(here, who, response, "train-network", body, cli=command(*words))


@router.get("/training-runs/{id}")
def show_training_run(here: Here, response: Response, id: Id) -> TrainingRunTold:
    """One training run, by its id or that of its model version, with its curve."""
    run = _found(here, id)
    return TrainingRunTold(
        run=_run(here, run, _first(scores_behind(here.workspace, run.model))),
        curve=curve_of(here.workspace, run),
        inputs=dict(run.execution.inputs),
        cli=say_cli(response, command("models", "show", run.model)),
    )


@router.get("/models")
def list_models(here: Here, response: Response, asked: Paging) -> PageOf[ModelItem]:
    """Every model version with its names."""

    def make() -> Pinned:
        items = [
            ModelItem(id=at, kind=at.partition(":")[0], size_bytes=size, names=names)
            for at, size, names in model_versions(here.workspace)
        ]
        return pinned_of(items, key=lambda item: f"{item.id} {item.names}")

    return PageOf[ModelItem](
        **fields(page(here, {"list": "models"}, asked, make)),
        cli=say_cli(response, command("models", "list")),
    )


@router.get("/models/{id}")
def show_model(here: Here, response: Response, id: Id) -> ModelTold:
    """One model version: what made it, its names and where they have been."""
    catalog = here.workspace.catalog
    artifact = find_named(here.workspace, id, MODEL_KINDS, prefix="")
    names = names_of(here.workspace).get(artifact.id, ())
    made = [
        run
        for edge in catalog.edges(artifact=artifact.id)
        if edge.direction == "out" and (run := catalog.execution(edge.execution)) is not None
    ]
    return ModelTold(
        model=ModelItem(
            id=artifact.id, kind=artifact.kind, size_bytes=artifact.size_bytes, names=names
        ),
        made_by=[
            {
                "execution": run.id,
                "step": run.key.step,
                "seed": run.key.seed,
                "parameters": dict(run.key.parameters),
                "inputs": dict(run.inputs),
            }
            for run in made
            if run.key.step in {*TRAINING, *IMPORTS}
        ],
        history=[move for name in names for move in catalog.history(name)],
        measurements=catalog.measurements(artifact.id),
        cli=say_cli(response, command("models", "show", id)),
    )


def _found(here: Service, id: str) -> TrainingRun:
    run = run_of(here.workspace, id)
    if run is None:
        raise UnknownName("no training run has this id", subject=id)
    return run


def _first(scores: Sequence[Scored]) -> ArtifactId | None:
    return scores[0].evaluation if scores else None


def _newest(here: Service) -> dict[ArtifactId, ArtifactId]:
    """Model version -> its newest evaluation, of all at once."""
    scores = scores_of(here.workspace, known=here.scored)
    return {model: found[0].evaluation for model, found in by_model(scores).items()}


def _run(here: Service, run: TrainingRun, evaluation: ArtifactId | None) -> TrainingRunItem:
    made: Execution = run.execution
    return TrainingRunItem(
        id=made.id,
        step=made.key.step,
        model=run.model,
        names=run.names,
        dataset=run.dataset,
        seed=made.key.seed,
        started_ns=made.started_ns,
        seconds=(made.ended_ns - made.started_ns) / SECOND_NS,
        parameters=dict(made.key.parameters),
        host=made.host,
        loss=here.known.get(f"loss {made.id}", lambda: _loss(here, run)),
        evaluation=evaluation,
        headline=None
        if evaluation is None
        else here.known.get(
            f"headline {evaluation}", lambda: kpi_of(here.workspace, evaluation, metric=HEADLINE)
        ),
    )


def _loss(here: Service, run: TrainingRun) -> float | None:
    curve = curve_of(here.workspace, run)
    last = curve[-1].get("loss") if curve else None
    return float(last) if isinstance(last, (int, float)) and math.isfinite(last) else None
