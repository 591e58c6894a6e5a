"""Labelling orders: placed, with their tasks, pre-labels and priorities; paused and closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from ringroad.curate import selection as selections
from ringroad.domain.errors import InputError, InvalidConfig, UnknownName
from ringroad.domain.ids import FrameId
from ringroad.domain.order import LabelOrder, OrderMove
from ringroad.domain.selection import Selection
from ringroad.label.looks import LooksPolicy
from ringroad.label.settling import Settling
from ringroad.label.tasks import identified, in_turns, lots_of, opening
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.label.beginning import allowed_prelabels, left_out
from ringroad.pipelines.label.records import batch_rows
from ringroad.pipelines.workspace import Workspace
from ringroad.plugins import CONSENSUS, LOOKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order as it stands in the catalog."""

    order: LabelOrder
    frames: int
    tasks: int
    """That were opened; 0 where the same order was placed before."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Category -> pre-labels on its frames that its guideline refuses: nobody begins with them."""


def place_order(
    workspace: Workspace,
    order: LabelOrder,
    *,
    assigned_to: Sequence[str] = (),
    priorities: Mapping[FrameId, float] | None = None,
) -> Placed:
    """Open the tasks of an order, in one transaction. Placing it again changes nothing.

    Args:
        workspace: where.
        order: what is wanted; its id and time are filled in here.
        assigned_to: annotators who take turns at the looks; anybody may take them without.
        priorities: of frames; those without have 0, and go in the order of the selection.

    Raises:
        UnknownName: no policy, consensus, selection or batch of pre-labels is called so.
        InvalidConfig: the policy or the consensus does not take these options.
        InputError: the selection holds no frame.
        TaskMoved: another order has that name.
        UsageError: there are fewer annotators than looks.
    """
    now_ns = workspace.clock.now_ns()
    policy = policy_of(order)
    settling_of(order)
    if order.prelabels is not None:
        batch_rows(workspace, order.prelabels)
    frames = ordered_frames(workspace, order)
    placed, known = _placed(workspace, order, now_ns)
    fewer = placed.prelabels != order.prelabels
    refused = left_out(workspace, order, frames) if fewer else {}
    if known:
        return Placed(order=placed, frames=len(frames), tasks=0, left_out=refused)
    turns = in_turns(frames, assigned_to, looks=policy.first) if assigned_to else None
    tasks = opening(placed, frames, first=policy.first, priorities=priorities, assigned=turns)
    ordered = OrderMove(
        order=placed,
        event="ordered",
        at_ns=now_ns,
        actor=placed.by,
        detail={"frames": len(frames), "tasks": len(tasks)},
    )
    workspace.catalog.change_labels([ordered, *lots_of(placed, frames), *tasks], now_ns=now_ns)
    return Placed(order=placed, frames=len(frames), tasks=len(tasks), left_out=refused)


def turn_order(workspace: Workspace, name: str, state: str, *, by: str = "") -> LabelOrder:
    """Pause an order, let it go on, or close it. Raises UnknownName."""
    order = replace(workspace.catalog.order(name), state=state)
    now_ns = workspace.clock.now_ns()
    move = OrderMove(order=order, event=state, at_ns=now_ns, actor=by)
    workspace.catalog.change_labels([move], now_ns=now_ns)
    return order


def priorities_from(workspace: Workspace, name: str, column: str) -> dict[FrameId, float]:
    """Frame -> priority, out of an artifact of scores such as mining makes.

    Raises:
        UnknownName: there is no such artifact.
        InputError: its rows have no frames, or no numbers in that column.
    """
    table = table_of(workspace, workspace.find(name))
    numbers = column in table.column_names and (
        pa.types.is_floating(table.schema.field(column).type)
        or pa.types.is_integer(table.schema.field(column).type)
    )
    if not numbers or "frame_id" not in table.column_names:
        raise InputError(
            f"has no numbers by frame in a column {column!r}",
            subject=name,
            remedy=f"its columns: {', '.join(table.column_names)}",
        )
    pairs = zip(table.column("frame_id").to_pylist(), table.column(column).to_pylist(), strict=True)
    return {FrameId(frame): float(value) for frame, value in pairs if value is not None}


def ordered_frames(workspace: Workspace, order: LabelOrder) -> tuple[FrameId, ...]:
    """The frames of an order, in order. Raises InputError where there are none."""
    artifact = workspace.catalog.artifact(order.selection)
    if artifact.kind != selections.KIND:
        raise UnknownName(
            f"is of kind {artifact.kind!r}, wanted is a selection",
            subject=order.selection,
            remedy="ringroad selections list",
        )
    found: Selection = selections.from_bytes(workspace.blobs.get(artifact.digest))
    if not found.frames:
        raise InputError("the selection holds no frame", subject=order.name)
    return found.frames


def policy_of(order: LabelOrder) -> LooksPolicy:
    """Who says how many looks. Raises UnknownName, InvalidConfig."""
    policy: LooksPolicy = _made(LOOKS.load(order.looks), order.looks_options, order, "looks")
    return policy


def settling_of(order: LabelOrder) -> Settling:
    """How answers become one. Raises UnknownName, InvalidConfig."""
    made: Settling = _made(
        CONSENSUS.load(order.consensus), order.consensus_options, order, "consensus"
    )
    return made


def _made(kind: Any, options: Mapping[str, object], order: LabelOrder, place: str) -> Any:
    try:
        return kind(**options)
    except (TypeError, ValueError) as error:
        raise InvalidConfig(
            str(error), subject=f"order {order.name}", place=f"{place} {getattr(order, place)}"
        ) from error


def _placed(workspace: Workspace, order: LabelOrder, now_ns: int) -> tuple[LabelOrder, bool]:
    """The order with its id and what people begin with; whether it was placed before.

    One that was placed when pre-labels were taken as they came stays as it is.
    """
    found = identified(order)
    if not _is_known(workspace, found):
        found = identified(allowed_prelabels(workspace, order))
    if _is_known(workspace, found):
        return workspace.catalog.order(found.id), True
    return replace(found, created_ns=now_ns), False


def _is_known(workspace: Workspace, order: LabelOrder) -> bool:
    try:
        return workspace.catalog.order(order.id).id == order.id
    except UnknownName:
        return False
