"""Labels: two blind simulated annotators per frame, consensus, agreement, cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.domain.task import DONE
from ringroad.label.agreement import agreement
from ringroad.label.annotators import AnnotatorProfile, annotate
from ringroad.label.consensus import reach_consensus
from ringroad.label.cost import cost_by_frame, label_cost
from ringroad.label.tasks import open_tasks
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
    errors: dict[str, float],
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
    for task in open_tasks(ranking.id, chosen, ANNOTATORS):
        bench.record(replace(task, state=DONE, answer=batches[task.annotator].id))
    return {**batches, "annotations": labels, "labelling": bench.write_json("labelling", figures)}


def _affordable(
    wanted: Sequence[FrameId], answers: Sequence[pa.Table], budget_boxes: int
) -> list[FrameId]:
    costs = [cost_by_frame(part) for part in answers]
    dearest: Mapping[FrameId, int] = {
        frame: max(cost.get(frame, 0) for cost in costs) for frame in wanted
    }
    return list(take_until(wanted, dearest, budget_boxes) if budget_boxes else wanted)
