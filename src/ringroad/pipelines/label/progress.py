"""Progress, cost and lots of labelling orders, as values to print."""

from __future__ import annotations

from collections.abc import Sequence

from ringroad.domain.order import CLOSED, LabelLot
from ringroad.domain.time import SECOND_NS
from ringroad.label import progress as figures
from ringroad.label.progress import AnnotatorCost, Progress
from ringroad.pipelines.label.lots import turn_lots
from ringroad.pipelines.workspace import Workspace

WINDOW_NS = 24 * 3600 * SECOND_NS


def progress_of(workspace: Workspace, name: str, *, window_ns: int = WINDOW_NS) -> Progress:
    """How far an order is, and when it ends at the pace of the last day. Raises UnknownName."""
    catalog = workspace.catalog
    order = catalog.order(name)
    now_ns = workspace.clock.now_ns()
    return figures.progress(
        catalog.frame_count(order.id),
        catalog.task_counts(order=order.id),
        catalog.work(order=order.id),
        catalog.work(order=order.id, since_ns=now_ns - window_ns),
        now_ns=now_ns,
        window_ns=window_ns,
        closed=order.state == CLOSED,
    )


def costs_of(
    workspace: Workspace, name: str = "", *, per_hour: float | None = None
) -> list[AnnotatorCost]:
    """What each annotator did for one order, or for all. Raises UnknownName."""
    order = workspace.catalog.order(name).id if name else ""
    work = workspace.catalog.work(order=order)
    return figures.costs(work, workspace.catalog.scores(order=order), per_hour=per_hour)


def lots_of(workspace: Workspace, name: str) -> Sequence[LabelLot]:
    """The lots of an order, moved on as far as they go. Raises UnknownName."""
    return turn_lots(workspace, workspace.catalog.order(name))
