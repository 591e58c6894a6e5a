"""Tuning studies and their trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Path, Response

from ringroad.domain.ids import ArtifactId
from ringroad.domain.study import DONE, FAILED, Trial
from ringroad.domain.time import SECOND_NS
from ringroad.pipelines.finding import dataset_of
from ringroad.pipelines.histories import names_of
from ringroad.pipelines.train.studies import Study, spans_of, studies, study_of
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.tune import (
    StartStudy,
    StudyItem,
    StudySearch,
    StudyTold,
    TrialItem,
)
from ringroad.service.state import Here
from ringroad.tune.config import study_of as checked
from ringroad.tune.influence import influences

router = router_of("train")
Names = Mapping[ArtifactId, tuple[str, ...]]
Spans = Mapping[int, tuple[int, int]]


@router.get("/studies")
def list_studies(here: Here, response: Response, asked: Paging) -> PageOf[StudyItem]:
    """Every tuning study, the one in which something happened last first."""

    def make() -> Pinned:
        names = names_of(here.workspace)
        items = [_study(one, names, {}) for one in studies(here.workspace)]
        return pinned_of(items, key=lambda item: item.model_dump_json())

    return PageOf[StudyItem](
        **fields(page(here, {"list": "studies"}, asked, make)),
        cli=say_cli(response, command("studies", "list")),
    )


@router.post("/studies", status_code=202, responses=ACCEPTED)
def start_study(here: Here, who: Who, response: Response, body: StartStudy) -> Any:
    """Run a study: train and judge networks with the parameters that it searches.

    Trials are judged by the validation rows of the dataset version; no test row is looked at.
    """
    given = body.model_dump(mode="json", exclude_none=True)
    checked(given, subject=body.name)
    dataset_of(here.workspace, body.dataset)
    line = command("tune", f"{body.name}.toml")
    return accepted(here, who, response, "run-study", body, cli=line, more=given)


@router.get("/studies/{id}")
def show_study(
    here: Here, response: Response, id: Annotated[str, Path(max_length=300)]
) -> StudyTold:
    """One study by its name or id: its trials, and how its figure goes with each parameter."""
    study = study_of(here.workspace, id)
    names, spans = names_of(here.workspace), spans_of(here.workspace, study)
    searched = study.config.search
    return StudyTold(
        study=_study(study, names, spans),
        trials=[_trial(trial, names, spans) for trial in study.trials],
        search={name: StudySearch(**asdict(one)) for name, one in searched.items()},
        train={
            name: value
            for name, value in asdict(study.config.train).items()
            if name not in searched
        },
        influences=influences(study.trials, sorted(searched)),
        cli=say_cli(response, command("studies", "show", study.name)),
    )


def _study(study: Study, names: Names, spans: Spans) -> StudyItem:
    config = study.config
    return StudyItem(
        id=study.id,
        name=study.name,
        state=study.state,
        dataset=study.dataset,
        dataset_name=config.dataset,
        **asdict(config.metric),
        sampler=config.sampler,
        seed=config.seed,
        searched=sorted(config.search),
        wanted=study.wanted,
        done=study.count(DONE),
        failed=study.count(FAILED),
        best=None if study.best is None else _trial(study.best, names, spans),
        moved_ns=study.moved_ns,
    )


def _trial(trial: Trial, names: Names, spans: Spans) -> TrialItem:
    span = spans.get(trial.number)
    return TrialItem(
        number=trial.number,
        state=trial.state,
        parameters=trial.parameters,
        kpi=trial.kpi,
        training=trial.training,
        model=trial.model,
        names=() if trial.model is None else names.get(trial.model, ()),
        reason=trial.reason,
        started_ns=None if span is None else span[0],
        seconds=None if span is None else (span[1] - span[0]) / SECOND_NS,
    )
