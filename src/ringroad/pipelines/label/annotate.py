"""Labels: two blind simulated annotators per frame, consensus, agreement, cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import FrameId, digest_of
from ringroad.domain.order import CLOSED, LabelOrder, OrderMove
from ringroad.domain.task import DONE, TaskMove
from ringroad.label.agreement import agreement
from ringroad.label.annotators import AnnotatorProfile, annotate
from ringroad.label.consensus import reach_consensus
from ringroad.label.cost import cost_by_frame, label_cost
from ringroad.label.rows import marks_by_frame
from ringroad.label.tasks import identified, in_turns, opening
from ringroad.mine.budget import take_until
from ringroad.pipelines.batches import all_rows
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

ANNOTATORS = ("annotator-a", "annotator-b")


@step(uses=("numpy", "pyarrow", "scipy"))
def label_frames(
    bench: Bench,
    *,
    ranking: Artifact,
    truth: Sequence[Artifact],
    budget_boxes: int,
    width: int,
    height: int,
    categories: list[str],
    errors: dict[str, Any],
) -> dict[str, Artifact]:
    """Go down a ranking until the budget of boxes is spent; a budget of 0 labels all of it.

    Both annotators answer every frame; the cost of a frame is what the costlier look drew.
    """
    wanted = [FrameId(frame) for frame in json.loads(bench.read(ranking))["frames"]]
    known = all_rows(bench, truth)
    known = known.filter(pc.is_in(known.column("frame_id"), value_set=pa.array(wanted)))
    answers = [
        annotate(
            known,
            AnnotatorProfile(name=name, **errors),
            seed=bench.seed,
            frame_size=(width, height),
            categories=categories,
        )
        for name in ANNOTATORS
    ]
    chosen = _affordable(wanted, answers, budget_boxes)
    kept = pa.array(chosen, pa.string())
    answers = [part.filter(pc.is_in(part.column("frame_id"), value_set=kept)) for part in answers]
    batches = {
        name: bench.write_table(f"answers-{name}", part)
        for name, part in zip(ANNOTATORS, answers, strict=True)
    }
    agreed = reach_consensus(answers)
    labels = bench.write_table("annotations", agreed.annotations, table_name="annotations")
    cost = label_cost(pa.concat_tables(answers))
    figures = {
        "frames": chosen,
        "agreement": asdict(agreement(answers)),
        "cost": asdict(cost),
        "disagreements": len(agreed.disagreements),
        "worst": [asdict(item) for item in agreed.disagreements[:20]],
    }
    for record in _answered(ranking, chosen, answers, batches, bench.seed):
        bench.record(record)
    return {**batches, "annotations": labels, "labelling": bench.write_json("labelling", figures)}


def _answered(
    ranking: Artifact,
    frames: Sequence[FrameId],
    answers: Sequence[pa.Table],
    batches: Mapping[str, Artifact],
    seed: int,
) -> list[OrderMove | TaskMove]:
    """The order that was placed, and its tasks as they were answered; equal answers, one order."""
    told = digest_of(canonical_json([ranking.id, *sorted(item.id for item in batches.values())]))
    order = identified(
        LabelOrder(
            id="",
            name=f"simulated {told[:12]}",
            selection=ranking.id,
            looks_options={"looks": len(ANNOTATORS)},
            annotators=ANNOTATORS,
            seed=seed,
            reason="answered by simulated annotators",
            state=CLOSED,
        )
    )
    drawn = {
        (name, frame): len(marks)
        for name, table in zip(ANNOTATORS, answers, strict=True)
        for frame, marks in marks_by_frame(table).items()
    }
    turns = in_turns(frames, ANNOTATORS, looks=len(ANNOTATORS))
    opened = opening(order, frames, first=len(ANNOTATORS), assigned=turns)
    return [
        OrderMove(order=order, event="ordered", at_ns=0, detail={"frames": len(frames)}),
        *(_done(move, batches, drawn) for move in opened),
    ]


def _done(
    move: TaskMove, batches: Mapping[str, Artifact], drawn: Mapping[tuple[str, FrameId], int]
) -> TaskMove:
    task = move.task
    who = task.assigned
    done = replace(
        task,
        state=DONE,
        annotator=who,
        answer=batches[who].id,
        marks=drawn.get((who, task.frame), 0),
    )
    return TaskMove(task=done, event="answered", at_ns=0, actor=who)


def _affordable(
    wanted: Sequence[FrameId], answers: Sequence[pa.Table], budget_boxes: int
) -> list[FrameId]:
    costs = [cost_by_frame(part) for part in answers]
    dearest: Mapping[FrameId, int] = {
        frame: max(cost.get(frame, 0) for cost in costs) for frame in wanted
    }
    return list(take_until(wanted, dearest, budget_boxes) if budget_boxes else wanted)
