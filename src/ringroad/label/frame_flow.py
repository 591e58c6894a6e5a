"""What follows from an answer to a frame: another look, adjudication, a review, mending.

    looks ──▶ enough ──▶ settled ──▶ (review) ──▶ accepted
       ▲        │                        │
       └─another└─adjudicate─▶ settled   └─ rejected ─▶ rework ─▶ settled ─▶ review ...

Pure: from tasks as they are to tasks as they become.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import ArtifactId, digest_of
from ringroad.domain.order import LabelOrder
from ringroad.domain.task import (
    ADJUDICATE,
    DONE,
    DRAW,
    OPEN,
    PARKED,
    REVIEW,
    REWORK,
    LabelTask,
)
from ringroad.label.moves import hands
from ringroad.label.tasks import task_id


def chance(*parts: object) -> float:
    """A number in [0, 1) that hangs on its arguments alone."""
    return int(digest_of(canonical_json(list(parts)))[:13], 16) / 16**13


def looks_done(tasks: Sequence[LabelTask]) -> list[LabelTask]:
    """Answered looks at a frame, in the order they were opened."""
    done = [task for task in tasks if task.kind == DRAW and task.state == DONE]
    return sorted(done, key=lambda task: task.look)


def looks_waiting(tasks: Sequence[LabelTask]) -> bool:
    """Whether somebody is still to look, blind, before anything is decided."""
    return any(task.kind == DRAW and task.state in (OPEN, PARKED) for task in tasks)


def another_look(tasks: Sequence[LabelTask]) -> LabelTask:
    """One look more at a frame, for somebody who had none."""
    looks = [task for task in tasks if task.kind == DRAW]
    return _follows(looks[-1], DRAW, tasks, look=max(task.look for task in looks) + 1)


def adjudication(tasks: Sequence[LabelTask]) -> LabelTask:
    """One answer out of all looks, by somebody who had none of them."""
    looks = [task for task in tasks if task.kind == DRAW]
    return _follows(looks[-1], ADJUDICATE, tasks)


def review_of(
    task: LabelTask, tasks: Sequence[LabelTask], about: ArtifactId, *, round: int | None = None
) -> LabelTask:
    """A verdict on the annotations of a frame, by somebody who did not draw them.

    What was mended is reviewed by anybody but who mended it.
    """
    wanted = task.round if round is None else round
    review = _follows(task, REVIEW, tasks, about=about, round=wanted)
    return replace(review, barred=(task.annotator,)) if task.kind == REWORK else review


def rework_of(
    task: LabelTask, tasks: Sequence[LabelTask], about: ArtifactId, *, note: str
) -> LabelTask:
    """The mending of rejected annotations, by whoever drew them where that was one person."""
    drawn = hands(tasks)
    return LabelTask(
        id=task_id(task.order, task.frame, REWORK, round=task.round + 1),
        order=task.order,
        frame=task.frame,
        kind=REWORK,
        round=task.round + 1,
        lot=task.lot,
        priority=task.priority,
        assigned=drawn[0] if len(drawn) == 1 else "",
        about=about,
        note=note,
    )


def wants_review(order: LabelOrder, task: LabelTask) -> bool:
    """Whether a frame that was just settled is reviewed by itself: by chance, or as mended."""
    if order.lots is not None:
        return False
    if task.kind == REWORK:
        return True
    return chance(order.seed, order.id, "review", task.frame) < order.review_share


def _follows(
    task: LabelTask,
    kind: str,
    tasks: Sequence[LabelTask],
    *,
    look: int = 0,
    round: int = 0,
    about: ArtifactId | None = None,
) -> LabelTask:
    """A further task of the same frame, closed to everybody who drew on it."""
    return LabelTask(
        id=task_id(task.order, task.frame, kind, look=look, round=round),
        order=task.order,
        frame=task.frame,
        kind=kind,
        look=look,
        round=round,
        lot=task.lot,
        priority=task.priority,
        barred=hands(tasks),
        about=about,
    )
