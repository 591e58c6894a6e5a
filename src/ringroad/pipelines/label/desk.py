"""What leads and reviewers do: verdicts, assignments, priorities, gold answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ringroad.domain.errors import StaleRevision, TaskMoved, UnknownName, UsageError
from ringroad.domain.ids import FrameId
from ringroad.domain.revision import GoldAnswer
from ringroad.domain.task import REVIEW, LabelTask, TaskMove
from ringroad.label import moves
from ringroad.label.frame_flow import rework_of
from ringroad.label.moves import Hand
from ringroad.pipelines.label.lots import turn_lot
from ringroad.pipelines.label.settling import follow
from ringroad.pipelines.label.turns import IDLE_NS, check_name, held_task
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.catalog import Record

ATTEMPTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A verdict, and the task that mends what it rejects."""

    task: str
    accepted: bool
    again: bool
    """It was given before, and nothing was written."""
    rework: str = ""


def review(
    workspace: Workspace,
    task: str,
    token: int,
    *,
    by: str,
    accept: bool,
    comments: Sequence[str] = (),
    idle_ns: int = IDLE_NS,
) -> Reviewed:
    """Accept annotations, or send them back with comments.

    Raises:
        UsageError: it is no review, or a rejection without a comment.
        LeaseLost: somebody else has the task, or it was answered otherwise.
    """
    note = "\n".join(comments)
    found = workspace.catalog.task(task)
    if found.kind != REVIEW:
        raise UsageError(
            f"it is a task to {found.kind}, not to review",
            subject=f"task {found.id}",
            remedy="ringroad labels submit FILE",
        )
    if not accept and not note.strip():
        raise UsageError("a rejection without a comment", remedy="say what is wrong: --comment")
    given = (found.annotator, bool(found.score), found.note)
    if found.annotator and given == (by, accept, note):
        return Reviewed(task=found.id, accepted=accept, again=True)
    order = workspace.catalog.order(found.order)

    def moved() -> tuple[list[TaskMove], str]:
        held = held_task(workspace, found.id, token, by)
        same = workspace.catalog.tasks(order=order.id, frame=held.frame)
        now_ns = workspace.clock.now_ns()
        hand = Hand(who=by, at_ns=now_ns, token=token, idle_ns=idle_ns)
        others = [item for item in same if item.id != held.id]
        score = 1.0 if accept else 0.0
        written = moves.answered(held, others, hand, answer=None, score=score, note=note)
        if accept or held.about is None:
            return written, ""
        mend = rework_of(held, others, held.about, note=note)
        return [*written, moves.opened(mend, because="rejected", at_ns=now_ns)], mend.id

    rework = _patient(workspace, moved)
    if found.lot >= 0:
        turn_lot(workspace, order, found.lot)
    return Reviewed(task=found.id, accepted=accept, again=False, rework=rework)


def assign(workspace: Workspace, task: str, to: str, *, by: str = "") -> LabelTask:
    """Give a task to one person alone, or to anybody; whoever holds it loses it.

    Raises:
        UsageError: that person had another look at the frame.
        TaskMoved: it is done or cancelled.
    """
    if to:
        check_name(to)
    found = workspace.catalog.task(task)
    held = {
        item.annotator or item.holder
        for item in workspace.catalog.tasks(order=found.order, frame=found.frame)
        if item.id != found.id
    }
    if to and to in held:
        raise UsageError(
            f"{to} has another look at this frame",
            subject=f"task {found.id}",
            remedy="assign it to somebody else: looks are blind to each other",
        )
    return _changed(workspace, moves.assigned(found, to, _lead(workspace, by)))


def prioritise(workspace: Workspace, task: str, priority: float, *, by: str = "") -> LabelTask:
    """Move a task up or down the queue. Raises TaskMoved where it is done or cancelled."""
    found = workspace.catalog.task(task)
    return _changed(workspace, moves.reprioritised(found, priority, _lead(workspace, by)))


def cancel(workspace: Workspace, task: str, *, by: str = "", reason: str) -> LabelTask:
    """Want a task no more; a frame that waited for it alone goes on.

    Raises:
        TaskMoved: it is done or cancelled.
    """
    found = workspace.catalog.task(task)
    order = workspace.catalog.order(found.order)
    for _ in range(ATTEMPTS):
        hand = _lead(workspace, by)
        move = moves.cancelled(workspace.catalog.task(found.id), hand, reason)
        same = workspace.catalog.tasks(order=order.id, frame=found.frame)
        after = [move.task if item.id == found.id else item for item in same]
        outcome = follow(workspace, order, move.task, after, hand, fresh={})
        try:
            workspace.catalog.change_labels(
                [move, *outcome.records],
                artifacts=outcome.made,
                batches=outcome.batches,
                now_ns=hand.at_ns,
            )
        except (TaskMoved, StaleRevision):
            continue
        if found.lot >= 0:
            turn_lot(workspace, order, found.lot)
        return move.task
    raise TaskMoved("others were always faster", subject=f"task {found.id}")


def promote(
    workspace: Workspace, frame: FrameId, *, by: str, reason: str = "", revision: int | None = None
) -> GoldAnswer:
    """Declare annotations of a frame right, as a person who has looked at them.

    Args:
        workspace: where.
        frame: whose annotations.
        by: the person.
        reason: why they are sure.
        revision: which; the current ones without.

    Raises:
        UnknownName: the frame has no such revision.
    """
    check_name(by)
    known = workspace.catalog.revisions(frame)
    wanted = [item for item in known if revision in (None, item.number)]
    if not wanted:
        raise UnknownName(
            f"has no revision {revision}" if known else "has no annotations",
            subject=frame,
            remedy=f"ringroad labels revisions {frame}",
        )
    now_ns = workspace.clock.now_ns()
    gold = GoldAnswer(
        frame=frame,
        batch=wanted[-1].batch,
        guideline=wanted[-1].guideline,
        by=by,
        reason=reason,
        made_ns=now_ns,
    )
    workspace.catalog.change_labels([gold], now_ns=now_ns)
    return gold


def withdraw(workspace: Workspace, frame: FrameId, *, by: str, reason: str = "") -> None:
    """Take back that the annotations of a frame are right. Raises UnknownName."""
    known = workspace.catalog.gold().get(frame)
    if known is None:
        raise UnknownName("has no gold answer", subject=frame, remedy="ringroad labels gold list")
    now_ns = workspace.clock.now_ns()
    gone = replace(known, batch=None, by=by, reason=reason, made_ns=now_ns)
    workspace.catalog.change_labels([gone], now_ns=now_ns)


def _lead(workspace: Workspace, by: str) -> Hand:
    return Hand(who=by, at_ns=workspace.clock.now_ns(), idle_ns=IDLE_NS)


def _changed(workspace: Workspace, move: TaskMove) -> LabelTask:
    workspace.catalog.change_labels([move], now_ns=move.at_ns)
    return move.task


def _patient(workspace: Workspace, moved: Callable[[], tuple[Sequence[Record], str]]) -> str:
    """Write moves that are worked out anew where others moved what they were made from."""
    for _ in range(ATTEMPTS):
        records, told = moved()
        try:
            workspace.catalog.change_labels(records, now_ns=workspace.clock.now_ns())
        except TaskMoved:
            continue
        return told
    raise TaskMoved("others were always faster", remedy="try again")
