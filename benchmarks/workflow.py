"""What a step costs: 10,000 steps in a chain, cold and cached, beside the bare writes they need.

The peer in the same run writes the same blobs (temporary file, fsync, rename, fsync of the
folder) and the same rows of artifact, execution and edges with the `sqlite3` module, one
durable transaction per step: nobody who keeps both can do less. CPU is user + system of this
process. Syscalls are counted with strace on a shorter chain, where there is one.

    python benchmarks/workflow.py [STEPS]
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.backends.clock_system import SystemClock
from ringroad.backends.executor_inline import InlineExecutor
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.artifact import Artifact
from ringroad.domain.ids import Digest
from ringroad.domain.recording import Location
from ringroad.workflow.bench import Bench, Kit
from ringroad.workflow.owner import this_process
from ringroad.workflow.runner import Runner, StepEvent
from ringroad.workflow.step import step

STEPS = 10_000
COUNTED = 300
COLD_MS, CACHED_MS = 3.0, 0.2
PEER = """
CREATE TABLE artifact (position INTEGER PRIMARY KEY, id TEXT UNIQUE, size INTEGER, media TEXT);
CREATE TABLE execution (position INTEGER PRIMARY KEY, id TEXT UNIQUE, step TEXT, key TEXT);
CREATE TABLE edge (execution TEXT, direction TEXT, role TEXT, artifact TEXT,
                   PRIMARY KEY (execution, direction, role)) WITHOUT ROWID;
CREATE INDEX edge_artifact ON edge (artifact, direction, execution);
"""


class NoSources:
    """These steps read no recordings."""

    def read_range(
        self, source: Digest, offset: int, length: int, *, xxh3: int | None = None
    ) -> bytes:
        """Nothing to read."""
        raise NotImplementedError

    def location(self, source: Digest) -> Location | None:
        """Nowhere."""
        raise NotImplementedError


@step(uses=("numpy", "pyarrow"))
def link(bench: Bench, *, before: Artifact | None, number: int) -> Artifact:
    """One link of the chain: a small new blob each time."""
    previous = before.digest if before else "nothing"
    return bench.write("link", f"{number} after {previous}".encode(), "text/plain")


def chain(folder: Path, steps: int) -> None:
    """Run the chain; what was run before is found."""
    catalog = SqliteCatalog(folder / "catalog.sqlite")
    kit = Kit(
        blobs=LocalBlobs(folder / "blobs"),
        sources=NoSources(),
        sandbox=InlineSandbox(),
        clock=SystemClock(),
    )
    heard: list[StepEvent] = []
    runner = Runner(catalog, kit, InlineExecutor(), owner=this_process(), listener=heard.append)
    last: Artifact | None = None
    for number in range(steps):
        last = runner.run(link, before=last, number=number)
    catalog.close()


def bare(folder: Path, steps: int) -> None:
    """The same files and rows, and nothing else."""
    db = sqlite3.connect(folder / "peer.sqlite", isolation_level=None)
    db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {PEER}")
    digest = "0" * 64
    for number in range(steps):
        before, digest = digest, f"{number:064x}"
        write(folder / "peer" / digest[-2:], digest, f"{number} after {before}".encode())
        ends = [(digest, "in", "before", before), (digest, "out", "result", digest)]
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO artifact VALUES (NULL, ?, ?, ?)", (digest, 70, "text/plain"))
        db.execute("INSERT INTO execution VALUES (NULL, ?, ?, ?)", (digest, "link", before * 4))
        db.executemany("INSERT INTO edge VALUES (?, ?, ?, ?)", ends)
        db.execute("COMMIT")
    db.close()


def write(folder: Path, name: str, data: bytes) -> None:
    """Durably, by a temporary name."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{name}.part"
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def cost(work: Callable[[Path, int], None], folder: Path, steps: int) -> dict[str, float]:
    """CPU and wall milliseconds per step."""
    before, wall = os.times(), time.perf_counter()
    work(folder, steps)
    after = os.times()
    return {
        "cpu_ms": round(1e3 * (after.user + after.system - before.user - before.system) / steps, 4),
        "wall_ms": round(1e3 * (time.perf_counter() - wall) / steps, 4),
    }


def fsyncs(name: str) -> float | None:
    """How many fsync and fdatasync per step, counted by strace; None where it cannot be had."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "strace"
        call = [strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(log)]
        call += [sys.executable, __file__, "--only", name, folder, str(COUNTED)]
        if subprocess.run(call, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            return None
        return round(len(re.findall(r"\bf(?:data)?sync\(", log.read_text())) / COUNTED, 2)


def main(steps: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chain(folder, 1)  # imports and migrations are paid once per process, not per step
        peer = cost(bare, folder, steps)
        cold = cost(chain, folder, steps)
        cached = cost(chain, folder, steps)
    synced, needed = fsyncs("chain"), fsyncs("bare")
    found = {
        "benchmark": "workflow",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "steps": steps,
        "cold": cold | {"fsyncs": synced, "budget_cpu_ms": COLD_MS},
        "cached": cached | {"budget_cpu_ms": CACHED_MS},
        "peer": "bare sqlite3 rows + durable files",
        "bare": peer | {"fsyncs": needed},
        "ratio_cpu": round(cold["cpu_ms"] / peer["cpu_ms"], 2),
        "within_budget": cold["cpu_ms"] <= COLD_MS and cached["cpu_ms"] <= CACHED_MS,
    }
    print(json.dumps(found))
    print(
        f"workflow: cold {cold['cpu_ms']:.2f} ms CPU a step ({found['ratio_cpu']} x bare sqlite3"
        f" and files, {synced} against {needed} fsyncs),"
        f" cached {cached['cpu_ms']:.3f} ms; budgets {COLD_MS} and {CACHED_MS} ms"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--only"]:
        {"chain": chain, "bare": bare}[sys.argv[2]](Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)
