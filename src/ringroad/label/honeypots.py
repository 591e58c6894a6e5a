"""Honeypots: tasks like any other whose answer is known. Placed by chance, scored by agreement.

Which frames have a gold answer is decided by people alone (`domain.revision.GoldAnswer`): neither
consensus nor a network promotes anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ringroad.domain.ids import FrameId
from ringroad.domain.order import LabelOrder
from ringroad.domain.revision import GoldAnswer
from ringroad.domain.task import HONEYPOT, LabelTask
from ringroad.label.frame_flow import chance
from ringroad.label.rows import Mark
from ringroad.label.tasks import task_id
from ringroad.label.things import things

MIN_IOU = 0.5


def is_due(order: LabelOrder, task: LabelTask, who: str) -> bool:
    """Whether the task after this one shall be a honeypot: a matter of chance, and of nothing."""
    return chance(order.seed, order.id, "honeypot", who, task.id) < order.honeypot_share


def honeypot(
    order: LabelOrder,
    task: LabelTask,
    who: str,
    gold: Mapping[FrameId, GoldAnswer],
    seen: Collection[FrameId],
) -> LabelTask | None:
    """A task on a gold frame that somebody has not met, next in their queue; None where all are.

    Only gold answers under the guideline of the order count.
    """
    fresh = sorted(
        frame
        for frame, answer in gold.items()
        if frame not in seen and answer.guideline == order.guideline
    )
    if not fresh:
        return None
    frame = fresh[int(chance(order.seed, order.id, "which", who, task.id) * len(fresh))]
    return LabelTask(
        id=task_id(order.id, frame, HONEYPOT, who=who),
        order=order.id,
        frame=frame,
        kind=HONEYPOT,
        priority=task.priority + 1.0,
        assigned=who,
        about=gold[frame].batch,
    )


def score(answer: Sequence[Mark], gold: Sequence[Mark], *, min_iou: float = MIN_IOU) -> float:
    """F1 of things found with their category; 1 where there is nothing and nothing was drawn."""
    if not answer and not gold:
        return 1.0
    both = [
        thing.marks
        for thing in things({"answer": answer, "gold": gold}, min_iou=min_iou)
        if len(thing.marks) == 2
    ]
    right = sum(marks["answer"].category == marks["gold"].category for marks in both)
    return 2.0 * right / (len(answer) + len(gold))
