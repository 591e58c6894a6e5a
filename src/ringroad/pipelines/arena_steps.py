"""Steps of an arena that run per seed and round: learn from labels, then choose what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.query import matrix_of
from ringroad.domain.annotation import LIGHT_STATES
from ringroad.domain.artifact import Artifact
from ringroad.domain.config import build
from ringroad.evaluate.columns import ALL, scene
from ringroad.metrics.intervals import ap50
from ringroad.mine.aggregate import aggregate
from ringroad.mine.scores import bald, divergence, entropy, margin, variation
from ringroad.models.config import NetworkConfig
from ringroad.models.decode import decode
from ringroad.models.dense_head import DenseHead
from ringroad.pipelines.arena_features import load_features
from ringroad.pipelines.batches import all_rows
from ringroad.plugins import STRATEGIES
from ringroad.train.dense import HeadConfig, ask, ask_with_dropout, fit_head
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

POOL, START, TEST = "pool", "start", "test"
AGGREGATION = "top-mean"
DETECTION = 0.05
COUNTED = 0.3
"""Detections over it count as pre-labels."""
_FRAMES_AT_ONCE = 32
STRATEGY_ROOTS = (
    "ringroad.mine.blended",
    "ringroad.mine.diverse",
    "ringroad.mine.strategies",
)


@step(uses=("numpy", "pyarrow"))
def start_labels(
    bench: Bench, *, roles: Artifact, truth: Sequence[Artifact], boxes: int
) -> Artifact:
    """Frames of the start in an order that the seed draws, until they cost so many boxes."""
    known = bench.read_table(roles)
    cost = _costs(all_rows(bench, truth))
    frames = known.filter(pc.equal(known["role"], START))["frame_id"].to_pylist()
    order = np.random.Generator(np.random.PCG64(bench.seed)).permutation(len(frames))
    return _labelled(bench, [], [frames[at] for at in order], cost, boxes)


@step(uses=("numpy", "pyarrow"))
def whole_pool(bench: Bench, *, roles: Artifact, truth: Sequence[Artifact]) -> Artifact:
    """Every frame that is not kept for the test."""
    known = bench.read_table(roles)
    frames = known.filter(pc.not_equal(known["role"], TEST))["frame_id"].to_pylist()
    cost = _costs(all_rows(bench, truth))
    return _labelled(bench, [], frames, cost, sum(cost.values()) + len(frames))


@step(uses=("numpy", "pyarrow", "torch"))
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
    scored: bool,
) -> dict[str, Artifact]:
    """Fit a head to what is labelled; how good it is, what it sees, how unsure it is."""
    config, how = (
        build(NetworkConfig, network, subject="network"),
        build(HeadConfig, head, subject="head"),
    )
    maps = [load_features(bench, part) for part in features]
    known = _joined(bench, frames, described, roles)
    boxes = all_rows(bench, truth)
    chosen = set(bench.read_json(labelled)["frames"])
    mask = np.array([frame in chosen for frame in known["frame_id"].to_pylist()], bool)
    learnt = np.flatnonzero(mask)
    answers, categories = _targets(config, known.take(pa.array(learnt)), boxes)
    some = _rows(maps, learnt)
    heads = [
        fit_head(config, how, some, answers, categories, seed=bench.seed + 7919 * member)
        for member in range(2 if scored else 1)
    ]
    tested = np.flatnonzero(pc.equal(known["role"], TEST).to_numpy())
    found = _detect(config, heads[0], maps, known, tested)
    figures = _judge(known.take(pa.array(tested)), boxes, found, config.categories, rare)
    made = {
        "figures": bench.write_json("arena-figures", figures | {"labelled": len(learnt)}),
        "detections": bench.write_table("arena-detections", found, packed=True),
    }
    if scored:
        looked = np.flatnonzero(pc.not_equal(known["role"], TEST).to_numpy())
        scores = _scores(config, how, heads, maps, looked, seed=bench.seed, rare=rare["category"])
        table = known.take(pa.array(looked))
        for name, values in scores.items():
            table = table.append_column(name, pa.array(values))
        made["candidates"] = bench.write_table("candidates", table, packed=True)
    return made


@step(uses=("numpy", "pyarrow"), also=STRATEGY_ROOTS)
def choose_round(
    bench: Bench,
    *,
    candidates: Artifact,
    labelled: Artifact,
    truth: Sequence[Artifact],
    strategy: str,
    budget: int,
    options: dict[str, object],
) -> Artifact:
    """Let a strategy rank the pool, and label from the top until the round's budget is spent."""
    known = bench.read_table(candidates)
    before = bench.read_json(labelled)["frames"]
    done = pa.array(before, pa.string())
    is_done = pc.is_in(known["frame_id"], value_set=done)
    seen = known.filter(is_done)
    pool = known.filter(pc.and_(pc.equal(known["role"], POOL), pc.invert(is_done)))
    choose = STRATEGIES.load(strategy)
    count = min(budget, pool.num_rows)
    order = choose(pool, matrix_of(seen), count=count, seed=bench.seed, options=options)
    ranking = pool["frame_id"].take(pa.array(order, pa.int64())).to_pylist()
    cost = _costs(all_rows(bench, truth))
    return _labelled(bench, before, ranking, cost, budget)


