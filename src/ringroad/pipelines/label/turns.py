"""One annotator's turn: take a task, see what belongs to it, say that work goes on, give it back.

Looks are blind: what an annotator gets to see of a task to draw is the frame, the guideline and the
pre-labels, whatever others answered. A honeypot looks like any other task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ringroad.domain.errors import LeaseLost, UsageError
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.order import ACTIVE, LabelOrder
from ringroad.domain.task import (
    ADJUDICATE,
    DRAW,
    HONEYPOT,
    KINDS,
    OPEN,
    REVIEW,
    REWORK,
    LabelTask,
)
from ringroad.domain.taxonomy import Guideline
from ringroad.domain.time import SECOND_NS
from ringroad.label import moves
from ringroad.label.answers import marks_of
from ringroad.label.disputed import places_of
from ringroad.label.frame_flow import looks_done
from ringroad.label.moves import Hand
from ringroad.label.rows import Mark
from ringroad.pipelines.label.records import batch_frame_rows, guideline_of
from ringroad.pipelines.workspace import Workspace

LEASE_NS = 900 * SECOND_NS
"""How long a task is held without a sign of life."""
IDLE_NS = 120 * SECOND_NS
"""Longest stretch without a sign of life that counts as work."""
DRAWING = (DRAW, HONEYPOT, REWORK)
JUDGING = (ADJUDICATE, REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """All that the holder of a task is shown."""

    task: str
    token: int
    kind: str
    """What to do; a honeypot says `draw`."""
    frame: FrameId
    order: str
    """Name of the order."""
    expires_ns: int
    guideline: Guideline | None
    marks: tuple[Mark, ...]
    """What to begin with: pre-labels, or the annotations to review or to mend."""
    looks: tuple[tuple[Mark, ...], ...] = ()
    """To adjudicate: the answers, without names."""
    things: tuple[tuple[int, ...], ...] = ()
    """To adjudicate: what is one thing, by its place in each answer; -1 where one lacks it."""
    note: str = ""
    """Why it came back."""


def take(
    workspace: Workspace,
    annotator: str,
    *,
    kinds: Iterable[str] = KINDS,
    order: str = "",
    lease_ns: int = LEASE_NS,
) -> Turn | None:
    """Hold the next task that this annotator may have; None where there is none.

    Whoever holds one already gets the same again. Lists of annotators and reviewers in orders
    are kept to.

    Raises:
        UsageError: the annotator has no name, or a kind is unknown.
        UnknownName: no order is called so.
    """
    wanted = tuple(kinds)
    check_name(annotator)
    if unknown := sorted(set(wanted) - set(KINDS)):
        raise UsageError(f"no task is of kind {unknown[0]!r}", remedy=f"kinds: {', '.join(KINDS)}")
    orders = [workspace.catalog.order(order)] if order else _active(workspace)
    groups: dict[tuple[str, ...], tuple[str, ...]] = {}
    for some in (JUDGING, DRAWING):
        asked = tuple(kind for kind in some if kind in wanted)
        open_to = tuple(item.id for item in orders if _may(item, annotator, some))
        if asked and open_to:
            groups[open_to] = (*groups.get(open_to, ()), *asked)
    for open_to, asked in groups.items():
        found = workspace.catalog.take_task(
            annotator,
            kinds=asked,
            orders=open_to,
            now_ns=workspace.clock.now_ns(),
            ttl_ns=lease_ns,
        )
        if found is not None:
            return turn_of(workspace, found)
    return None


def beat(
    workspace: Workspace,
    task: str,
    token: int,
    *,
    lease_ns: int = LEASE_NS,
    idle_ns: int = IDLE_NS,
) -> int:
    """Say that work goes on; return until when the task is held. Raises LeaseLost."""
    held = workspace.catalog.beat_task(
        task, token, now_ns=workspace.clock.now_ns(), ttl_ns=lease_ns, idle_ns=idle_ns
    )
    return held.expires_ns


def skip(
    workspace: Workspace, task: str, token: int, *, by: str, reason: str, idle_ns: int = IDLE_NS
) -> LabelTask:
    """Give a task back for others, and say why; nobody gets it twice.

    Raises:
        UsageError: nobody said why.
        LeaseLost: the task is not theirs to skip.
    """
    found = held_task(workspace, task, token, by)
    now_ns = workspace.clock.now_ns()
    hand = Hand(who=by, at_ns=now_ns, token=token, idle_ns=idle_ns)
    move = moves.skipped(found, hand, reason)
    workspace.catalog.change_labels([move], now_ns=now_ns)
    return move.task


def turn_of(workspace: Workspace, task: LabelTask) -> Turn:
    """What the holder of a task is shown."""
    order = workspace.catalog.order(task.order)
    looks: tuple[tuple[Mark, ...], ...] = ()
    if task.kind == ADJUDICATE:
        same = workspace.catalog.tasks(order=task.order, frame=task.frame)
        looks = tuple(_nameless(_marks(workspace, it.answer, it.frame)) for it in looks_done(same))
    return Turn(
        task=task.id,
        token=task.token,
        kind=told_kind(task),
        frame=task.frame,
        order=order.name,
        expires_ns=task.expires_ns,
        guideline=guideline_of(workspace, order.guideline),
        marks=_to_begin_with(workspace, order, task),
        looks=looks,
        things=tuple(places_of(looks)),
        note=task.note if task.kind == REWORK else "",
    )


def held_task(workspace: Workspace, task: str, token: int, by: str) -> LabelTask:
    """The task under a lease that stands. Raises LeaseLost, which says who has it now."""
    found = workspace.catalog.task(task)
    if found.state == OPEN and token and (found.token, found.holder) == (token, by):
        return found
    if found.state != OPEN:
        by_whom = f" by {found.annotator}" if found.annotator else ""
        what = f"it is {found.state}{by_whom}"
    elif found.holder:
        what = f"{found.holder} has it" + (" under another token" if found.holder == by else "")
    else:
        what = "its lease was given back"
    raise LeaseLost(
        f"{by} with token {token} does not hold it: {what}",
        subject=f"task {found.id}",
        remedy="nothing was written; keep your answer and take a task again",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What an annotator could take now, counted."""

    held: LabelTask | None
    """The task under their lease."""
    open: Mapping[str, int]
    """Kind -> tasks. A honeypot counts as `draw`."""
    more: bool
    """Not all tasks were counted: there are very many."""


