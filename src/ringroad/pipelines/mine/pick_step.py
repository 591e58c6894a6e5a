"""Mining as a step: a strategy over a pool of frames, cut to a budget."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate import selection as selections
from ringroad.curate.query import matrix_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import FrameId
from ringroad.mine.budget import rank_to_budget
from ringroad.pipelines.batches import all_rows
from ringroad.pipelines.mine.choose import candidates
from ringroad.plugins import STRATEGIES
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step

BOXES = "boxes"
FRAMES = "frames"
POOL = "pool"
LABELLED = "labelled"


@step(
    uses=("numpy", "pyarrow"),
    also=("ringroad.mine.blended", "ringroad.mine.diverse", "ringroad.mine.strategies"),
)
def pick_frames(
    bench: Bench,
    *,
    frames: Sequence[Artifact],
    scores: Sequence[Artifact],
    predictions: Sequence[Artifact],
    embeddings: Sequence[Artifact],
    among: list[str],
    labelled: list[str],
    strategy: str,
    budget: int,
    unit: str,
    options: dict[str, object],
) -> dict[str, Artifact]:
    """Rank the pool by one strategy and cut it to a budget; boxes are those the network saw."""
    rows = all_rows(bench, frames)
    ids = rows["frame_id"].to_pylist()
    wanted, done = frozenset(among or ids), frozenset(labelled)
    roles = [LABELLED if f in done else POOL if f in wanted else "" for f in ids]
    known = candidates(
        rows.select(["frame_id", "recording_id", "condition"]).append_column(
            "role", pa.array(roles, pa.string())
        ),
        rows,
        all_rows(bench, scores),
        all_rows(bench, predictions),
        all_rows(bench, embeddings),
    )
    pool = known.filter(pc.equal(known["role"], POOL))
    seen = known.filter(pc.equal(known["role"], LABELLED))
    choose = STRATEGIES.load(strategy)

    def rank(count: int) -> list[FrameId]:
        order = choose(pool, matrix_of(seen), count=count, seed=bench.seed, options=options)
        named = pool["frame_id"].take(pa.array(order, pa.int64())).to_pylist()
        return [FrameId(frame) for frame in named]

    boxes = zip(known["frame_id"].to_pylist(), known["boxes"].to_pylist(), strict=True)
    cost = {frame: max(1, count) for frame, count in boxes}
    if unit == BOXES:
        priced = (seen if seen.num_rows else pool)["frame_id"].to_pylist()
        price = sum(cost[frame] for frame in priced) / max(1, len(priced))
        chosen = rank_to_budget(rank, cost, budget_boxes=budget, price=price, most=pool.num_rows)
    else:
        chosen = tuple(rank(min(budget, pool.num_rows)))
    kept = selections.by_hand(chosen, reason=f"{strategy}, {budget} {unit}, seed {bench.seed}")
    figures = {
        "frames": len(chosen),
        "boxes": sum(cost[frame] for frame in chosen),
        "pool": pool.num_rows,
        "labelled": seen.num_rows,
    }
    return {
        "selection": bench.write(selections.KIND, selections.to_bytes(kept), selections.MEDIA),
        "figures": bench.write_json("mining", figures),
    }
