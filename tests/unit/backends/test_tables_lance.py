from __future__ import annotations

import multiprocessing
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ringroad.backends import tables_lance
from ringroad.backends.tables_lance import LanceTables
from ringroad.domain.errors import UnknownName

SCHEMA = pa.schema([pa.field("k", pa.string(), nullable=False), pa.field("n", pa.int64())])
LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))"
FULL = """
import sys
from pathlib import Path
import numpy as np, pyarrow as pa
from ringroad.backends.tables_lance import LanceTables
from ringroad.domain.errors import StorageFull

tables = LanceTables(Path(sys.argv[1]))
tables.upsert("frames", pa.table({"k": ["a"], "n": [1.0]}), key="k")
keys = [f"{number:09d}" for number in range(200_000)]
noise = np.random.Generator(np.random.PCG64(0)).normal(size=len(keys))
try:
    tables.upsert("frames", pa.table({"k": keys, "n": noise}), key="k")
except StorageFull:
    assert tables.read("frames").to_pydict() == {"k": ["a"], "n": [1.0]}
    sys.exit(7)
"""
ENDLESS = """
import sys
from pathlib import Path
import pyarrow as pa
from ringroad.backends.tables_lance import LanceTables

tables, number = LanceTables(Path(sys.argv[1])), 0
while True:
    keys = [f"{number + step:09d}" for step in range(20)]
    tables.upsert("frames", pa.table({"k": keys, "n": [number] * 20}), key="k")
    print(number, flush=True)
    number += 10
"""


def rows(keys: list[str], n: int) -> pa.Table:
    return pa.table({"k": keys, "n": [n] * len(keys)}, schema=SCHEMA)


def vectors(count: int, size: int, seed: int) -> pa.Table:
    random = np.random.Generator(np.random.PCG64(seed))
    centres = random.normal(size=(50, size))
    points = centres[random.integers(0, 50, count)] + 0.3 * random.normal(size=(count, size))
    flat = pa.array(points.astype(np.float32).ravel())
    return pa.table(
        {
            "k": [f"{number:06d}" for number in range(count)],
            "vector": pa.FixedSizeListArray.from_arrays(flat, size),
        }
    )


def write_many(root: Path, n: int) -> None:
    tables = LanceTables(root)
    for number in range(15):
        tables.upsert("frames", rows([f"k{number}"], n), key="k")


@pytest.fixture
def tables(tmp_path: Path) -> LanceTables:
    return LanceTables(tmp_path / "tables")


def test_processes_that_insert_the_same_keys_do_not_double_them(tables: LanceTables) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(tables.root, n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert tables.read("frames").column("k").to_pylist() == sorted(f"k{n}" for n in range(15))


def test_a_full_file_system_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMIT + FULL, str(tmp_path)],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 7, done.stderr


@pytest.mark.parametrize("wait_s", [0.0, 0.1, 0.25])
def test_a_kill_loses_no_write_that_was_acknowledged(tmp_path: Path, wait_s: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline()]
        time.sleep(wait_s)
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.readlines()
    last = int(told[-1] if told[-1].endswith("\n") else told[-2])
    tables = LanceTables(tmp_path)
    keys = tables.read("frames").column("k").to_pylist()
    assert keys in ([f"{number:09d}" for number in range(end + 20)] for end in (last, last + 10))
    tables.upsert("frames", rows(["x"], 1), key="k")
    tables.compact("frames")
    assert tables.read("frames").column("k").to_pylist() == [*keys, "x"]


def test_a_table_whose_creation_was_killed_is_made_again(tables: LanceTables) -> None:
    tables.upsert("frames", rows(["a"], 1), key="k")
    shutil.rmtree(tables.root / "frames.lance" / "_versions")
    assert list(tables.names()) == []
    with pytest.raises(UnknownName):
        tables.read("frames")
    tables.upsert("frames", rows(["b"], 2), key="k")
    assert tables.read("frames").to_pydict() == {"k": ["b"], "n": [2]}


def test_compaction_keeps_fragments_and_the_key_index_in_shape(tables: LanceTables) -> None:
    for number in range(2 * tables_lance.COMPACT_EVERY):
        tables.upsert("frames", rows([f"k{number % 50}", "same"], number), key="k")
    data = tables._open("frames")
    assert len(data.get_fragments()) <= tables_lance.COMPACT_EVERY + 2
    tables.compact("frames")
    data = tables._open("frames")
    (index,) = data.describe_indices()
    assert index.num_rows_indexed == data.count_rows() == 51


def test_old_versions_go(tables: LanceTables, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        tables.upsert("frames", rows(["a"], number), key="k")
    monkeypatch.setattr(tables_lance, "KEEP_VERSIONS", tables_lance.timedelta(0))
    tables.compact("frames")
    assert len(tables._open("frames").versions()) == 1
    assert tables.read("frames").to_pydict() == {"k": ["a"], "n": [9]}


def test_large_tables_are_searched_by_index_and_ranked_exactly(
    tables: LanceTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables_lance, "EXACT_ROWS", 1000)
    data = vectors(5000, 32, seed=1)
    tables.upsert("embeddings.one", data, key="k")
    tables.compact("embeddings.one")
    indexed = [
        name for i in tables._open("embeddings.one").describe_indices() for name in i.field_names
    ]
    assert sorted(indexed) == ["k", "vector"]
    points = np.stack(data.column("vector").to_numpy())
    hits = 0
    for number in range(0, 5000, 250):
        near = tables.nearest("embeddings.one", points[number], limit=10)
        exact = ((points - points[number]) ** 2).sum(axis=1)
        best = {f"{row:06d}" for row in np.argsort(exact)[:10]}
        hits += len(best & set(near.column("k").to_pylist()))
        assert near.column("k")[0].as_py() == f"{number:06d}"
    assert hits / 200 >= 0.95
    tables.upsert("embeddings.one", vectors(5001, 32, seed=1).slice(5000), key="k")
    assert tables.count("embeddings.one") == 5001


def test_searches_are_quiet(tables: LanceTables, capfd: pytest.CaptureFixture[str]) -> None:
    tables.upsert("embeddings.one", vectors(50, 8, seed=1), key="k")
    for _ in range(3):
        tables.nearest("embeddings.one", np.zeros(8, np.float32), limit=3, where="k > '000010'")
    assert capfd.readouterr() == ("", "")


def test_a_dropped_table_is_not_seen_half_way(
    tables: LanceTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.upsert("frames", rows(["a"], 1), key="k")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            tables.drop("frames")
    tables.upsert("frames", rows(["b"], 2), key="k")
    tables.drop("frames")
    assert list(tables.names()) == []
