"""Lots turn: inspected when they are drawn, accepted or sent back when they are inspected.

It is worked out after each answer, in a transaction of its own: whoever comes last finds the lot
ready. If nobody got that far, the next to look does it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringroad.domain.errors import TaskMoved
from ringroad.domain.ids import FrameId
from ringroad.domain.order import ACCEPTED, INSPECTING, LabelLot, LabelOrder
from ringroad.domain.task import LabelTask
from ringroad.label.lots import LotFrames, turned
from ringroad.pipelines.workspace import Workspace


def turn_lot(workspace: Workspace, order: LabelOrder, number: int) -> LabelLot | None:
    """Move one lot on as far as it goes; None where there is no such lot."""
    while True:
        lot = next((x for x in workspace.catalog.lots(order.id) if x.number == number), None)
        if lot is None or lot.state == ACCEPTED or not _ready(workspace, lot):
            return lot
        now_ns = workspace.clock.now_ns()
        records = turned(order, lot, _frames(workspace, order, number), at_ns=now_ns)
        if not records:
            return lot
        try:
            workspace.catalog.change_labels(records, now_ns=now_ns)
        except TaskMoved:
            continue  # somebody else moved it on


def turn_lots(workspace: Workspace, order: LabelOrder) -> Sequence[LabelLot]:
    """Move all lots of an order on, and return them."""
    for lot in workspace.catalog.lots(order.id):
        turn_lot(workspace, order, lot.number)
    return workspace.catalog.lots(order.id)


def _ready(workspace: Workspace, lot: LabelLot) -> bool:
    """Cheap and often: whether all frames of a lot are settled."""
    if lot.state == INSPECTING:
        return True
    count = workspace.catalog.frame_count(lot.order, lot=lot.number)
    return count.settled == count.frames


def _frames(workspace: Workspace, order: LabelOrder, number: int) -> LotFrames:
    tasks: dict[FrameId, list[LabelTask]] = {}
    for task in workspace.catalog.tasks(order=order.id, lot=number):
        tasks.setdefault(task.frame, []).append(task)
    heads = workspace.catalog.heads(tasks)
    return LotFrames(tasks=tasks, batches={frame: head.batch for frame, head in heads.items()})
