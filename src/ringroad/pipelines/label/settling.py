"""What an answer to a frame leads to: another look, an adjudication, or settled annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from ringroad.domain.annotation import CONSENSUS
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import ArtifactId
from ringroad.domain.order import LabelOrder
from ringroad.domain.revision import Revision
from ringroad.domain.task import (
    ADJUDICATE,
    DRAW,
    OPEN,
    PARKED,
    REWORK,
    LabelTask,
    TaskMove,
)
from ringroad.label import frame_flow, looks, moves
from ringroad.label.answers import marks_of
from ringroad.label.consensus import AUTHOR
from ringroad.label.looks import Look, Verdict
from ringroad.label.moves import Hand
from ringroad.pipelines.label.orders import policy_of, settling_of
from ringroad.pipelines.label.records import ANNOTATIONS, batch_rows, stored_rows
from ringroad.pipelines.workspace import Workspace
from ringroad.protocols.catalog import Record

WAITING, SETTLED = "waiting", "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is written along with an answer."""

    next: str
    records: tuple[Record, ...] = ()
    made: tuple[Artifact, ...] = ()
    """Settled annotations that are no annotator's answer."""
    batches: Mapping[ArtifactId, str] = field(default_factory=dict)
    inputs: Mapping[str, ArtifactId] = field(default_factory=dict)
    """Further answers that it was made from."""
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """Annotations that shall be the frame's, and whose they are."""

    batch: ArtifactId
    author: str
    source: str
    told: str


def follow(
    workspace: Workspace,
    order: LabelOrder,
    task: LabelTask,
    tasks: Sequence[LabelTask],
    hand: Hand,
    *,
    fresh: Mapping[ArtifactId, pa.Table],
) -> Outcome:
    """What follows once a task is answered, or a look is cancelled. The caller commits.

    Args:
        workspace: what is read; blobs at most are written.
        order: that the task belongs to.
        task: as it is by now.
        tasks: all tasks of its frame in the order, as they are by now.
        hand: who did it.
        fresh: answers that are not committed yet.
    """
    if task.kind in (ADJUDICATE, REWORK) and task.answer is not None:
        source = _source(fresh[task.answer])
        answer = _Answer(batch=task.answer, author=hand.who, source=source, told=task.kind)
        return _settled(workspace, order, task, tasks, answer, hand)
    done = frame_flow.looks_done(tasks)
    if task.kind != DRAW or not done or frame_flow.looks_waiting(tasks):
        return Outcome(next=WAITING)
    batches = [item.answer for item in done if item.answer is not None]
    tables = [fresh[at] if at in fresh else batch_rows(workspace, at) for at in batches]
    seen = [
        Look(annotator=item.annotator, marks=tuple(marks_of(table, item.frame)))
        for item, table in zip(done, tables, strict=True)
    ]
    verdict = _verdict(workspace, order, task, seen, hand)
    if verdict.next == looks.ANOTHER:
        return _opened(frame_flow.another_look(tasks), verdict, hand)
    if verdict.next == looks.ADJUDICATE:
        return _opened(frame_flow.adjudication(tasks), verdict, hand)
    if len(tables) == 1:
        answer = _Answer(
            batch=batches[0],
            author=done[0].annotator,
            source=_source(tables[0]),
            told="one look",
        )
        return _settled(workspace, order, done[0], tasks, answer, hand)
    return _agreed(workspace, order, done[-1], tasks, tables, batches, hand)


def _agreed(
    workspace: Workspace,
    order: LabelOrder,
    task: LabelTask,
    tasks: Sequence[LabelTask],
    tables: Sequence[pa.Table],
    batches: Sequence[ArtifactId],
    hand: Hand,
) -> Outcome:
    """One answer out of several."""
    found = settling_of(order)(tables)
    batch = stored_rows(workspace, found.annotations)
    answer = _Answer(
        batch=batch.id,
        author=AUTHOR,
        source=CONSENSUS,
        told=f"{len(tables)} looks, {found.disagreements} disagreements",
    )
    outcome = _settled(workspace, order, task, tasks, answer, hand)
    earlier = [item for item in batches if item != task.answer]
    inputs = {f"looks[{place}]": at for place, at in enumerate(earlier)}
    return replace(outcome, made=(batch,), inputs=inputs)


def _verdict(
    workspace: Workspace, order: LabelOrder, task: LabelTask, seen: Sequence[Look], hand: Hand
) -> Verdict:
    qualities = {name: mean for name, (_, mean) in workspace.catalog.scores().items()}
    verdict = policy_of(order).after(task.frame, seen, qualities)
    left = set(order.annotators) - {look.annotator for look in seen} - {hand.who}
    if verdict.next == looks.ANOTHER and order.annotators and not left:
        return Verdict(next=looks.ENOUGH, reason="everybody has looked")
    return verdict


def _opened(task: LabelTask, verdict: Verdict, hand: Hand) -> Outcome:
    move = moves.opened(task, because=verdict.reason or verdict.next, at_ns=hand.at_ns)
    return Outcome(next=verdict.next, records=(move,))


def _settled(
    workspace: Workspace,
    order: LabelOrder,
    task: LabelTask,
    tasks: Sequence[LabelTask],
    answer: _Answer,
    hand: Hand,
) -> Outcome:
    """A new revision of the frame, and a review where there is to be one."""
    last = workspace.catalog.head(task.frame)
    number = 1 if last is None else last.number + 1
    revision = Revision(
        frame=task.frame,
        number=number,
        batch=answer.batch,
        author=answer.author,
        source=answer.source,
        guideline=order.guideline,
        reason=f"order {order.name}: {answer.told}{_beside(order, tasks, last)}",
        task=task.id,
        made_ns=hand.at_ns,
    )
    records: list[Record] = [revision, *_superseded(tasks, task, hand)]
    if frame_flow.wants_review(order, task):
        review = frame_flow.review_of(task, tasks, answer.batch)
        records.append(moves.opened(review, because="a settled frame", at_ns=hand.at_ns))
    return Outcome(
        next=SETTLED,
        records=tuple(records),
        batches={answer.batch: ANNOTATIONS},
        revision=number,
    )


def _beside(order: LabelOrder, tasks: Sequence[LabelTask], last: Revision | None) -> str:
    """Names what somebody wrote beside the order since it was placed, and is followed now."""
    if last is None or last.made_ns <= order.created_ns:
        return ""
    if last.task in {task.id for task in tasks}:
        return ""
    return f"; in place of revision {last.number} by {last.author or 'somebody'}"


def _superseded(tasks: Sequence[LabelTask], task: LabelTask, hand: Hand) -> list[TaskMove]:
    """Looks that nobody needs any more once a frame was adjudicated."""
    if task.kind != ADJUDICATE:
        return []
    rest = [item for item in tasks if item.kind == DRAW and item.state in (OPEN, PARKED)]
    rule = Hand(who="", at_ns=hand.at_ns)
    return [moves.cancelled(item, rule, "the frame was adjudicated") for item in rest]


def _source(table: pa.Table) -> str:
    return str(table.column("source")[0].as_py())
