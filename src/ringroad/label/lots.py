"""Lots: when one is inspected, which of its frames, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.order import (
    ACCEPTED,
    DRAWING,
    INSPECTING,
    LabelLot,
    LabelOrder,
    LotMove,
)
from ringroad.domain.task import DONE, DRAWN, OPEN, PARKED, REVIEW, REWORK, LabelTask, TaskMove
from ringroad.label.frame_flow import chance, review_of, rework_of
from ringroad.label.moves import opened
from ringroad.label.sampling import plan_for

Records = list[LotMove | TaskMove]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFrames:
    """The tasks of a lot by frame, and the annotations that each frame has now."""

    tasks: Mapping[FrameId, Sequence[LabelTask]]
    batches: Mapping[FrameId, ArtifactId]


def turned(order: LabelOrder, lot: LabelLot, frames: LotFrames, *, at_ns: int) -> Records:
    """What becomes of a lot now: inspected, accepted, sent back, or nothing yet."""
    if lot.state == DRAWING and not _waiting(frames):
        return _inspected(order, lot, frames, at_ns)
    if lot.state == INSPECTING:
        return _decided(lot, frames, at_ns)
    return []


def sampled(
    order: LabelOrder, lot: LabelLot, frames: Sequence[FrameId], size: int
) -> list[FrameId]:
    """The frames to inspect: drawn anew each round, by the order's seed."""
    drawn = sorted(frames, key=lambda frame: chance(order.seed, order.id, lot.round, frame))
    return sorted(drawn[:size])


def _inspected(order: LabelOrder, lot: LabelLot, frames: LotFrames, at_ns: int) -> Records:
    if order.lots is None:
        return []
    there = sorted(set(frames.tasks) & set(frames.batches))
    if not there:  # every task was cancelled
        gone = replace(lot, state=ACCEPTED, sample=0, limit=0, version=lot.version + 1)
        return [LotMove(lot=gone, event="accepted", at_ns=at_ns, detail={"frames": 0})]
    plan = plan_for(order.lots, len(there))
    chosen = sampled(order, lot, there, plan.sample)
    moved = replace(
        lot,
        state=INSPECTING,
        sample=len(chosen),
        limit=plan.limit,
        inspected=0,
        bad=0,
        version=lot.version + 1,
    )
    detail = {"sample": len(chosen), "limit": plan.limit}
    records: Records = [LotMove(lot=moved, event="inspecting", at_ns=at_ns, detail=detail)]
    for frame in chosen:
        tasks = frames.tasks[frame]
        review = review_of(_drawn(tasks), tasks, frames.batches[frame], round=lot.round)
        records.append(opened(review, because=f"lot {lot.number} is inspected", at_ns=at_ns))
    return records


def _decided(lot: LabelLot, frames: LotFrames, at_ns: int) -> Records:
    reviews = {
        frame: task
        for frame, tasks in frames.tasks.items()
        for task in tasks
        if task.kind == REVIEW and task.round == lot.round
    }
    if any(task.state in (OPEN, PARKED) for task in reviews.values()):
        return []
    judged = [task for task in reviews.values() if task.state == DONE]
    bad = sum(not task.score for task in judged)
    counted = replace(lot, inspected=len(judged), bad=bad, version=lot.version + 1)
    detail = {"inspected": len(judged), "bad": bad, "limit": lot.limit}
    if bad <= lot.limit:
        accepted = replace(counted, state=ACCEPTED)
        return [LotMove(lot=accepted, event="accepted", at_ns=at_ns, detail=detail)]
    again = replace(counted, state=DRAWING, round=lot.round + 1)
    records: Records = [LotMove(lot=again, event="rejected", at_ns=at_ns, detail=detail)]
    why = f"lot {lot.number} was rejected: {bad} of {len(judged)} inspected frames are bad"
    for frame, tasks in sorted(frames.tasks.items()):
        if frame in frames.batches and not _in_rework(tasks, lot.round + 1):
            last = replace(_drawn(tasks), round=lot.round)
            rework = rework_of(last, tasks, frames.batches[frame], note=why)
            records.append(opened(rework, because=why, at_ns=at_ns))
    return records


def _waiting(frames: LotFrames) -> bool:
    return any(
        task.kind in DRAWN and task.state in (OPEN, PARKED)
        for tasks in frames.tasks.values()
        for task in tasks
    )


def _drawn(tasks: Sequence[LabelTask]) -> LabelTask:
    """The last task of a frame that was drawn on."""
    return [task for task in tasks if task.kind in DRAWN][-1]


def _in_rework(tasks: Sequence[LabelTask], round: int) -> bool:
    return any(task.kind == REWORK and task.round == round for task in tasks)
