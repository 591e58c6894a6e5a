"""Long work on selections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.pipelines.curate.scope import frames_named
from ringroad.pipelines.curate.unlike import ALL, drop_alike
from ringroad.pipelines.workspace import Workspace


def thin_selection(workspace: Workspace, body: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a selection without its near-duplicates under another name."""
    name = body["name"]
    found = drop_alike(
        workspace,
        name,
        None if name == ALL else frames_named(workspace, name),
        radius=body["radius"],
        space="",
        within_recording=body["within_recording"],
        save=body["save"],
        seed=0,
        against=body["against"],
    )
    return {
        "selection": found.selection.id,
        "before": found.before,
        "after": found.after,
        "alike_within": found.alike_within,
        "alike_before": found.alike_before,
        "without_embedding": found.unseen,
        "effective_before": found.diversity_before.vendi,
        "effective_after": found.diversity_after.vendi,
    }
