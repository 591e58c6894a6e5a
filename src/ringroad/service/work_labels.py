"""What operations on labelling do: checked bodies to pipelines to plain values. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.pipelines.finding import find_named
from ringroad.pipelines.histories import MODEL_KINDS
from ringroad.pipelines.label_prelabels import prelabelled
from ringroad.pipelines.label_wanted import place_wanted
from ringroad.pipelines.named_models import model_of
from ringroad.pipelines.scope import named_selection
from ringroad.pipelines.workspace import Workspace
from ringroad.service.wanted import wanted_of

Body = Mapping[str, Any]


def place_order(workspace: Workspace, body: Body) -> dict[str, Any]:
    """Place an order; a model that is named sees the frames first."""
    begin = None
    if body["model"]:
        artifact = find_named(workspace, body["model"], MODEL_KINDS, prefix="")
        known = workspace.catalog.resolve(body["model"]) is not None
        model = model_of(workspace, body["model"] if known else artifact.id)
        selection = named_selection(workspace, body["selection"])
        pots = body["honeypot_share"] > 0
        begin = prelabelled(
            workspace, model, selection, min_score=body["min_score"], honeypots=pots
        ).id
    placed = place_wanted(workspace, wanted_of(body, body["by"]), prelabels=begin)
    return {
        "order": placed.order.name,
        "id": placed.order.id,
        "frames": placed.frames,
        "tasks": placed.tasks,
    }
