"""Steps of an arena that spend labels: what is there at the start, and what a strategy adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.query import matrix_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.mine.budget import rank_to_budget, take_until
from ringroad.pipelines.arena.frames import POOL, START, TEST
from ringroad.pipelines.batches import all_rows
from ringroad.plugins import STRATEGIES
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

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
    frames = known.filter(pc.equal(known["role"], START))["frame_id"].to_pylist()
    cost = _costs(all_rows(bench, truth), frames)
    order = np.random.Generator(np.random.PCG64(bench.seed)).permutation(len(frames))
    ranking = [FrameId(frames[at]) for at in order]
    return _labelled(bench, [], take_until(ranking, cost, boxes), cost)


@step(uses=("numpy", "pyarrow"))
def whole_pool(bench: Bench, *, roles: Artifact, truth: Sequence[Artifact]) -> Artifact:
    """Every frame that is not kept for the test."""
    known = bench.read_table(roles)
    frames = known.filter(pc.not_equal(known["role"], TEST))["frame_id"].to_pylist()
    cost = _costs(all_rows(bench, truth), frames)
    return _labelled(bench, [], [FrameId(frame) for frame in frames], cost)


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
    """Let a strategy rank the pool, and label from the top until the round's budget is spent.

    A ranking is about as long as the budget buys frames at the price of those labelled so far.
    """
    known = bench.read_table(candidates)
    before = bench.read_json(labelled)["frames"]
    is_done = pc.is_in(known["frame_id"], value_set=pa.array(before, pa.string()))
    seen = known.filter(is_done)
    pool = known.filter(pc.and_(pc.equal(known["role"], POOL), pc.invert(is_done)))
    choose = STRATEGIES.load(strategy)

    def rank(count: int) -> list[FrameId]:
        order = choose(pool, matrix_of(seen), count=count, seed=bench.seed, options=options)
        frames = pool["frame_id"].take(pa.array(order, pa.int64())).to_pylist()
        return [FrameId(frame) for frame in frames]

    cost = _costs(all_rows(bench, truth), [*before, *pool["frame_id"].to_pylist()])
    price = sum(cost[frame] for frame in before) / max(1, len(before))
    chosen = rank_to_budget(rank, cost, budget_boxes=budget, price=price, most=pool.num_rows)
    return _labelled(bench, before, chosen, cost)


def _labelled(
    bench: Bench, before: Sequence[str], chosen: Sequence[FrameId], cost: Mapping[FrameId, int]
) -> Artifact:
    """What is labelled after a round, and what that cost."""
    frames = [FrameId(frame) for frame in (*before, *chosen)]
    return bench.write_json(
        "labelled",
        {
            "frames": frames,
            "chosen": list(chosen),
            "spent": sum(cost[frame] for frame in chosen),
            "boxes": sum(cost[frame] for frame in frames),
        },
    )


def _costs(truth: pa.Table, frames: Sequence[str]) -> dict[FrameId, int]:
    """Boxes of each frame; looking at an empty one costs as much as a box."""
    real = truth.filter(pc.not_equal(truth["category"], ""))
    counts = {row["values"]: row["counts"] for row in pc.value_counts(real["frame_id"]).to_pylist()}
    return {FrameId(frame): max(1, counts.get(frame, 0)) for frame in frames}
