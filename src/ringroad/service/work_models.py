"""What operations on models do: checked bodies to pipelines to plain values. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.datasets.manifest import header_at
from ringroad.domain.kpi import Gate
from ringroad.pipelines.curate.scope import named_selection, scope_of
from ringroad.pipelines.datasets.looks import look_again
from ringroad.pipelines.deploy.plan_build import build as build_plan
from ringroad.pipelines.deploy.side_by_side import side_by_side
from ringroad.pipelines.evaluate.comparing_models import compare_named
from ringroad.pipelines.evaluate.gating import pass_gate
from ringroad.pipelines.evaluate.scoring import score_model
from ringroad.pipelines.finding import dataset_of, find_named
from ringroad.pipelines.histories import KPI_KINDS, MODEL_KINDS
from ringroad.pipelines.label.prelabels import prelabelled
from ringroad.pipelines.train.named_models import model_of
from ringroad.pipelines.train.training import train_version
from ringroad.pipelines.workspace import Workspace
from ringroad.service.work_labels import place_order

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


def compare_evaluations(workspace: Workspace, body: Body) -> Result:
    """Paired differences of two evaluations on the same test rows."""
    made = compare_named(
        workspace,
        body["champion"],
        body["candidate"],
        dataset=body["dataset"] or "",
        seed=body["seed"],
        who=body["who"],
    )
    return {"difference": made.id}


def check_gate(workspace: Workspace, body: Body) -> Result:
    """Hold KPIs against a rule."""
    rule = Gate(**{name: body[name] for name in Gate.__slots__})
    kpis = find_named(workspace, body["kpis"], KPI_KINDS, prefix="")
    look_again(workspace, kpis, why=f"gate {rule.name}", who=body["who"])
    made, result = pass_gate(workspace, kpis, rule)
    return {"gate": made.id, "verdict": str(result.verdict), "reason": result.reason}


def compare_models(workspace: Workspace, body: Body) -> Result:
    """Run a candidate beside the champion, and say where they differ."""
    truth = body["truth"]
    made = side_by_side(
        workspace,
        model_of(workspace, _model(workspace, body["candidate"])),
        model_of(workspace, _model(workspace, body["champion"])),
        scope_of(workspace, body["on"]),
        dataset=dataset_of(workspace, truth) if truth else None,
        threshold=body["threshold"],
        limit=body["limit"],
        who=body["who"],
    )
    return {"resimulation": made["resimulation"].id, "selection": made["disagreements"].id}


def train_network(workspace: Workspace, body: Body) -> Result:
    """Fit the reference network, and point NAME:candidate at what came out."""
    version, start = dataset_of(workspace, body["dataset"]), body["start_from"]
    size = None if body["width"] is None else (body["width"], body["height"])
    fitted = train_version(
        workspace,
        version,
        size=size,
        **{name: body[name] for name in (
            "channels", "stride", "epochs", "batch", "learning_rate", "threads", "seed")},
        start_from=model_of(workspace, _model(workspace, start)) if start else None,
    )  # fmt: skip
    name = body["name"] or header_at(workspace.blobs, version).name
    alias = f"{name}:candidate"
    workspace.point(alias, fitted.model, reason=f"trained on {body['dataset']} by {body['who']}")
    return {"model": fitted.model.id, "name": alias, "dataset": version.id,
            "frames": fitted.frames}  # fmt: skip


def make_plan(workspace: Workspace, body: Body) -> Result:
    """Build a plan for this machine."""
    chosen = model_of(workspace, _model(workspace, body["model"]))
    made = build_plan(workspace, chosen, scope_of(workspace, body["on"]), threads=body["threads"])
    return {"plan": made["plan"].id}


def prelabel_order(workspace: Workspace, body: Body) -> Result:
    """Place an order whose frames a model sees first."""
    model = model_of(workspace, _model(workspace, body["model"]))
    selection = named_selection(workspace, body["selection"])
    pots = body["honeypot_share"] > 0
    made = prelabelled(workspace, model, selection, min_score=body["min_score"], honeypots=pots)
    return place_order(workspace, body, prelabels=made.id)


def _model(workspace: Workspace, name: str) -> str:
    """A model version's alias or id: a name that comes from elsewhere never means a file here."""
    artifact = find_named(workspace, name, MODEL_KINDS, prefix="")
    return name if workspace.catalog.resolve(name) is not None else artifact.id
