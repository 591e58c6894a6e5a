from __future__ import annotations

import multiprocessing
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest
import small_loop
from small_loop import annotations, commit_rows, loop, parts

from ringroad.backends.tables_lance import LanceTables
from ringroad.domain.artifact import Artifact, Execution, ExecutionKey
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ExecutionId, FrameId, digest_of
from ringroad.domain.revision import Revision
from ringroad.media.schemas import embeddings
from ringroad.protocols.blobs import Blobs
from ringroad.protocols.catalog import Catalog
from ringroad.protocols.tables import Tables
from ringroad.store import indexing
from ringroad.store.doctor import sweep, verify
from ringroad.store.indexing import catch_up, rebuild
from ringroad.testing.faults import POINTS, Faults, faulty_tables

LAST = small_loop.STEPS * 3 + 1


def authors(tables: Tables) -> dict[str, str]:
    rows = tables.read("annotations").to_pydict()
    return dict(zip(rows["annotation_id"], rows["author"], strict=True))


def expected() -> dict[str, str]:
    return {f"box{n:03d}": f"author{min(n // 3, small_loop.STEPS - 1)}" for n in range(LAST)}


def test_the_later_batch_wins(catalog: Catalog, blobs: Blobs, tables: Tables) -> None:
    commit_rows(catalog, blobs, "one", annotations(["a", "b"], "first"))
    commit_rows(catalog, blobs, "two", annotations(["b", "c"], "second"))
    assert catch_up(catalog, blobs, tables) == 2
    assert authors(tables) == {"a": "first", "b": "second", "c": "second"}
    assert catch_up(catalog, blobs, tables) == 0
    commit_rows(catalog, blobs, "three", annotations(["a"], "third"))
    assert catch_up(catalog, blobs, tables, "annotations") == 1
    assert authors(tables) == {"a": "third", "b": "second", "c": "second"}


