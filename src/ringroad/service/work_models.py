"""What operations on models do: checked bodies to pipelines to plain values. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.domain.kpi import Gate
from ringroad.pipelines.finding import dataset_of, find_named
from ringroad.pipelines.gating import pass_gate
from ringroad.pipelines.histories import MODEL_KINDS
from ringroad.pipelines.looks import look_again
from ringroad.pipelines.named_models import model_of
from ringroad.pipelines.plan_build import build as build_plan
from ringroad.pipelines.scope import scope_of
from ringroad.pipelines.scoring import score_model
from ringroad.pipelines.workspace import Workspace

Body = Mapping[str, Any]
Result = dict[str, Any]


def evaluate_model(workspace: Workspace, body: Body) -> Result:
    """Score a model version on the test rows of a dataset version."""
    kpis = score_model(
        workspace,
        model_of(workspace, _model(workspace, body["model"])),
        dataset_of(workspace, body["dataset"]),
        categories=body["categories"],
        confidence=body["confidence"],
        seed=body["seed"],
        who=body["who"],
    )
    return {"evaluation": kpis.id}


def check_gate(workspace: Workspace, body: Body) -> Result:
    """Hold KPIs against a rule."""
    rule = Gate(**{name: body[name] for name in Gate.__slots__})
    kpis = find_named(workspace, body["kpis"], ("kpis",), prefix="")
    look_again(workspace, kpis, why=f"gate {rule.name}", who=body["who"])
    made, result = pass_gate(workspace, kpis, rule)
    return {"gate": made.id, "verdict": str(result.verdict), "reason": result.reason}


def make_plan(workspace: Workspace, body: Body) -> Result:
    """Build a plan for this machine."""
    chosen = model_of(workspace, _model(workspace, body["model"]))
    made = build_plan(workspace, chosen, scope_of(workspace, body["on"]), threads=body["threads"])
    return {"plan": made["plan"].id}


def _model(workspace: Workspace, name: str) -> str:
    """A model version's alias or id: a name that comes from elsewhere never means a file here."""
    artifact = find_named(workspace, name, MODEL_KINDS, prefix="")
    return name if workspace.catalog.resolve(name) is not None else artifact.id
