"""An answer comes in: checked, stored as a blob, and made true in one transaction.

With the answer go all that follows from it: who may not look at the frame any more, another look,
an adjudication or a review, and the new revision where the frame is settled. Of two answers to one
frame at the same time the second finds that the first moved what it read, and is worked out anew.
The same answer under the same token once more changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from ringroad.domain.annotation import HUMAN
from ringroad.domain.artifact import Artifact, Execution
from ringroad.domain.errors import StaleRevision, TaskMoved, UsageError
from ringroad.domain.ids import ArtifactId
from ringroad.domain.order import LabelOrder
from ringroad.domain.task import HONEYPOT, REVIEW, LabelTask, TaskMove
from ringroad.label import honeypots, moves
from ringroad.label.answers import checked_rows, marks_in, marks_of
from ringroad.label.moves import Hand
from ringroad.label.rows import Mark
from ringroad.pipelines.label.lots import turn_lot
from ringroad.pipelines.label.records import (
    batch_rows,
    by_hand,
    guideline_of,
    ordered_inputs,
    stored_rows,
)
from ringroad.pipelines.label.settling import Outcome, follow
from ringroad.pipelines.label.sizes import frame_size
from ringroad.pipelines.label.turns import IDLE_NS, check_name, held_task
from ringroad.pipelines.workspace import Workspace

ATTEMPTS = 50
STEP = "label_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of an answer."""

    task: str
    answer: ArtifactId
    marks: int
    again: bool
    """It was here before; nothing was written."""
    next: str
    """What follows: `waiting` for others, `another`, `adjudicate`, `settled`, or nothing."""
    revision: int = 0
    """Of the frame's annotations, where the answer settled them."""


def submit(
    workspace: Workspace,
    task: str,
    token: int,
    *,
    by: str,
    marks: Sequence[Mark],
    source: str = HUMAN,
    idle_ns: int = IDLE_NS,
) -> Submitted:
    """Answer a task to draw, to adjudicate or to mend.

    Args:
        workspace: where.
        task: its id.
        token: of the lease under which it was drawn; good until somebody else takes the task.
        by: the annotator who holds it.
        marks: what was drawn; none where the frame holds nothing.
        source: who drew it: `human`, or `simulated` in a rehearsal.
        idle_ns: longest stretch without a sign of life that counts as work.

    Raises:
        InvalidAnnotations: the guideline does not know what was drawn, or it lies outside the
            frame; nothing was written.
        LeaseLost: somebody else has the task, or it was answered; nothing was written.
        UsageError: it is a review: `review` answers it.
    """
    check_name(by)
    found = workspace.catalog.task(task)
    if found.kind == REVIEW:
        raise UsageError(
            "it is a review", subject=f"task {found.id}", remedy="ringroad labels review TASK"
        )
    order = workspace.catalog.order(found.order)
    rows = checked_rows(
        found.frame,
        marks,
        author=by,
        source=source,
        guideline=guideline_of(workspace, order.guideline),
        version=order.guideline,
        size=frame_size(workspace, found.frame),
    )
    given = _Given(
        task=found.id,
        token=token,
        by=by,
        rows=rows,
        artifact=stored_rows(workspace, rows),
        idle_ns=idle_ns,
    )
    done = _with_patience(workspace, order, given)
    if found.lot >= 0:
        turn_lot(workspace, order, found.lot)
    return done


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Given:
    """An answer as it came, checked and stored."""

    task: str
    token: int
    by: str
    rows: pa.Table
    artifact: Artifact
    idle_ns: int


def _with_patience(workspace: Workspace, order: LabelOrder, given: _Given) -> Submitted:
    """Again from the start where others moved what was read, until nobody did."""
    moved: Exception | None = None
    for _ in range(ATTEMPTS):
        try:
            return _submitted(workspace, order, given)
        except (TaskMoved, StaleRevision) as error:
            moved = error
    raise moved or TaskMoved("others were always faster", subject=f"task {given.task}")


def _submitted(workspace: Workspace, order: LabelOrder, given: _Given) -> Submitted:
    """One attempt, from what the catalog says now."""
    now_ns = workspace.clock.now_ns()
    execution = _execution(order, given, Outcome(next=""), now_ns)
    told = Submitted(
        task=given.task,
        answer=given.artifact.id,
        marks=marks_in(given.rows),
        again=True,
        next="",
    )
    if workspace.catalog.execution(execution.id) is not None:
        return told
    held = held_task(workspace, given.task, given.token, given.by)
    same = workspace.catalog.tasks(order=order.id, frame=held.frame)
    hand = Hand(who=given.by, at_ns=now_ns, token=given.token, idle_ns=given.idle_ns)
    written = moves.answered(
        held,
        [item for item in same if item.id != held.id],
        hand,
        answer=given.artifact.id,
        marks=told.marks,
        score=_honeypot_score(workspace, held, given.rows),
    )
    outcome = Outcome(next="")
    if held.kind != HONEYPOT:
        moved = {move.task.id: move.task for move in written}
        after = [moved.get(item.id, item) for item in same]
        fresh = {given.artifact.id: given.rows}
        outcome = follow(workspace, order, moved[held.id], after, hand, fresh=fresh)
    workspace.catalog.commit(
        _execution(order, given, outcome, now_ns),
        [given.artifact, *outcome.made],
        [*written, *outcome.records, *_pot(workspace, order, held, given.by, now_ns)],
        batches=outcome.batches,
    )
    return replace(told, again=False, next=outcome.next, revision=outcome.revision)


def _execution(order: LabelOrder, given: _Given, outcome: Outcome, now_ns: int) -> Execution:
    """The key names task, token, person and answer: what it led to is not part of it."""
    execution = by_hand(
        STEP,
        inputs=ordered_inputs(order),
        outputs={"answer": given.artifact},
        parameters={"task": given.task, "token": given.token, "by": given.by},
        now_ns=now_ns,
    )
    return replace(
        execution,
        inputs={**execution.inputs, **outcome.inputs},
        outputs={**execution.outputs, **{item.kind: item.id for item in outcome.made}},
    )


def _honeypot_score(workspace: Workspace, task: LabelTask, rows: pa.Table) -> float | None:
    if task.kind != HONEYPOT or task.about is None:
        return None
    gold = marks_of(batch_rows(workspace, task.about), task.frame)
    return honeypots.score(marks_of(rows, task.frame), gold)


def _pot(
    workspace: Workspace, order: LabelOrder, task: LabelTask, by: str, now_ns: int
) -> list[TaskMove]:
    """By chance, a honeypot to come next."""
    if task.kind == HONEYPOT or not honeypots.is_due(order, task, by):
        return []
    seen = workspace.catalog.seen_by(by) | {task.frame}
    gold = workspace.catalog.gold()
    if order.prelabels is not None:  # among tasks that begin with something, one that does not
        known = batch_rows(workspace, order.prelabels)["frame_id"].unique().to_pylist()
        gold = {frame: gold[frame] for frame in known if frame in gold}
    pot = honeypots.honeypot(order, task, by, gold, seen)
    return [] if pot is None else [moves.opened(pot, because="chance", at_ns=now_ns)]
