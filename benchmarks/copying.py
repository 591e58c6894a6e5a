"""Ingest by copy beside copying and hashing the same bytes, and how it grows with workers.

Recordings of 120 MB each (MCAP, pictures of 37 KB, IMU), about 2 GB by default. Peer in the same
run: one pass that copies each file in blocks of 1 MiB, hashes it with SHA-256 and syncs it, which
is the least that a guarded copy does. Ours reads, identifies, indexes, cuts, stores and commits.
Page cache warm in both, files removed in between, rounds in turn. From MB/s follows how many such
machines fleets need that bring home 1 TB per car and hour, driving 2,000 hours a year each.

    python benchmarks/copying.py [GB] [ROUNDS]
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from indexing import write_mcap

BUDGET = 0.8
BLOCK = 1 << 20
SCRIPT = """
import sys
from pathlib import Path
from ringroad.app import Settings, create_workspace, open_workspace
from ringroad.pipelines.recordings.collect import collect
from ringroad.workflow.bench import SilentTracker
import time

def main():
    folder, source, workers = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    workspace = open_workspace(
        Settings(folder=folder, workers=workers),
        tracker=SilentTracker(), listener=lambda _: None, say=lambda _: None,
    )
    begin = time.monotonic()
    found = collect(workspace, [source], vehicle="car", copy=True)
    took = time.monotonic() - begin
    workspace.close()
    print(took, len(found.taken))

if __name__ == "__main__":
    main()
"""
FLEETS = (10, 30, 50, 100)
HOURS_A_YEAR, TB_AN_HOUR = 2000, 1.0


def copy_and_hash(source: Path, target: Path) -> float:
    """Seconds for all files, one after the other."""
    begin = time.monotonic()
    target.mkdir()
    for path in sorted(source.iterdir()):
        sha = hashlib.sha256()
        with path.open("rb") as given, (target / path.name).open("wb") as out:
            while piece := given.read(BLOCK):
                sha.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
    return time.monotonic() - begin


def ingest(script: Path, source: Path, folder: Path, workers: int) -> tuple[float, float]:
    """Wall seconds of the ingest itself, and CPU seconds of the process and its workers."""
    before = os.times()
    told = subprocess.run(
        [sys.executable, script, folder, source, str(workers)],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    after = os.times()
    cpu = after.children_user + after.children_system
    return float(told[0]), cpu - before.children_user - before.children_system


def main() -> int:
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    spent: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        source = root / "source"
        source.mkdir()
        write_mcap(source / "000.mcap")
        count = max(1, round(gigabytes * 1e9 / (source / "000.mcap").stat().st_size))
        for number in range(1, count):
            write_mcap(source / f"{number:03d}.mcap", seed=number)
        script = root / "script.py"
        script.write_text(SCRIPT)
        total = sum(path.stat().st_size for path in source.iterdir()) / 1e6
        for _ in range(rounds):
            spent.setdefault("copy + SHA-256", []).append(copy_and_hash(source, root / "copy"))
            shutil.rmtree(root / "copy")
            for workers in (1, 2):
                wall, cpu = ingest(script, source, root / "workspace", workers)
                spent.setdefault(f"ingest, {workers} workers", []).append(wall)
                spent.setdefault(f"ingest, {workers} workers, cpu", []).append(cpu)
                shutil.rmtree(root / "workspace")
    seconds = {name: statistics.median(times) for name, times in spent.items()}
    rate = {name: total / value for name, value in seconds.items() if not name.endswith("cpu")}
    peer, one, two = rate["copy + SHA-256"], rate["ingest, 1 workers"], rate["ingest, 2 workers"]
    needed = {
        f"{cars} cars": round(cars * HOURS_A_YEAR * TB_AN_HOUR * 1e6 / (8760 * 3600) / two, 1)
        for cars in FLEETS
    }
    told = {
        "mb": round(total),
        "recordings": count,
        "mb_per_s": {name: round(value, 1) for name, value in rate.items()},
        "ingest_cpu_s": round(seconds["ingest, 1 workers, cpu"], 2),
        "ratio_of_one_worker": round(one / peer, 2),
        "ratio_of_two_workers": round(two / peer, 2),
        "growth_from_one_to_two": round(two / one, 2),
        "budget": BUDGET,
        "machines_like_this_needed": needed,
    }
    print(json.dumps(told, indent=1))
    return 0 if one / peer >= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
