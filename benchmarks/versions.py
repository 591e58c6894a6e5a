"""A dataset version of a million rows: append, diff, revert, branch, merge; bytes and times.

Peers in the same run: the whole manifest written anew, and Lance `merge_insert` in mode
`rewrite_columns` of the same edits. A later part appends 200 times and counts all bytes, those of
compaction among them. Every edited row names an annotation batch of its own: the least that can
be packed.

    python benchmarks/versions.py [ROWS [EDITS [APPENDS]]]     default 1000000 10000 200
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pyarrow as pa

from ringroad.app import Settings, open_workspace
from ringroad.datasets.changes import changes
from ringroad.datasets.manifest import version_of
from ringroad.datasets.merge import Choices
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.datasets.version import build
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import DatasetHeader
from ringroad.media import arrow
from ringroad.media.schemas import MANIFEST
from ringroad.pipelines.datasets.edits import append_rows, revert
from ringroad.pipelines.datasets.merging import plan_merge, write_merge
from ringroad.pipelines.datasets.names import begin, branch
from ringroad.pipelines.datasets.writing import VERSION, write_base
from ringroad.pipelines.workspace import Workspace
from ringroad.workflow.bench import Bench, SilentTracker
from ringroad.workflow.step import step

FRAMES_A_DRIVE = 1_000
CONFLICTS = 100
MOST_BYTES = 2.0
CELLS = [name for name in MANIFEST.names if name != "frame_id"]


@step(uses=("pyarrow",))
def made_up(bench: Bench, *, count: int) -> dict[str, Artifact]:
    """A first version of so many rows."""
    header = DatasetHeader(name="million", categories=("car",))
    return write_base(bench, build(header, rows(np.arange(count), bench.seed)))


def rows(numbers: np.ndarray, seed: int, *, per_batch: int = 500) -> pa.Table:
    """Rows of frames by number; which annotations they name depends on the seed."""
    drives = [f"car-{n % 7}/drives/{n:05d}" for n in range(int(numbers.max()) // 1000 + 1)]
    mine = [drives[n // FRAMES_A_DRIVE] for n in numbers.tolist()]
    batches = [
        hashlib.sha256(f"{seed} {n}".encode()).hexdigest()
        for n in range(len(numbers) // per_batch + 1)
    ]
    return pa.table(
        {
            "frame_id": [
                f"{drive}/front/{n % FRAMES_A_DRIVE:06d}"
                for drive, n in zip(mine, numbers.tolist(), strict=True)
            ],
            "recording_id": mine,
            "unit": mine,
            "split": [
                "test" if n // FRAMES_A_DRIVE % 5 == 0 else "train" for n in numbers.tolist()
            ],
            "condition": [("day", "dusk", "night")[n // 1000 % 3] for n in numbers.tolist()],
            "annotations": [batches[n // per_batch] for n in range(len(numbers))],
            "weight": pa.array(np.ones(len(numbers), np.float32)),
        },
        schema=MANIFEST,
    ).sort_by("frame_id")


def timed(
    what: str, work: Callable[[], Any], workspace: Workspace | None = None
) -> tuple[Any, float, int]:
    """What a piece of work gives, its wall time, and by how many bytes the blobs grew."""
    before = _bytes(workspace)
    begun, cpu = time.perf_counter(), time.process_time()
    given = work()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    grown = _bytes(workspace) - before
    print(f"{what}: {wall * 1e3:,.0f} ms, {cpu * 1e3:,.0f} CPU-ms, {grown:,} bytes", flush=True)
    return given, wall, grown


def main() -> int:
    """Print figures; 1 where a budget is missed."""
    count, edits, appends = (
        int(text) for text in [*sys.argv[1:], *("1000000", "10000", "200")[len(sys.argv) - 1 :]]
    )
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="versions-") as folder:
        workspace = open_workspace(
            Settings(folder=Path(folder) / "workspace"),
            tracker=SilentTracker(),
            listener=lambda _: None,
            say=lambda _: None,
        )
        missed = one_of_each(workspace, count, edits)
        missed += peers(Path(folder), count, edits)
        missed += many(workspace, count, edits // 10, appends)
        workspace.close()
    return 1 if missed else 0


def one_of_each(workspace: Workspace, count: int, edits: int) -> int:
    """Append, diff, branch, revert, merge; how many budgets were missed."""
    draw = np.random.Generator(np.random.PCG64(1))
    first, _, _ = timed("create", lambda: workspace.runner.run(made_up, count=count), workspace)
    begin(workspace, "million", first[VERSION], reason="made up")
    news = rows(np.sort(draw.choice(count, edits, replace=False)), 1, per_batch=1)
    payload = plain_bytes(news)
    made, _, written = timed(
        f"append {edits:,} rows ({payload:,} bytes plain)",
        lambda: append_rows(workspace, "million", news),
        workspace,
    )
    missed = ratio("append", written, payload)
    found, _, _ = timed("diff", lambda: differ(workspace, made.before, made.version), workspace)
    missed += told("rows told as changed", len(found), edits)
    timed("branch", lambda: branch(workspace, "million", "side"), workspace)
    timed(
        "revert to the first version",
        lambda: revert(workspace, "million", first[VERSION].id, reason="try"),
        workspace,
    )
    timed(
        "revert back",
        lambda: revert(workspace, "million", made.version.id, reason="try"),
        workspace,
    )
    return missed + merged(workspace, count, edits, draw)


def merged(workspace: Workspace, count: int, edits: int, draw: np.random.Generator) -> int:
    """Both sides edit rows of their own, and some rows differently on purpose."""
    chosen = draw.choice(count, 2 * edits + CONFLICTS, replace=False)
    both, ours, theirs = np.split(chosen, [CONFLICTS, CONFLICTS + edits])
    for name, own, seed in (("million", ours, 2), ("side", theirs, 3)):
        append_rows(workspace, name, rows(np.sort(np.concatenate([both, own])), seed, per_batch=1))
    planned, _, _ = timed(
        f"merge of {edits:,} and {edits:,} edits, planned",
        lambda: plan_merge(workspace, "million", "side"),
    )
    planted = set(rows(np.sort(both), 0)["frame_id"].to_pylist())
    shown = {conflict.frame for conflict in planned.merge.rows.conflicts}
    missed = told("conflicts found of those planted", len(shown & planted), CONFLICTS)
    missed += told("conflicts that were not planted", len(shown - planted), 0)
    payload = plain_bytes(planned.merge.rows.put)
    frames = sorted(shown)
    sides = {frame: ("ours", "theirs")[place % 2] for place, frame in enumerate(frames)}
    made, _, written = timed(
        "merge, written", lambda: write_merge(workspace, planned, Choices(rows=sides)), workspace
    )
    return (
        missed
        + ratio("merge", written, payload)
        + told("rows put", made.put, edits + CONFLICTS // 2)
    )


def many(workspace: Workspace, count: int, edits: int, appends: int) -> int:
    """Append again and again: bytes with those of compaction, and the time of the last."""
    draw = np.random.Generator(np.random.PCG64(5))
    branch(workspace, "million", "long")
    payload, before, spent = 0, _bytes(workspace), []
    for number in range(appends):
        news = rows(np.sort(draw.choice(count, edits, replace=False)), 10 + number, per_batch=1)
        payload += plain_bytes(news)
        begun = time.process_time()
        append_rows(workspace, "long", news)
        spent.append(time.process_time() - begun)
    written = _bytes(workspace) - before
    version = version_of(workspace.blobs, workspace.find("dataset:long"))
    print(
        f"{appends} appends of {edits:,}: {np.median(spent) * 1e3:.0f} CPU-ms each at the median, "
        f"{max(spent) * 1e3:,.0f} at most; {len(version.layers)} layers"
    )
    stack = stack_of(version, Shelf(workspace.blobs))
    timed("reading all rows of the last", stack.rows)
    return ratio("with all compactions", written, payload)


def peers(folder: Path, count: int, edits: int) -> int:
    """The same append by other means."""
    draw = np.random.Generator(np.random.PCG64(1))
    table = rows(np.arange(count), 0)
    news = rows(np.sort(draw.choice(count, edits, replace=False)), 1, per_batch=1)

    def anew() -> int:
        kept = table.filter(pa.compute.invert(pa.compute.is_in(
            table["frame_id"], value_set=news["frame_id"].combine_chunks())))  # fmt: skip
        data = arrow.to_bytes(pa.concat_tables([kept, news]).sort_by("frame_id"))
        path = folder / "anew.arrow"
        with path.open("wb") as sink:
            sink.write(data)
            sink.flush()
            os.fsync(sink.fileno())
        return len(data)

    data, _, _ = timed("peer: the whole manifest anew", anew)
    print(f"  {data:,} bytes, {data / plain_bytes(news):.0f} x the payload")
    place = str(folder / "rows.lance")
    stored = lance.write_dataset(table, place)
    stored.create_scalar_index("frame_id", "BTREE")
    before = _size(Path(place))

    def insert() -> None:
        (
            lance.dataset(place)
            .merge_insert("frame_id")
            .when_matched_update_all()
            .write_mode("rewrite_columns")
            .execute(news.select(["frame_id", "annotations"]))
        )

    timed("peer: Lance merge_insert of one column, rewrite_columns, indexed key", insert)
    grown = _size(Path(place)) - before
    print(f"  {grown:,} bytes, {grown / plain_bytes(news):.2f} x the payload; nothing fsynced")
    return 0


def differ(workspace: Workspace, before: Artifact, after: Artifact) -> Any:
    """Changed rows of two versions."""
    shelf = Shelf(workspace.blobs)
    stacks = [stack_of(version_of(workspace.blobs, item), shelf) for item in (before, after)]
    return changes(*stacks)


def plain_bytes(table: pa.Table) -> int:
    """Text and numbers of rows, without anything around them."""
    texts = sum(
        pa.compute.sum(pa.compute.binary_length(table[name])).as_py() or 0
        for name in MANIFEST.names
        if name != "weight"
    )
    return int(texts + 4 * table.num_rows)


def ratio(what: str, written: int, payload: int) -> int:
    """Print bytes written against the edits' own; 1 where there are too many."""
    print(f"  {what}: {written / payload:.2f} x the edits' payload, budget {MOST_BYTES:g}")
    return int(written > MOST_BYTES * payload)


def told(what: str, count: int, wanted: int) -> int:
    """Print a count that has to be met; 1 where it is not."""
    print(f"  {what}: {count:,}, wanted {wanted:,}")
    return int(count != wanted)


def _bytes(workspace: Workspace | None) -> int:
    return _size(workspace.folder / "blobs") if workspace is not None else 0


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
