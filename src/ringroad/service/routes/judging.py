"""Evaluations, gates and plans: how good it is, may it pass, what it was built into."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Response

from ringroad.deploy.plan import read_manifest
from ringroad.domain.artifact import Artifact, Execution
from ringroad.pipelines.evaluate.run_kpis import weights_by_network
from ringroad.pipelines.finding import dataset_of, find_named
from ringroad.pipelines.histories import (
    EVALUATION,
    GATE,
    KPI_KINDS,
    MODEL_KINDS,
    PLAN,
    kpis_in,
    makers_of,
    models_behind,
    names_of,
    verdict_in,
)
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.learn import (
    BuildPlan,
    CheckGate,
    EvaluateModel,
    EvaluationItem,
    EvaluationTold,
    GateItem,
    GateTold,
    ParityItem,
    PlanItem,
    PlanTold,
)
from ringroad.service.state import Here, Service

router = router_of("validate")
Id = Annotated[str, Path(max_length=300)]
ALL = "all"


@router.get("/evaluations")
def list_evaluations(here: Here, response: Response, asked: Paging) -> PageOf[EvaluationItem]:
    """KPIs, newest first, with the one of all categories on all frames."""
    return PageOf[EvaluationItem](
        **fields(page(here, {"list": "evaluations"}, asked, lambda: _listed(here, "kpis"))),
        cli=say_cli(response, command("workflows", "list", "--step", EVALUATION)),
    )


@router.get("/evaluations/{id}")
def show_evaluation(here: Here, response: Response, id: Id) -> EvaluationTold:
    """All KPIs of one evaluation, by category and slice, with their intervals."""
    artifact = find_named(here.workspace, id, ("kpis",), prefix="")
    made = makers_of(here.workspace, EVALUATION)
    return EvaluationTold(
        evaluation=_evaluation(here, artifact, made.get(artifact.id)),
        kpis=kpis_in(here.workspace, artifact),
        cli=say_cli(response, command("lineage", artifact.id)),
    )


@router.post("/evaluations", status_code=202, responses=ACCEPTED)
def evaluate_model(here: Here, who: Who, response: Response, body: EvaluateModel) -> Any:
    """Score a model version on the test rows of a dataset version."""
    find_named(here.workspace, body.model, MODEL_KINDS, prefix="")
    dataset_of(here.workspace, body.dataset)
    cli = command(
        "evaluate", "--model", body.model, "--truth", body.dataset,
        "--confidence", f"{body.confidence:g}",
    )  # fmt: skip
    return accepted(here, who, response, "evaluate-model", body, cli=cli)


@router.get("/gates")
def list_gates(here: Here, response: Response, asked: Paging) -> PageOf[GateItem]:
    """Verdicts, newest first, with their reasons."""
    return PageOf[GateItem](
        **fields(page(here, {"list": "gates"}, asked, lambda: _listed(here, "gate"))),
        cli=say_cli(response, command("workflows", "list", "--step", GATE)),
    )


@router.get("/gates/{id}")
def show_gate(here: Here, response: Response, id: Id) -> GateTold:
    """One verdict, its reason, and the frames that decided."""
    artifact = find_named(here.workspace, id, ("gate",), prefix="")
    made = makers_of(here.workspace, GATE)
    return GateTold(
        gate=_gate(here, artifact, made.get(artifact.id)),
        cli=say_cli(response, command("lineage", artifact.id)),
    )


@router.post("/gates", status_code=202, responses=ACCEPTED)
def check_gate(here: Here, who: Who, response: Response, body: CheckGate) -> Any:
    """Hold KPIs against a rule, which is frozen by this."""
    find_named(here.workspace, body.kpis, KPI_KINDS, prefix="")
    cli = command("gate", "check", "GATE.toml", "--kpis", body.kpis)
    return accepted(here, who, response, "check-gate", body, cli=cli)


@router.get("/plans", tags=["deploy"])
def list_plans(here: Here, response: Response, asked: Paging) -> PageOf[PlanItem]:
    """Every plan, newest first, with what was measured of it."""
    return PageOf[PlanItem](
        **fields(page(here, {"list": "plans"}, asked, lambda: _listed(here, "plan"))),
        cli=say_cli(response, command("plans", "list")),
    )


@router.get("/plans/{id}", tags=["deploy"])
def show_plan(here: Here, response: Response, id: Id) -> PlanTold:
    """What a plan is bound to, and every figure that was measured of it."""
    artifact = find_named(here.workspace, id, ("plan",), prefix="plan")
    made = makers_of(here.workspace, PLAN)
    return PlanTold(
        plan=_plan(here, artifact, made.get(artifact.id)),
        cli=say_cli(response, command("plans", "show", artifact.id)),
    )


@router.post("/plans", status_code=202, responses=ACCEPTED, tags=["deploy"])
def build_plan(here: Here, who: Who, response: Response, body: BuildPlan) -> Any:
    """Build a plan of a model version for the server's machine."""
    find_named(here.workspace, body.model, MODEL_KINDS, prefix="")
    cli = command("plans", "build", body.model, "--on", body.on, "--threads", str(body.threads))
    return accepted(here, who, response, "build-plan", body, cli=cli)


