"""What operations on labelling do: checked bodies to pipelines to plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.domain.ids import ArtifactId
from ringroad.pipelines.label.wanted import place_wanted
from ringroad.pipelines.workspace import Workspace
from ringroad.service.wanted import wanted_of

Body = Mapping[str, Any]


def place_order(
    workspace: Workspace, body: Body, *, prelabels: ArtifactId | None = None
) -> dict[str, Any]:
    """Place an order, with pre-labels where somebody made them."""
    placed = place_wanted(workspace, wanted_of(body, body["by"]), prelabels=prelabels)
    return {
        "order": placed.order.name,
        "id": placed.order.id,
        "frames": placed.frames,
        "tasks": placed.tasks,
        "left_out": dict(placed.left_out),
    }
