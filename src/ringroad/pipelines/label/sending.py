"""What is sent to a labelling tool: frames with or without annotations, and what may be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ringroad.domain.errors import UnknownName
from ringroad.domain.order import LabelOrder
from ringroad.domain.taxonomy import Guideline
from ringroad.label.formats.tool_form import Choices
from ringroad.pipelines.label.export import (
    Leaving,
    categories_of,
    current_of,
    frames_leaving,
    leaving_of,
)
from ringroad.pipelines.label.orders import ordered_frames
from ringroad.pipelines.label.records import batch_rows, guideline_of
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Going:
    """Frames that go, and what a guideline lets people say of them."""

    leaving: Leaving
    choices: Choices = field(default_factory=dict)


def going_of(workspace: Workspace, what: str) -> Going:
    """What a name stands for.

    Args:
        workspace: where from.
        what: a labelling order: its frames, its pre-labels (the current annotations where it has
            none) and the categories of its guideline; a selection: all its frames, with what
            annotations they have; or as `label_export.leaving_of`.

    Raises:
        UnknownName: nothing is called so, or it holds no annotations.
        InputError: it holds no frames.
    """
    try:
        order = workspace.catalog.order(what)
    except UnknownName:
        known = workspace.catalog.resolve(f"selection:{what}")
        if known is None:
            return Going(leaving=leaving_of(workspace, what))
        artifact = workspace.catalog.artifact(known)
        frames = workspace.json(artifact)["frames"]
        return Going(leaving=current_of(workspace, artifact.id, frames, bare=True))
    return _ordered(workspace, order)


def _ordered(workspace: Workspace, order: LabelOrder) -> Going:
    frames = ordered_frames(workspace, order)
    if order.prelabels is None:
        leaving = current_of(workspace, order.name, frames, bare=True)
    else:
        rows = batch_rows(workspace, order.prelabels)
        batch = workspace.catalog.artifact(order.prelabels)
        leaving = frames_leaving(
            workspace, order.name, frames, [rows], categories_of(rows), [batch]
        )
    guideline = guideline_of(workspace, order.guideline)
    if guideline is None:
        return Going(leaving=leaving)
    names = guideline.taxonomy.names
    more = [name for name in leaving.categories if name not in names]
    return Going(leaving=replace(leaving, categories=(*names, *more)), choices=_choices(guideline))


def _choices(guideline: Guideline) -> dict[str, Mapping[str, tuple[str, ...]]]:
    return {item.name: item.attributes for item in guideline.taxonomy.categories}
