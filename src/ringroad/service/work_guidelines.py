"""What the operation on guidelines does: a stored guideline comes to count under its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringroad.domain.errors import AliasMoved
from ringroad.pipelines.label import guidelines
from ringroad.pipelines.workspace import Workspace


def change_guideline(workspace: Workspace, body: Mapping[str, Any]) -> dict[str, Any]:
    """Make it, or let annotations under the version before get new revisions, and then the name.

    Raises:
        AliasMoved: the guideline is at another version than the one that was seen.
    """
    found, _ = guidelines.guideline_named(workspace, body["version"])
    if body["expected"] is None:
        kept = guidelines.create_guideline(workspace, found, reason=body["reason"])
        return {"name": found.name, "version": kept.digest, "frames": 0}
    preview = guidelines.preview_change(
        workspace, found.name, found, body["map"], unnamed=body["unnamed"]
    )
    if preview.before != body["expected"]:
        raise AliasMoved(
            f"is at {preview.before}, not {body['expected']}",
            subject=f"guideline:{found.name}",
            place=preview.before,
            remedy="look at what it would change again",
        )
    kept = guidelines.apply_change(
        workspace, preview, found, author=body["by"], reason=body["reason"]
    )
    return {"name": found.name, "version": kept.digest, "frames": len(preview.frames)}