def waiting_for(
    workspace: Workspace, annotator: str, *, kinds: Iterable[str] = KINDS, most: int = 5000
) -> Waiting:
    """What waits for an annotator, of the first `most` open tasks of each active order."""
    wanted, now_ns = frozenset(kinds), workspace.clock.now_ns()
    mine = workspace.catalog.tasks(annotator=annotator, state=OPEN)
    held = next((it for it in mine if it.holder == annotator and it.expires_ns > now_ns), None)
    found: Counter[str] = Counter()
    more = False
    for order in _active(workspace):
        listed = workspace.catalog.tasks(order=order.id, state=OPEN, limit=most)
        more = more or len(listed) == most
        for task in listed:
            group = JUDGING if task.kind in JUDGING else DRAWING
            if task.kind in wanted and _may(order, annotator, group):
                found[told_kind(task)] += _is_free(task, annotator, now_ns)
    return Waiting(held=held, open={kind: n for kind, n in found.items() if n}, more=more)


def _is_free(task: LabelTask, annotator: str, now_ns: int) -> bool:
    others = task.holder not in ("", annotator) and task.expires_ns > now_ns
    return not others and task.assigned in ("", annotator) and annotator not in task.barred


def told_kind(task: LabelTask) -> str:
    """What a task says it is: a honeypot says `draw`."""
    return DRAW if task.kind == HONEYPOT else task.kind


def check_name(annotator: str) -> None:
    """Refuse who has no name. Raises UsageError."""
    if not annotator.strip() or annotator != annotator.strip() or "\n" in annotator:
        raise UsageError(f"{annotator!r} is no name of an annotator", remedy="say who: --by NAME")


def _active(workspace: Workspace) -> Sequence[LabelOrder]:
    return [item for item in workspace.catalog.orders() if item.state == ACTIVE]


def _may(order: LabelOrder, annotator: str, kinds: tuple[str, ...]) -> bool:
    allowed = order.reviewers if kinds == JUDGING else order.annotators
    return not allowed or annotator in allowed


def _to_begin_with(workspace: Workspace, order: LabelOrder, task: LabelTask) -> tuple[Mark, ...]:
    """Pre-labels; of a review or rework what it is about. A honeypot's answer stays hidden."""
    if task.kind in (REVIEW, REWORK):
        return _marks(workspace, task.about, task.frame)
    return () if task.kind == ADJUDICATE else _marks(workspace, order.prelabels, task.frame)


def _nameless(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Without ids: they name who drew."""
    return tuple(replace(mark, id="") for mark in marks)


def _marks(workspace: Workspace, batch: ArtifactId | None, frame: FrameId) -> tuple[Mark, ...]:
    if batch is None:
        return ()
    return tuple(marks_of(batch_frame_rows(workspace, batch, frame), frame))
