"""Training runs and model versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from ringroad.domain.artifact import Execution
from ringroad.domain.errors import UnknownName
from ringroad.domain.time import SECOND_NS
from ringroad.pipelines.finding import find_named
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
from ringroad.service.door import command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.learn import ModelItem, ModelTold, TrainingRunItem, TrainingRunTold
from ringroad.service.state import Here

router = router_of("train")
Id = Annotated[str, Path(max_length=300)]


@router.get("/training-runs")
def list_training_runs(here: Here, response: Response, asked: Paging) -> PageOf[TrainingRunItem]:
    """Every training run, newest first."""

    def make() -> Pinned:
        items = [_run(item) for item in training_runs(here.workspace)]
        return pinned_of(items, key=lambda item: f"{item.id} {item.names}")

    return PageOf[TrainingRunItem](
        **fields(page(here, {"list": "training-runs"}, asked, make)),
        cli=say_cli(response, command("workflows", "list", "--step", TRAINING[0])),
    )


@router.get("/training-runs/{id}")
def show_training_run(here: Here, response: Response, id: Id) -> TrainingRunTold:
    """One training run, by its id or that of its model version, with its curve."""
    for run in training_runs(here.workspace):
        if id in {run.execution.id, run.model}:
            return TrainingRunTold(
                run=_run(run),
                curve=curve_of(here.workspace, run),
                inputs=dict(run.execution.inputs),
                cli=say_cli(response, command("models", "show", run.model)),
            )
    raise UnknownName("no training run has this id", subject=id)


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


def _run(run: TrainingRun) -> TrainingRunItem:
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
    )
