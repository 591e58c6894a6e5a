"""Labelling orders in the words of people: names become ids, and what it would cost is told first.

Places nothing: `label_orders` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.order import LabelOrder, LotPlan
from ringroad.domain.task import DRAWN
from ringroad.domain.time import SECOND_NS
from ringroad.label.answers import marks_in
from ringroad.label.cost import CostModel
from ringroad.label.progress import ANSWERED
from ringroad.label.tasks import in_turns
from ringroad.pipelines.curate.scope import named_selection
from ringroad.pipelines.label.beginning import left_out
from ringroad.pipelines.label.guidelines import guideline_named
from ringroad.pipelines.label.orders import (
    Placed,
    ordered_frames,
    place_order,
    policy_of,
    priorities_from,
    settling_of,
)
from ringroad.pipelines.label.records import batch_rows
from ringroad.pipelines.workspace import Workspace

ENOUGH_ANSWERS = 20
"""Answers from which on the time that they took says more than an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOrder:
    """An order by names."""

    name: str
    selection: str
    guideline: str = ""
    """Name or version; anything may be drawn without."""
    looks: str = "fixed"
    looks_options: Mapping[str, object] = field(default_factory=dict)
    consensus: str = "marks"
    prelabels: str = ""
    """A batch of annotations to begin with."""
    priority: str = ""
    """`SCORES` or `SCORES#COLUMN`."""
    lots: LotPlan | None = None
    review_share: float = 0.0
    honeypot_share: float = 0.0
    annotators: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    in_turns: bool = False
    """Annotators take turns, not whoever comes first."""
    seed: int = 0
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPreview:
    """What an order would open, and about what it takes. Nothing of it has happened."""

    name: str
    frames: int
    looks: int
    """That each frame gets at first."""
    tasks: int
    boxes_per_frame: float | None
    """To begin with, or as annotated now; None where nobody knows."""
    seconds_per_look: float
    hours: float
    """Of the first looks; further ones, adjudication and review come on top."""
    cost: float | None
    basis: str
    """Where the seconds come from."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Category -> pre-labels that the guideline refuses; those of a network are not made yet."""


def order_of(
    workspace: Workspace, wanted: WantedOrder, *, prelabels: ArtifactId | None = None
) -> LabelOrder:
    """The order with ids in place of names. Raises UnknownName, InvalidConfig."""
    version = guideline_named(workspace, wanted.guideline)[1].digest if wanted.guideline else ""
    begin = workspace.find(wanted.prelabels).id if wanted.prelabels else prelabels
    return LabelOrder(
        id="",
        name=wanted.name,
        selection=named_selection(workspace, wanted.selection).id,
        guideline=version,
        looks=wanted.looks,
        looks_options=wanted.looks_options,
        consensus=wanted.consensus,
        prelabels=begin,
        priority=wanted.priority,
        lots=wanted.lots,
        review_share=wanted.review_share,
        honeypot_share=wanted.honeypot_share,
        annotators=tuple(sorted(wanted.annotators)),
        reviewers=tuple(sorted(wanted.reviewers)),
        seed=wanted.seed,
        by=wanted.by,
        reason=wanted.reason,
    )


def place_wanted(
    workspace: Workspace, wanted: WantedOrder, *, prelabels: ArtifactId | None = None
) -> Placed:
    """Place an order.

    Args:
        workspace: where.
        wanted: what.
        prelabels: what annotators begin with, where it was just made.

    Raises:
        UnknownName, InvalidConfig, InputError, TaskMoved, UsageError: as `place_order`.
    """
    return place_order(
        workspace,
        order_of(workspace, wanted, prelabels=prelabels),
        assigned_to=wanted.annotators if wanted.in_turns else (),
        priorities=_priorities(workspace, wanted.priority),
    )


def preview_order(
    workspace: Workspace, wanted: WantedOrder, *, per_hour: float | None = None
) -> OrderPreview:
    """What `place_wanted` would open, and what it costs. Runs no network, writes nothing.

    Raises:
        UnknownName, InvalidConfig, InputError, UsageError: as `place_wanted`.
    """
    order = order_of(workspace, wanted)
    first = policy_of(order).first
    settling_of(order)
    frames = ordered_frames(workspace, order)
    if wanted.in_turns:
        in_turns(frames, wanted.annotators, looks=first)
    _priorities(workspace, wanted.priority)
    boxes = _boxes(workspace, order, frames)
    seconds, basis = _seconds(workspace, boxes)
    hours = seconds * first * len(frames) / 3600.0
    return OrderPreview(
        name=order.name,
        frames=len(frames),
        looks=first,
        tasks=first * len(frames),
        boxes_per_frame=boxes,
        seconds_per_look=seconds,
        hours=hours,
        cost=None if per_hour is None else per_hour * hours,
        basis=basis,
        left_out=left_out(workspace, order, frames),
    )


def _priorities(workspace: Workspace, priority: str) -> dict[FrameId, float] | None:
    scores, _, column = priority.partition("#")
    return priorities_from(workspace, scores, column or "uncertainty") if scores else None


def _boxes(workspace: Workspace, order: LabelOrder, frames: tuple[FrameId, ...]) -> float | None:
    """Annotations on a frame: of those to begin with, else of those that there are now."""
    if order.prelabels is not None:
        rows = batch_rows(workspace, order.prelabels)
        mine = rows.filter(pc.is_in(rows["frame_id"], value_set=pa.array(frames, pa.string())))
        return marks_in(mine) / len(frames)
    heads = workspace.catalog.heads(frames)
    if not heads:
        return None
    known = 0
    for batch in {head.batch for head in heads.values()}:
        rows = batch_rows(workspace, batch)
        mine = [frame for frame, head in heads.items() if head.batch == batch]
        held = pc.is_in(rows["frame_id"], value_set=pa.array(mine, pa.string()))
        known += marks_in(rows.filter(held))
    return known / len(heads)


def _seconds(workspace: Workspace, boxes: float | None) -> tuple[float, str]:
    """How long a look takes: as measured here, else as assumed.

    Answers that took no time, as those of simulated annotators, measure nothing.
    """
    work = [
        item
        for item in workspace.catalog.work()
        if item.event == ANSWERED and item.kind in DRAWN and item.active_ns > 0
    ]
    times = sum(item.times for item in work)
    if times >= ENOUGH_ANSWERS:
        spent = sum(item.active_ns for item in work) / SECOND_NS
        return spent / times, f"mean of {times} answers in this workspace"
    model = CostModel()
    seconds = model.seconds_per_look + model.seconds_per_box * (boxes or 0.0)
    each = f"{model.seconds_per_look:g} s a look and {model.seconds_per_box:g} s a box"
    return seconds, f"assumed: {each}" + ("" if boxes is not None else ", boxes unknown")