def _listed(here: Service, kind: str) -> Pinned:
    """Artifacts of a kind, told when their page is; what is measured of them may grow."""
    told, step = {
        "kpis": (_evaluation, EVALUATION),
        "gate": (_gate, GATE),
        "plan": (_plan, PLAN),
    }[kind]
    made = makers_of(here.workspace, step)
    return pinned_of(
        here.workspace.catalog.artifacts(kind)[::-1],
        key=lambda item: item.id,
        tell=lambda item: told(here, item, made.get(item.id)),
    )


def _evaluation(here: Service, artifact: Artifact, made: Execution | None) -> EvaluationItem:
    inputs = dict(made.inputs) if made is not None else {}
    said = [at for role, at in inputs.items() if role.startswith("predictions")]
    models = models_behind(here.workspace, said)
    trained = weights_by_network(here.workspace)
    versions = sorted({trained.get(at, at) for at in models})
    names = names_of(here.workspace)
    rows = kpis_in(here.workspace, artifact)
    whole = [row for row in rows if (row.category, row.slice) == (ALL, ALL)]
    return EvaluationItem(
        id=artifact.id,
        dataset=inputs.get("dataset"),
        models=models,
        made_ns=made.ended_ns if made is not None else None,
        headline=next(iter(whole), None),
        versions=versions,
        names=[name for at in versions for name in names.get(at, ())],
    )


def _gate(here: Service, artifact: Artifact, made: Execution | None) -> GateItem:
    return GateItem(
        id=artifact.id,
        kpis=made.inputs.get("kpis") if made is not None else None,
        made_ns=made.ended_ns if made is not None else None,
        result=verdict_in(here.workspace, artifact),
    )


def _plan(here: Service, artifact: Artifact, made: Execution | None) -> PlanItem:
    manifest, parity = None, None
    if made is not None and "manifest" in made.outputs:
        at = here.workspace.catalog.artifact(made.outputs["manifest"])
        manifest = read_manifest(here.workspace.blobs.get(at.digest))
    if made is not None and "parity" in made.outputs:
        parity = _parity(
            here.workspace.json(here.workspace.catalog.artifact(made.outputs["parity"]))
        )
    names = names_of(here.workspace)
    return PlanItem(
        id=artifact.id,
        manifest=manifest,
        measurements=here.workspace.catalog.measurements(artifact.id),
        names=() if manifest is None else names.get(manifest.model, ()),
        parity=parity,
        made_ns=None if made is None else made.ended_ns,
    )


def _parity(told: dict[str, Any]) -> ParityItem | None:
    """The worst of all outputs."""
    outputs = told["outputs"]
    if not outputs:
        return None
    return ParityItem(
        frames=told["frames"],
        cosine=min(row["cosine"] for row in outputs),
        max_relative=max(row["max_relative"] for row in outputs),
    )