def test_batches_are_written_together(
    catalog: Catalog, blobs: Blobs, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        commit_rows(catalog, blobs, f"s{number}", annotations([f"k{number}", "x"], str(number)))
    faults = Faults()
    assert catch_up(catalog, blobs, faulty_tables(tables, faults)) == 7
    assert faults.passes["table:before"] == 1
    catalog.forget_index("annotations")
    monkeypatch.setattr(indexing, "ROWS_PER_UPSERT", 5)
    assert catch_up(catalog, blobs, faulty_tables(tables, faults)) == 7
    assert faults.passes["table:before"] == 1 + 4
    assert authors(tables)["x"] == "6"


def test_each_table_has_its_key(catalog: Catalog, blobs: Blobs, tables: Tables) -> None:
    rows = embeddings(2).empty_table()
    commit_rows(catalog, blobs, "one", rows, "embeddings.one")
    commit_rows(catalog, blobs, "two", annotations(["a"], "first"))
    catch_up(catalog, blobs, tables)
    assert sorted(tables.names()) == ["annotations", "embeddings.one"]
    commit_rows(catalog, blobs, "three", annotations(["a"], "first"), "nowhere")
    with pytest.raises(UsageError, match="nowhere"):
        catch_up(catalog, blobs, tables)


def test_rebuild_gives_equal_answers(catalog: Catalog, blobs: Blobs, tables: Tables) -> None:
    loop(catalog, blobs, tables)
    before = tables.read("annotations")
    tables.upsert("annotations", annotations(["stray"], "nobody"), key="annotation_id")
    assert rebuild(catalog, blobs, tables) == small_loop.STEPS
    assert tables.read("annotations").equals(before)
    assert catch_up(catalog, blobs, tables) == 0


def test_a_rebuild_cut_off_loses_nothing(catalog: Catalog, blobs: Blobs, tables: Tables) -> None:
    loop(catalog, blobs, tables)

    def cut() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(catalog, blobs, faulty_tables(tables, Faults("table:before", 1, cut)))
    catch_up(catalog, blobs, tables)
    assert authors(tables) == expected()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_it_goes_on_to_the_same_end(tmp_path: Path, point: str) -> None:
    script = [sys.executable, small_loop.__file__, str(tmp_path), f"{point}#2"]
    assert subprocess.run(script, check=False).returncode == -signal.SIGKILL
    catalog, blobs, tables = parts(tmp_path)
    loop(catalog, blobs, tables)
    assert authors(tables) == expected()
    assert catalog.unindexed("annotations") == []
    assert len(catalog.batches("annotations")) == small_loop.STEPS
    swept = sweep(blobs, catalog, now_ns=time.time_ns() + 10**9, grace_ns=0)
    assert swept.blobs == 0
    assert verify(blobs, catalog).damage == ()
    catalog.close()


def test_an_older_row_is_never_put_over_a_newer_one(
    catalog: Catalog, blobs: Blobs, tables: LanceTables
) -> None:
    commit_rows(catalog, blobs, "one", annotations(["a"], "older"))
    others = LanceTables(tables.root)
    overtaking = Thread(target=catch_up, args=(catalog, blobs, others))

    def overtake() -> None:
        commit_rows(catalog, blobs, "two", annotations(["a"], "newer"))
        overtaking.start()
        overtaking.join(0.3)

    catch_up(catalog, blobs, faulty_tables(tables, Faults("table:before", 1, overtake)))
    overtaking.join()
    assert authors(tables) == {"a": "newer"}


def catch_up_often(root: Path) -> None:
    catalog, blobs, tables = parts(root)
    for _ in range(60):
        catch_up(catalog, blobs, tables)
    catalog.close()


def test_processes_that_catch_up_together_keep_the_latest_rows(tmp_path: Path) -> None:
    catalog, blobs, tables = parts(tmp_path)
    spawn = multiprocessing.get_context("spawn")
    others = [spawn.Process(target=catch_up_often, args=(tmp_path,)) for _ in range(2)]
    for other in others:
        other.start()
    number = 0
    while any(other.is_alive() for other in others) and number < 300:
        commit_rows(catalog, blobs, f"s{number}", annotations(["one"], f"{number:04d}"))
        number += 1
    for other in others:
        other.join()
    catch_up(catalog, blobs, tables)
    assert authors(tables) == {"one": f"{number - 1:04d}"}
    assert [other.exitcode for other in others] == [0, 0]
    catalog.close()


def boxes(frames: dict[str, int], author: str) -> pa.Table:
    """So many boxes on each frame."""
    keys = [f"{frame}/{n}" for frame, count in frames.items() for n in range(count)]
    rows = annotations(keys, author)
    owners = pa.array([key.rpartition("/")[0] for key in keys], pa.string())
    return rows.set_column(1, rows.schema.field(1), owners)


def move(catalog: Catalog, batch: Artifact, frames: Iterable[str]) -> None:
    """Make a batch the head of frames."""
    heads = catalog.heads([FrameId(frame) for frame in frames])
    records = [
        Revision(
            frame=FrameId(frame),
            batch=batch.id,
            number=heads[FrameId(frame)].number + 1 if frame in heads else 1,
        )
        for frame in frames
    ]
    step = f"move {[(record.frame, record.number) for record in records]}"
    key = ExecutionKey(step=step, code={}, environment={}, inputs={}, parameters={}, seed=0)
    moved = Execution(
        id=ExecutionId(digest_of(canonical_json(key))),
        key=key,
        inputs={},
        outputs={},
        started_ns=1,
        ended_ns=2,
        host="here",
    )
    catalog.commit(moved, [batch], records)


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_those_of_the_head_however_one_gets_there(
    catalog: Catalog, blobs: Blobs, tables: Tables, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches, moves of heads forth and back, and looks at the table in any order."""
    monkeypatch.setattr(indexing, "ROWS_PER_UPSERT", 12)
    rng = random.Random(seed)
    held: list[tuple[Artifact, dict[str, int], str]] = []
    truth: dict[str, tuple[str, int]] = {}
    headed: set[str] = set()
    for number in range(24):
        author = f"author{number}"
        frames = {f: rng.randint(1, 4) for f in rng.sample("abcdef", rng.randint(1, 3))}
        match rng.choice(["batch", "head", "back", "look"]):
            case "batch":
                commit_rows(catalog, blobs, author, boxes(frames, author))
                truth |= {f: (author, n) for f, n in frames.items() if f not in headed}
            case "head":
                held.append(
                    (commit_rows(catalog, blobs, author, boxes(frames, author)), frames, author)
                )
                move(catalog, held[-1][0], frames)
                headed |= set(frames)
                truth |= {f: (author, n) for f, n in frames.items()}
            case "back" if held:
                batch, frames, author = rng.choice(held)
                move(catalog, batch, frames)
                truth |= {f: (author, n) for f, n in frames.items()}
            case _:
                catch_up(catalog, blobs, tables)
    catch_up(catalog, blobs, tables)
    expected = {f"{f}/{n}": author for f, (author, count) in truth.items() for n in range(count)}
    assert authors(tables) == expected
    before = tables.read("annotations")
    rebuild(catalog, blobs, tables)
    assert tables.read("annotations").equals(before)
