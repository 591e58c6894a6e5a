"""The local index under writers that are killed, and its files under a hand that damages them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ringroad.backends.index_local import LocalIndex
from ringroad.domain.errors import WorkspaceError
from ringroad.testing.contract_index import points, rows_of, vectors_of

STEP = 300
WRITER = """
import sys
from pathlib import Path
from ringroad.backends.index_local import LocalIndex
from ringroad.testing.contract_index import points, rows_of, vectors_of
index = LocalIndex(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    start = index.view().size
    some = range(start, start + 300)
    vectors = {"look": vectors_of(some, points(300, seed=start))}
    index.extend(columns=rows_of(some), vectors=vectors, reached={"frames": start})
"""


def test_a_killed_writer_leaves_whole_writes(tmp_path: Path) -> None:
    index = LocalIndex(tmp_path / "index")
    draw = np.random.Generator(np.random.PCG64(8))
    size = 0
    for _ in range(10):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(index.root)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(float(draw.uniform(0.02, 0.25)))
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        view = index.view()
        assert view.size >= size
        assert view.size % STEP == 0
        size = view.size
        if size:
            assert view.reached["frames"] == size - STEP
            assert view.spaces["look"].vectors == size
            last = points(STEP, seed=size - STEP)[7]
            assert view.nearest("look", last, limit=1)[0].tolist() == [size - STEP + 7]
    assert size > 0
    index.extend(columns=rows_of(range(size, size + 1)))
    named = index.view().manifest.files()
    kept = {path.relative_to(index.root).as_posix() for path in index.root.rglob("*.*")}
    assert {name for name in kept if not name.endswith(".lock")} <= named


@pytest.mark.parametrize("damage", ["{", '{"format": 99}', '{"format": 1, "colour": 2}'])
def test_a_damaged_manifest_says_what_to_do(tmp_path: Path, damage: str) -> None:
    index = LocalIndex(tmp_path / "index")
    index.extend(columns=rows_of(range(3)))
    (index.root / "CURRENT").write_text(damage)
    with pytest.raises(WorkspaceError, match="doctor --rebuild"):
        index.view()
    index.clear()
    index.extend(columns=rows_of(range(2)))
    assert index.view().size == 2


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    index = LocalIndex(tmp_path / "index")
    index.extend(columns=rows_of(range(3)))
    next(index.root.glob("columns-*.arrow")).unlink()
    with pytest.raises(WorkspaceError, match="doctor --rebuild"):
        index.view()


def test_many_writes_leave_few_files(tmp_path: Path) -> None:
    index = LocalIndex(tmp_path / "index")
    for start in range(0, 4000, 50):
        some = range(start, start + 50)
        index.extend(columns=rows_of(some), vectors={"look": vectors_of(some, points(50, seed=1))})
    manifest = index.view().manifest
    assert len(manifest.columns) <= 8
    space = manifest.space("look")
    assert space is not None
    assert len(space.parts) <= 8
