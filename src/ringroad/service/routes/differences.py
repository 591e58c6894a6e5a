"""By how much a candidate is better than the champion, on the test rows of one dataset version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Response

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import ArtifactId
from ringroad.evaluate.compare import standing
from ringroad.pipelines.evaluate.run_kpis import weights_by_network
from ringroad.pipelines.finding import dataset_of, executions_at, find_named
from ringroad.pipelines.histories import (
    COMPARISON,
    DIFFERENCES,
    MODEL_KINDS,
    kpis_in,
    models_behind,
    names_of,
)
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.judged import (
    CompareEvaluations,
    EvaluationDifference,
    EvaluationDifferenceTold,
)
from ringroad.service.state import Here, Service

router = router_of("validate")
Id = Annotated[str, Path(max_length=300)]


@router.get("/evaluation-differences")
def list_evaluation_differences(
    here: Here, response: Response, asked: Paging
) -> PageOf[EvaluationDifference]:
    """Evaluations that were compared, newest first."""

    def make() -> Pinned:
        trained = weights_by_network(here.workspace)
        return pinned_of(
            here.workspace.catalog.artifacts(DIFFERENCES)[::-1],
            key=lambda item: item.id,
            tell=lambda item: _item(here, item, trained),
        )

    return PageOf[EvaluationDifference](
        **fields(page(here, {"list": "evaluation-differences"}, asked, make)),
        cli=say_cli(response, command("workflows", "list", "--step", COMPARISON)),
    )


@router.get("/evaluation-differences/{id}")
def show_evaluation_difference(here: Here, response: Response, id: Id) -> EvaluationDifferenceTold:
    """The differences of two evaluations by category and slice, with their intervals."""
    artifact = find_named(here.workspace, id, (DIFFERENCES,), prefix="")
    item = _item(here, artifact, weights_by_network(here.workspace))
    pair = [next(iter(models), "") for models in (item.champion, item.candidate)]
    cli = command("lineage", id)
    if all(pair):
        cli = command("experiments", "difference", *pair, "--truth", item.dataset)
    return EvaluationDifferenceTold(difference=item, cli=say_cli(response, cli))


@router.post("/evaluation-differences", status_code=202, responses=ACCEPTED)
def compare_evaluations(here: Here, who: Who, response: Response, body: CompareEvaluations) -> Any:
    """Resample the units of both evaluations together; a look at their test rows."""
    for name in (body.champion, body.candidate):
        find_named(here.workspace, name, ("kpis", *MODEL_KINDS), prefix="")
    words = [body.champion, body.candidate]
    if body.dataset is not None:
        dataset_of(here.workspace, body.dataset)
        words += ["--truth", body.dataset]
    cli = command("experiments", "difference", *words, "--seed", str(body.seed))
    return accepted(here, who, response, "compare-evaluations", body, cli=cli)


def _item(
    here: Service, artifact: Artifact, trained: Mapping[ArtifactId, ArtifactId]
) -> EvaluationDifference:
    made = executions_at(here.workspace, artifact.id, COMPARISON, direction="out")[0]
    names = names_of(here.workspace)

    def told(side: str) -> tuple[ArtifactId, ...]:
        said = [at for role, at in made.inputs.items() if role.startswith(side)]
        found = models_behind(here.workspace, said)
        return tuple(sorted({trained.get(at, at) for at in found}))

    champion, candidate = told("champion"), told("candidate")
    kpis = kpis_in(here.workspace, artifact)
    return EvaluationDifference(
        id=artifact.id,
        made_ns=made.ended_ns,
        champion=champion,
        candidate=candidate,
        champion_names=[name for at in champion for name in names.get(at, ())],
        candidate_names=[name for at in candidate for name in names.get(at, ())],
        dataset=made.inputs["dataset"],
        kpis=kpis,
        standings=[standing(kpi) for kpi in kpis],
        worse=here.workspace.json(artifact)["worst"],
    )
