"""What an arena knows of its frames: roles, features at their places, boxes to learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.evaluate.columns import ALL, scene
from ringroad.metrics.intervals import ap50
from ringroad.models.config import NetworkConfig
from ringroad.pipelines.batches import all_rows
from ringroad.workflow.bench import Bench

POOL, START, TEST = "pool", "start", "test"


def known_frames(
    bench: Bench, frames: Sequence[Artifact], described: Sequence[Artifact], roles: Artifact
) -> pa.Table:
    """One row per frame, in the order of `frames`: role, unit, condition, time, brightness.

    A frame that belongs to no unit has an empty role.
    """
    rows = all_rows(bench, frames)
    known = bench.read_table(roles)
    more = all_rows(bench, described).select(["frame_id", "time_ns", "brightness"])
    place = {frame: at for at, frame in enumerate(known["frame_id"].to_pylist())}
    when = {frame: at for at, frame in enumerate(more["frame_id"].to_pylist())}
    ids = rows["frame_id"].to_pylist()
    at = [place.get(frame) for frame in ids]
    joined = rows
    for name in ("recording_id", "unit", "condition", "role"):
        values = known[name].to_pylist()
        joined = joined.append_column(
            name, pa.array(["" if p is None else values[p] for p in at], pa.string())
        )
    taken = more.take(pa.array([when[frame] for frame in ids], pa.int64()))
    return joined.append_column("time_ns", taken["time_ns"]).append_column(
        "brightness", taken["brightness"]
    )


def places_of(known: pa.Table, frames: Sequence[str]) -> np.ndarray:
    """Places of some frames, rising."""
    found = pc.is_in(known["frame_id"], value_set=pa.array(list(frames), pa.string()))
    return np.flatnonzero(found.to_numpy())


def features_at(maps: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
    """Features at places counted over all recordings."""
    firsts = np.cumsum([0, *(len(part) for part in maps)])
    owner = np.searchsorted(firsts, places, side="right") - 1
    parts = [maps[o][p - firsts[o]] for o, p in zip(owner.tolist(), places.tolist(), strict=True)]
    return np.stack(parts) if parts else np.empty((0, *maps[0].shape[1:]), maps[0].dtype)


def boxes_of(
    config: NetworkConfig, rows: pa.Table, truth: pa.Table
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Boxes in pixels of the network's input and their categories, frame by frame."""
    index = {name: at for at, name in enumerate(config.categories)}
    of_frame: dict[str, list[tuple[float, ...]]] = {f: [] for f in rows["frame_id"].to_pylist()}
    columns = (truth[name].to_pylist() for name in ("frame_id", "category", "x", "y", "w", "h"))
    for frame, category, *box in zip(*columns, strict=True):
        if frame in of_frame and category in index:
            of_frame[frame].append((*box, index[category]))
    sizes = zip(rows["width"].to_pylist(), rows["height"].to_pylist(), strict=True)
    boxes, categories = [], []
    for frame, (width, height) in zip(of_frame, sizes, strict=True):
        part = np.array(of_frame[frame], np.float32).reshape(-1, 5)
        scale = np.array([config.width / width, config.height / height] * 2, np.float32)
        boxes.append(part[:, :4] * scale)
        categories.append(part[:, 4].astype(np.int64))
    return boxes, categories


def judged(
    tested: pa.Table,
    truth: pa.Table,
    found: pa.Table,
    categories: Sequence[str],
    rare: Mapping[str, str],
) -> dict[str, Any]:
    """AP50 by condition and category, their mean, and that of the rare slice."""
    whole = scene(truth, tested.select(["frame_id", "unit", "condition"]), categories=categories)
    slices: dict[str, dict[str, float]] = {}
    for condition in (ALL, *sorted(set(whole.conditions.tolist()))):
        part = whole.part(condition)
        matches = part.matches(part.detections(found))
        ones = np.ones((1, part.count))
        slices[condition] = {name: float(ap50(item, ones)[0]) for name, item in matches.items()}
    mean = float(np.mean(list(slices[ALL].values()))) if slices[ALL] else 0.0
    return {
        "slices": slices,
        "mean": mean,
        "rare": slices.get(rare["condition"], {}).get(rare["category"]),
        "units": whole.count,
        "frames": tested.num_rows,
    }
