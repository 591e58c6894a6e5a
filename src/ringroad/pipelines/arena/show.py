"""What each arm chose first, kept beside the verdict so that a page can show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.time import to_seconds
from ringroad.pipelines.arena.grounds import Grounds
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

SHOWN = 8
"""Frames of each arm."""


@step(uses=("pyarrow",))
def list_choices(
    bench: Bench,
    *,
    labelled: Sequence[Artifact],
    arms: list[str],
    described: Sequence[Artifact],
    truth: Sequence[Artifact],
    categories: list[str],
) -> Artifact:
    """The first frames of a round, arm by arm: when, in which condition, and what is on them."""
    chosen = {
        arm: bench.read_json(part)["chosen"][:SHOWN]
        for arm, part in zip(arms, labelled, strict=True)
    }
    wanted = pa.array(sorted({frame for part in chosen.values() for frame in part}), pa.string())
    frames = all_rows(bench, described)
    rows = frames.filter(pc.is_in(frames["frame_id"], value_set=wanted))
    columns = ["frame_id", "recording_id", "time_ns", "condition", "width", "height"]
    begins = pa.TableGroupBy(frames, "recording_id").aggregate([("time_ns", "min")])
    begin = dict(
        zip(*(begins[n].to_pylist() for n in ("recording_id", "time_ns_min")), strict=True)
    )
    told = {
        row["frame_id"]: row
        | {"boxes": [], "seconds": to_seconds(row.pop("time_ns") - begin[row["recording_id"]])}
        for row in rows.select(columns).to_pylist()
    }
    boxes = all_rows(bench, truth)
    seen = pc.is_in(boxes["category"], value_set=pa.array(categories, pa.string()))
    boxes = boxes.filter(pc.and_(seen, pc.is_in(boxes["frame_id"], value_set=wanted)))
    for row in boxes.select(["frame_id", "category", "x", "y", "w", "h"]).to_pylist():
        told[row.pop("frame_id")]["boxes"].append(row)
    return bench.write_json("choices", {"arms": chosen, "frames": told})


def note_choices(
    workspace: Workspace, grounds: Grounds, chosen: Mapping[str, Artifact]
) -> Artifact:
    """What the arms chose in a round; `chosen` has the labels of each after it."""
    return workspace.runner.run(
        list_choices,
        labelled=list(chosen.values()),
        arms=list(chosen),
        described=[item.frames for item in grounds.seen],
        truth=list(grounds.truth),
        categories=list(grounds.config.truth.annotated),
    )