def _labelled(
    bench: Bench, before: list[str], ranking: list[str], cost: Mapping[str, int], budget: int
) -> Artifact:
    """What is labelled after a round: the head of a ranking that the budget pays for."""
    spent, chosen = 0, []
    for frame in ranking:
        price = max(1, cost.get(frame, 0))
        if spent + price > budget:
            break
        spent += price
        chosen.append(frame)
    total = sum(max(1, cost.get(frame, 0)) for frame in (*before, *chosen))
    return bench.write_json(
        "labelled", {"frames": [*before, *chosen], "chosen": chosen, "spent": spent, "boxes": total}
    )


def _costs(truth: pa.Table) -> dict[str, int]:
    """Boxes of each frame."""
    real = truth.filter(pc.not_equal(truth["category"], ""))
    counts = pc.value_counts(real["frame_id"]).to_pylist()
    return {row["values"]: row["counts"] for row in counts}


def _joined(
    bench: Bench, frames: Sequence[Artifact], described: Sequence[Artifact], roles: Artifact
) -> pa.Table:
    """One row per frame with features, in their order: role, unit, condition, time, embedding."""
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
    taken = more.take(pa.array([when[frame] for frame in ids]))
    return joined.append_column("time_ns", taken["time_ns"]).append_column(
        "brightness", taken["brightness"]
    )


def _rows(maps: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
    """Features at places counted over all recordings."""
    firsts = np.cumsum([0, *(len(part) for part in maps)])
    owner = np.searchsorted(firsts, places, side="right") - 1
    parts = [maps[o][p - firsts[o]] for o, p in zip(owner.tolist(), places.tolist(), strict=True)]
    return np.stack(parts) if parts else np.empty((0, *maps[0].shape[1:]), maps[0].dtype)


def _targets(
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


def _detect(
    config: NetworkConfig,
    head: DenseHead,
    maps: Sequence[np.ndarray],
    known: pa.Table,
    places: np.ndarray,
) -> pa.Table:
    """Detections on some frames, in pixels of the frames as recorded."""
    columns: dict[str, list[Any]] = {n: [] for n in ("frame_id", "category", "score", *"xywh")}
    nothing = np.zeros((len(LIGHT_STATES), *config.grid), np.float32)
    rows = known.select(["frame_id", "width", "height"]).take(pa.array(places)).to_pylist()
    for start in range(0, len(places), _FRAMES_AT_ONCE):
        heat, sides = ask(head, _rows(maps, places[start : start + _FRAMES_AT_ONCE]))
        for at in range(len(heat)):
            row = rows[start + at]
            scale = (row["width"] / config.width, row["height"] / config.height)
            found = decode(
                config, heat[at], sides[at], nothing, np.empty(0), scale=scale, threshold=DETECTION
            )
            for box, score, category in zip(
                found.boxes, found.scores, found.categories, strict=True
            ):
                values = (row["frame_id"], category, float(score), *(float(v) for v in box))
                for name, value in zip(columns, values, strict=True):
                    columns[name].append(value)
    kinds = [pa.string(), pa.string(), *([pa.float32()] * 5)]
    return pa.table(
        [pa.array(values, kind) for values, kind in zip(columns.values(), kinds, strict=True)],
        names=list(columns),
    )


def _judge(
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


def _scores(
    config: NetworkConfig,
    how: HeadConfig,
    heads: Sequence[DenseHead],
    maps: Sequence[np.ndarray],
    places: np.ndarray,
    *,
    seed: int,
    rare: str,
) -> dict[str, np.ndarray]:
    """How unsure the head is of each frame, cell by cell and then by `AGGREGATION`."""
    parts: dict[str, list[np.ndarray]] = {}
    last: np.ndarray | None = None
    at = config.categories.index(rare)
    for start in range(0, len(places), _FRAMES_AT_ONCE):
        some = _rows(maps, places[start : start + _FRAMES_AT_ONCE])
        first, second = (_probability(ask(head, some)[0]) for head in heads)
        members = np.moveaxis(ask_with_dropout(heads[0], some, passes=how.passes, seed=seed), 2, -1)
        before = np.concatenate([first[:1] if last is None else last, first[:-1]])
        last = first[-1:]
        cells = {
            "uncertainty": entropy(first),
            "margin": margin(first),
            "bald": bald(members),
            "variation": variation(members),
            "disagreement": divergence(first, second),
            "change": divergence(first, before),
        }
        for name, values in cells.items():
            parts.setdefault(name, []).append(aggregate(values, AGGREGATION))
        peaks = first.max(axis=-1) >= COUNTED
        parts.setdefault("boxes", []).append(_objects(peaks))
        parts.setdefault("pedestrians", []).append(_objects(first[..., at] >= COUNTED))
    return {name: np.concatenate(values) for name, values in parts.items()}


def _probability(heat: np.ndarray) -> np.ndarray:
    """(n, categories, rows, columns) logits -> (n, rows, columns, categories)."""
    return np.moveaxis(1.0 / (1.0 + np.exp(-heat.astype(np.float64))), 1, -1)


def _objects(over: np.ndarray) -> np.ndarray:
    """(n, rows, columns) bool -> (n,) about how many things: cells whose upper and left are not."""
    upper = np.pad(over, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    left = np.pad(over, ((0, 0), (0, 0), (1, 0)))[:, :, :-1]
    return np.asarray((over & ~upper & ~left).sum(axis=(1, 2)), np.int64)
