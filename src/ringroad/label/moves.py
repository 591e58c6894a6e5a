"""What people do to tasks, as moves: answer, skip, assign, cancel. Nothing here writes anything.

A move is checked by the catalog against the version it was made from; whoever was too late reads
again. Looks at one frame are blind: an answer bars its author from every other open task of the
frame, so that nobody has both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ringroad.domain.errors import TaskMoved, UsageError
from ringroad.domain.ids import ArtifactId
from ringroad.domain.task import (
    ADJUDICATE,
    CANCELLED,
    DONE,
    DRAW,
    DRAWN,
    HONEYPOT,
    OPEN,
    PARKED,
    REVIEW,
    LabelTask,
    TaskMove,
)

MOST_SKIPS = 3
"""A task that was skipped so often waits for a person to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who does something, when, and under which lease."""

    who: str
    at_ns: int
    token: int = 0
    idle_ns: int = 0


def answered(
    task: LabelTask,
    others: Sequence[LabelTask],
    hand: Hand,
    *,
    answer: ArtifactId | None,
    marks: int = 0,
    score: float | None = None,
    note: str = "",
) -> list[TaskMove]:
    """The task is done; its author is barred from the frame's other open tasks.

    Args:
        task: as it was read.
        others: the other tasks of its frame in its order, as they were read.
        hand: whose answer it is.
        answer: the batch; none for a review.
        marks: annotations in it.
        score: of a honeypot or a review.
        note: what a review says.
    """
    done = replace(
        task,
        state=DONE,
        annotator=hand.who,
        answer=answer,
        marks=marks,
        score=score,
        note=note or task.note,
        version=task.version + 1,
    )
    told: dict[str, object] = {"accepted": bool(score), "note": note}
    detail = {"answer": answer} if answer else told
    moves = [_move(done, "answered", hand, ends_lease=True, detail=detail)]
    if task.kind == HONEYPOT:
        return moves
    return moves + [barring(other, hand) for other in others if _open_to(other, hand.who)]


def barring(task: LabelTask, hand: Hand) -> TaskMove:
    """Keep somebody from a task; a lease they have on it ends."""
    barred = tuple(sorted({*task.barred, hand.who}))
    kept = replace(task, barred=barred, version=task.version + 1)
    if kept.assigned == hand.who:
        kept = replace(kept, assigned="")
    return _move(
        kept,
        "barred",
        replace(hand, token=0),
        ends_lease=task.holder == hand.who,
        detail={"who": hand.who, "because": "had another task of the frame"},
    )


def skipped(task: LabelTask, hand: Hand, reason: str) -> TaskMove:
    """Back into the queue for others; parked when it was skipped too often.

    Raises:
        UsageError: nobody said why.
    """
    if not reason.strip():
        raise UsageError("a skip without a reason", subject=f"task {task.id}", remedy="say why")
    skips = task.skips + 1
    back = replace(
        task,
        skips=skips,
        state=PARKED if skips >= MOST_SKIPS else OPEN,
        barred=tuple(sorted({*task.barred, hand.who})),
        assigned="",
        note=reason,
        version=task.version + 1,
    )
    return _move(back, "skipped", hand, ends_lease=True, detail={"reason": reason})


def assigned(task: LabelTask, to: str, hand: Hand) -> TaskMove:
    """A task for one person alone, or for anybody where `to` is empty; a lease on it ends.

    Raises:
        TaskMoved: it is done or cancelled.
        UsageError: that person had another look at the frame.
    """
    _still_wanted(task)
    if to in task.barred:
        raise UsageError(
            f"{to} had another task of this frame, or skipped this one",
            subject=f"task {task.id}",
            remedy="assign it to somebody else: looks are blind to each other",
        )
    changed = replace(task, assigned=to, state=OPEN, version=task.version + 1)
    ends = task.holder not in ("", to)
    return _move(changed, "assigned", hand, ends_lease=ends, detail={"to": to})


def reprioritised(task: LabelTask, priority: float, hand: Hand) -> TaskMove:
    """Earlier or later in the queue. Raises TaskMoved where it is done or cancelled."""
    _still_wanted(task)
    changed = replace(task, priority=priority, version=task.version + 1)
    return _move(changed, "priority", hand, detail={"priority": priority})


def cancelled(task: LabelTask, hand: Hand, reason: str) -> TaskMove:
    """Wanted no more. Raises TaskMoved where it is done or cancelled."""
    _still_wanted(task)
    gone = replace(task, state=CANCELLED, note=reason, version=task.version + 1)
    return _move(gone, "cancelled", hand, ends_lease=True, detail={"reason": reason})


def opened(task: LabelTask, *, because: str, at_ns: int) -> TaskMove:
    """A task that follows by rule."""
    return TaskMove(task=task, event="opened", at_ns=at_ns, detail={"because": because})


def hands(tasks: Sequence[LabelTask]) -> tuple[str, ...]:
    """Everybody who answered one of these tasks of a frame, reviews aside, by name."""
    drawn = (*DRAWN, HONEYPOT)
    return tuple(sorted({t.annotator for t in tasks if t.state == DONE and t.kind in drawn}))


def _open_to(task: LabelTask, who: str) -> bool:
    """Whether a task of the same frame could still come to somebody who must not have it."""
    return (
        task.state in (OPEN, PARKED)
        and task.kind in (DRAW, ADJUDICATE, REVIEW)
        and who not in task.barred
    )


def _still_wanted(task: LabelTask) -> None:
    if task.state in (DONE, CANCELLED):
        by = f" by {task.annotator}" if task.annotator else ""
        raise TaskMoved(f"it is {task.state}{by}", subject=f"task {task.id}")


def _move(
    task: LabelTask,
    event: str,
    hand: Hand,
    *,
    ends_lease: bool = False,
    detail: Mapping[str, object] | None = None,
) -> TaskMove:
    return TaskMove(
        task=task,
        event=event,
        at_ns=hand.at_ns,
        actor=hand.who,
        detail=detail or {},
        token=hand.token,
        ends_lease=ends_lease,
        idle_ns=hand.idle_ns,
    )
