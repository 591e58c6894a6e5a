"""Steps of an arena's first stage: fit a head to labels and test it; measure what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import LIGHT_STATES
from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.models.checkpoint import MEDIA
from ringroad.models.config import NetworkConfig
from ringroad.models.decode import decode
from ringroad.models.dense_head import DenseHead
from ringroad.pipelines.arena.frames import (
    TEST,
    boxes_of,
    features_at,
    judged,
    known_frames,
    places_of,
)
from ringroad.pipelines.arena.measure import measured
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.mine.features import load_features
from ringroad.protocols.predictor import Detections
from ringroad.train.dense import HeadConfig, ask, fit_head, head_from_bytes, head_to_bytes
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

DETECTION = 0.05
SECOND = 7919
"""The second head of a disagreement is fitted at the seed plus this."""
_FRAMES_AT_ONCE = 32


@step(uses=("numpy", "pyarrow", "safetensors", "torch"))
def learn_round(
    bench: Bench,
    *,
    features: Sequence[Artifact],
    frames: Sequence[Artifact],
    described: Sequence[Artifact],
    truth: Sequence[Artifact],
    roles: Artifact,
    labelled: Artifact,
    network: dict[str, Any],
    head: dict[str, Any],
    rare: dict[str, str],
) -> dict[str, Artifact]:
    """Fit a head to what is labelled, and judge it on the units of the test."""
    config = build(NetworkConfig, network, subject="network")
    how = build(HeadConfig, head, subject="head")
    maps = [load_features(bench, part) for part in features]
    known = known_frames(bench, frames, described, roles)
    boxes = all_rows(bench, truth)
    learnt = places_of(known, bench.read_json(labelled)["frames"])
    fitted = _fit(config, how, maps, known, boxes, learnt, seed=bench.seed)
    tested = np.flatnonzero(pc.equal(known["role"], TEST).to_numpy())
    found = _detect(config, fitted, maps, known, tested)
    figures = judged(known.take(pa.array(tested)), boxes, found, config.categories, rare)
    return {
        "figures": bench.write_json("arena-figures", figures | {"labelled": len(learnt)}),
        "head": bench.write("arena-head", head_to_bytes(fitted), MEDIA),
    }


@step(uses=("numpy", "pyarrow", "safetensors", "torch"))
def measure_round(
    bench: Bench,
    *,
    features: Sequence[Artifact],
    frames: Sequence[Artifact],
    described: Sequence[Artifact],
    truth: Sequence[Artifact],
    roles: Artifact,
    labelled: Artifact,
    learnt: Artifact,
    network: dict[str, Any],
    head: dict[str, Any],
    rare: dict[str, str],
    columns: list[str],
) -> Artifact:
    """What strategies choose from: every frame that is not tested on, with the columns asked for.

    Only `disagreement` fits a second head, and only `bald` and `ensemble` ask with dropout.
    """
    config = build(NetworkConfig, network, subject="network")
    how = build(HeadConfig, head, subject="head")
    maps = [load_features(bench, part) for part in features]
    known = known_frames(bench, frames, described, roles)
    heads = [head_from_bytes(bench.read(learnt), how)]
    if "disagreement" in columns:
        taught = places_of(known, bench.read_json(labelled)["frames"])
        boxes = all_rows(bench, truth)
        seed = bench.seed + SECOND
        heads.append(_fit(config, how, maps, known, boxes, taught, seed=seed))
    usable = pc.and_(pc.not_equal(known["role"], TEST), pc.not_equal(known["role"], ""))
    places = np.flatnonzero(usable.to_numpy())
    table = known.take(pa.array(places))
    found = measured(
        heads,
        maps,
        places,
        table["recording_id"].to_pylist(),
        columns=columns,
        rare=config.categories.index(rare["category"]),
        passes=how.passes,
        seed=bench.seed,
    )
    for name, values in found.items():
        table = table.append_column(name, pa.array(values))
    return bench.write_table("candidates", table, packed=True)


def _fit(
    config: NetworkConfig,
    how: HeadConfig,
    maps: Sequence[np.ndarray],
    known: pa.Table,
    truth: pa.Table,
    places: np.ndarray,
    *,
    seed: int,
) -> DenseHead:
    boxes, categories = boxes_of(config, known.take(pa.array(places)), truth)
    return fit_head(config, how, features_at(maps, places), boxes, categories, seed=seed)


def _detect(
    config: NetworkConfig,
    head: DenseHead,
    maps: Sequence[np.ndarray],
    known: pa.Table,
    places: np.ndarray,
) -> pa.Table:
    """Detections on some frames, in pixels of the frames as recorded."""
    rows = known.select(["frame_id", "width", "height"]).take(pa.array(places)).to_pylist()
    nothing = np.zeros((len(LIGHT_STATES), *config.grid), np.float32)
    found: list[Detections] = []
    for start in range(0, len(places), _FRAMES_AT_ONCE):
        heat, sides = ask(head, features_at(maps, places[start : start + _FRAMES_AT_ONCE]))
        for at in range(len(heat)):
            row = rows[start + at]
            scale = (row["width"] / config.width, row["height"] / config.height)
            found.append(
                decode(
                    config,
                    heat[at],
                    sides[at],
                    nothing,
                    np.empty(0),
                    scale=scale,
                    threshold=DETECTION,
                )
            )
    return detection_rows([row["frame_id"] for row in rows], found)


def detection_rows(frames: Sequence[str], found: Sequence[Detections]) -> pa.Table:
    """Detections frame by frame as columns: `frame_id`, `category`, `score`, `x`, `y`, `w`, `h`."""
    counts = [len(item.scores) for item in found]
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *(item.boxes for item in found)])
    scores = np.concatenate([np.zeros(0, np.float32), *(item.scores for item in found)])
    names = [name for item in found for name in item.categories]
    return pa.table(
        {
            "frame_id": pa.array(np.repeat(np.asarray(frames, dtype=object), counts), pa.string()),
            "category": pa.array(names, pa.string()),
            "score": pa.array(scores, pa.float32()),
            **{name: pa.array(boxes[:, at], pa.float32()) for at, name in enumerate("xywh")},
        }
    )
