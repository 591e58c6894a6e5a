"""Which frames: a role for every unit, and rankings of the pool by strategy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.query import matrix_of, query_frames
from ringroad.datasets.roles import assign_roles
from ringroad.datasets.split import by_block, by_recording
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import TEST, TRAIN
from ringroad.pipelines.batches import all_rows
from ringroad.plugins import STRATEGIES
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("duckdb", "numpy", "pyarrow"))
def give_roles(
    bench: Bench,
    *,
    frames: Sequence[Artifact],
    unit: str,
    block: int,
    gap: int,
    test: float,
    start: str,
    start_units: int,
) -> Artifact:
    """Give every unit a role: `test`, `start` (labelled from the beginning) or `pool`."""
    rows = all_rows(bench, frames)
    shares = {TRAIN: 1.0 - test, TEST: test}
    if unit == "block":
        split = by_block(rows, block=block, gap=gap, fractions=shares, seed=bench.seed)
    else:
        split = by_recording(rows, fractions=shares, seed=bench.seed)
    found = query_frames(rows, start).column("frame_id").to_pylist()
    roles = assign_roles(split, start_frames=found, start_units=start_units, seed=bench.seed)
    return bench.write_table("roles", roles)


@step(
    uses=("numpy", "pyarrow"),
    also=("ringroad.mine.blended", "ringroad.mine.diverse", "ringroad.mine.strategies"),
)
def rank_pool(
    bench: Bench,
    *,
    roles: Artifact,
    frames: Sequence[Artifact],
    scores: Sequence[Artifact],
    predictions: Sequence[Artifact],
    embeddings: Sequence[Artifact],
    strategy: str,
    count: int,
    options: dict[str, object],
) -> Artifact:
    """Order the pool's frames by one strategy, the most wanted first."""
    known = candidates(
        bench.read_table(roles),
        all_rows(bench, frames),
        all_rows(bench, scores),
        all_rows(bench, predictions),
        all_rows(bench, embeddings),
    )
    pool = known.filter(pc.equal(known.column("role"), "pool"))
    labelled = known.filter(pc.equal(known.column("role"), "start"))
    choose = STRATEGIES.load(strategy)
    order = choose(pool, matrix_of(labelled), count=count, seed=bench.seed, options=options)
    chosen = pool.column("frame_id").take(order).to_pylist()
    return bench.write_json("ranking", {"strategy": strategy, "frames": chosen})


def candidates(
    roles: pa.Table,
    frames: pa.Table,
    scores: pa.Table,
    predictions: pa.Table,
    embeddings: pa.Table,
) -> pa.Table:
    """What strategies choose from: one row per frame with a role, by frame id.

    Uncertainty is the network's; diversity is measured in the embedding of what frames look
    like, because a network that was never shown the night has no words for it.
    """
    measured = frames.select(["frame_id", "time_ns", "brightness"])
    known = roles.join(measured, "frame_id", join_type="inner")
    known = _joined(known, scores, ("uncertainty", "boxes"))
    known = _joined(known, embeddings, ("vector",))
    categories = predictions.column("category").to_pylist()
    owners = predictions.column("frame_id").to_pylist()
    pedestrians = Counter(
        frame
        for frame, category in zip(owners, categories, strict=True)
        if category == "pedestrian"
    )
    counted = [pedestrians[frame] for frame in known.column("frame_id").to_pylist()]
    return known.append_column("pedestrians", pa.array(counted, pa.int32()))


def _joined(known: pa.Table, more: pa.Table, names: Sequence[str]) -> pa.Table:
    """Columns of another table by frame id; by hand, because Arrow joins no list columns."""
    place = {frame: row for row, frame in enumerate(more.column("frame_id").to_pylist())}
    ids = known.column("frame_id").to_pylist()
    known = known.filter(pa.array([frame in place for frame in ids])).sort_by("frame_id")
    rows = more.take([place[frame] for frame in known.column("frame_id").to_pylist()])
    for name in names:
        known = known.append_column(name, rows.column(name))
    return known


@step(uses=("pyarrow",))
def list_role(bench: Bench, *, roles: Artifact, role: str) -> Artifact:
    """All frames of one role, by frame id: a ranking in which none is preferred."""
    known = bench.read_table(roles)
    chosen = known.filter(pc.equal(known.column("role"), role)).column("frame_id").to_pylist()
    return bench.write_json("ranking", {"strategy": f"all of {role}", "frames": chosen})
