"""The loop without training: an off-the-shelf network pre-labels and mines, another disagrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ringroad.curate import selection as selections
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.domain.time import from_seconds
from ringroad.media import arrow
from ringroad.mine.disagreement import rank_disagreements
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.deploy.ship import rerun
from ringroad.pipelines.evaluate.registry import import_model
from ringroad.pipelines.evaluate.validate import Predicted, predict_all
from ringroad.pipelines.loop.loop import take_in
from ringroad.pipelines.loop_config import LoopConfig, PredictConfig
from ringroad.pipelines.model import Model
from ringroad.pipelines.recordings.collect import Collected
from ringroad.pipelines.recordings.see import Seen, see
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Prelabelled:
    """What came of it."""

    config: LoopConfig
    collected: Collected
    seen: tuple[Seen, ...]
    first: tuple[Predicted, ...]
    second: tuple[Predicted, ...]
    selection: Artifact
    """Frames worth a label, by uncertainty."""
    resimulation: Artifact | None
    disagreements: Artifact | None
    frames: int
    disagreeing: int


@step(uses=("numpy", "pyarrow"))
def mine_uncertain(
    bench: Bench,
    *,
    frames: Sequence[Artifact],
    scores: Sequence[Artifact],
    count: int,
    min_gap_ns: int,
) -> Artifact:
    """The frames a network is least sure of, apart in time, as a selection."""
    rows = all_rows(bench, frames).select(["frame_id", "recording_id", "time_ns"])
    unsure = all_rows(bench, scores).select(["frame_id", "uncertainty"]).to_pydict()
    by_frame = {
        FrameId(frame): float(value)
        for frame, value in zip(unsure["frame_id"], unsure["uncertainty"], strict=True)
    }
    chosen = rank_disagreements(rows, by_frame, count=count, min_gap_ns=min_gap_ns)
    kept = selections.by_hand(chosen, reason="uncertainty of the pre-labels")
    return bench.write(selections.KIND, selections.to_bytes(kept), selections.MEDIA)


def run_prelabel(workspace: Workspace, config: LoopConfig, *, folder: Path) -> Prelabelled:
    """Ingest, decode, pre-label, mine, and compare with a second network where one is named.

    Raises:
        InputError: no recording could be read, or a network file is missing.
    """
    section = config.predict
    if section is None:
        raise InputError("names no network", subject=config.name, remedy="see [predict]")
    collected = take_in(workspace, config, folder)
    seen = see(workspace, collected.taken, every=config.recordings.every)
    first = _predict(workspace, seen, folder, section.network, section.predictor, section.score)
    boxes = boxes_by_category(workspace, first)
    workspace.say(f"pre-label  {sum(boxes.values())} boxes by {section.predictor}")
    chosen = workspace.runner.run(
        mine_uncertain,
        frames=[item.frames for item in seen],
        scores=[item.scores for item in first],
        count=section.budget_frames,
        min_gap_ns=from_seconds(config.mine.min_gap_s),
    )
    workspace.point(f"selection:{config.name}-uncertain", chosen, reason="mined")
    return _against(workspace, config, section, collected, seen, first, chosen, folder)


def _against(
    workspace: Workspace,
    config: LoopConfig,
    section: PredictConfig,
    collected: Collected,
    seen: tuple[Seen, ...],
    first: tuple[Predicted, ...],
    chosen: Artifact,
    folder: Path,
) -> Prelabelled:
    """Re-simulate the second network against the first."""
    frames = sum(_rows(workspace, item.proxies) for item in seen)
    second: tuple[Predicted, ...] = ()
    resimulation = disagreements = None
    disagreeing = 0
    if section.against:
        second = _predict(
            workspace, seen, folder, section.against_network, section.against,
            section.against_score,
        )  # fmt: skip
        made = rerun(workspace, first, second, seen, (), annotated=())
        resimulation, disagreements = made["resimulation"], made["disagreements"]
        told = workspace.json(resimulation)
        disagreeing = next(row["disagreeing"] for row in told if row["condition"] == "all")
    return Prelabelled(
        config=config,
        collected=collected,
        seen=seen,
        first=first,
        second=second,
        selection=chosen,
        resimulation=resimulation,
        disagreements=disagreements,
        frames=frames,
        disagreeing=disagreeing,
    )


def _predict(
    workspace: Workspace,
    seen: Sequence[Seen],
    folder: Path,
    network: str,
    predictor: str,
    score: float,
) -> tuple[Predicted, ...]:
    model = outside_model(workspace, folder / network, predictor, {"threshold": score})
    return predict_all(workspace, model, seen)


def outside_model(
    workspace: Workspace, path: Path, predictor: str, options: dict[str, Any]
) -> Model:
    """A network from elsewhere, by its ONNX file. Raises InputError as `import_model`."""
    network = import_model(workspace, path, predictor=predictor, config={}, option="predictor =")
    return Model(
        name=f"{predictor}-{network.digest[:12]}",
        network=network,
        predictor=predictor,
        config={},
        options=options,
    )


def boxes_by_category(workspace: Workspace, predicted: Sequence[Predicted]) -> Counter[str]:
    """How many boxes of each category a network drew."""
    counts: Counter[str] = Counter()
    for part in predicted:
        rows: pa.Table = arrow.from_bytes(workspace.blobs.get(part.predictions.digest))
        counts.update(rows.column("category").to_pylist())
    return counts


def _rows(workspace: Workspace, table: Artifact) -> int:
    rows: int = arrow.from_bytes(workspace.blobs.get(table.digest)).num_rows
    return rows
