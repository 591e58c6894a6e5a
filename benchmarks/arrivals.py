"""Speed and memory while 1,000 recordings arrive in an inbox over 20 minutes.

`ringroad ingest --watch` runs with two workers; this process writes one simulated recording after
the other into its inbox, each with bytes of its own. Told per quarter of the time: recordings taken
in per minute, how long they waited from arrival to the catalog beyond the time they must stand
still, CPU per recording of the watcher and its workers, their memory together.

    python benchmarks/arrivals.py [RECORDINGS] [MINUTES]
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ringroad.app import create_workspace
from ringroad.simulate.recording import RecordingSpec, simulate_recording

SETTLE_S, EVERY_S = 2.0, 1.0
QUARTERS = 4
GROWTH = 1.25
"""The last quarter may need so many times what the second did; the first one starts things up."""


@dataclass
class Look:
    """The watcher and its workers at one moment."""

    at_s: float
    memory_mb: float
    cpu_s: float
    known: int


@dataclass
class Arrivals:
    """When recordings came, and when they were first seen in the catalog, in seconds."""

    came: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)


def bring(inbox: Path, arrivals: Arrivals, count: int, every_s: float, begin: float) -> None:
    """Write recordings one by one, each under its name only once it is whole."""
    for number in range(count):
        spec = RecordingSpec(
            name=f"{number:04d}", vehicle="car", condition=("day", "dusk", "night")[number % 3],
            seed=number, duration_s=10.0, rate_hz=5.0, start_ns=(1 + number) * 10**12,
            width=160, height=96,
        )  # fmt: skip
        part = inbox / f".{number:04d}.part"
        part.write_bytes(simulate_recording(spec).mcap)
        time.sleep(max(0.0, begin + number * every_s - time.monotonic()))
        part.rename(inbox / f"{number:04d}.mcap")
        arrivals.came[f"{number:04d}.mcap"] = time.monotonic() - begin


def family(root: int) -> Iterator[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += parents.get(pid, [])


def look(root: int, catalog: Path, arrivals: Arrivals, begin: float) -> Look:
    """Memory that is not shared, CPU so far, and what is in the catalog."""
    memory = cpu = 0.0
    for pid in family(root):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            memory += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        cpu += sum(int(fields[at]) for at in (11, 12, 13, 14))
    now = time.monotonic() - begin
    for name in known(catalog):
        arrivals.seen.setdefault(name, now)
    return Look(now, memory / 1e3, cpu / os.sysconf("SC_CLK_TCK"), len(arrivals.seen))


def known(catalog: Path) -> list[str]:
    """Recordings in the catalog, by the names of their files."""
    try:
        connection = sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)
        rows = connection.execute("select id from recording").fetchall()
        connection.close()
    except sqlite3.OperationalError:  # it is not there yet
        return []
    return [row[0].rpartition("/")[2] for row in rows]


def quarter(
    looks: list[Look], arrivals: Arrivals, begin_s: float, end_s: float
) -> dict[str, float]:
    """Figures of one stretch of time."""
    inside = [item for item in looks if begin_s <= item.at_s <= end_s]
    taken = inside[-1].known - inside[0].known
    waited = [
        arrivals.seen[name] - came - SETTLE_S
        for name, came in arrivals.came.items()
        if begin_s <= came <= end_s and name in arrivals.seen
    ]
    return {
        "per_minute": round(60 * taken / (inside[-1].at_s - inside[0].at_s), 1),
        "waited_s_median": round(statistics.median(waited), 2),
        "waited_s_most": round(max(waited), 2),
        "cpu_ms_each": round(1e3 * (inside[-1].cpu_s - inside[0].cpu_s) / max(1, taken), 1),
        "memory_mb_median": round(statistics.median(item.memory_mb for item in inside), 1),
        "memory_mb_most": round(max(item.memory_mb for item in inside), 1),
    }


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    with tempfile.TemporaryDirectory() as name:
        root, inbox = Path(name), Path(name, "inbox")
        inbox.mkdir()
        create_workspace(root / "workspace")
        command = [
            sys.executable, "-m", "ringroad.cli", "ingest", str(inbox), "--watch", "--copy",
            "--workers", "2", "--every-s", str(EVERY_S), "--settle-s", str(SETTLE_S),
            "--until-idle-s", "20", "--workspace", str(root / "workspace"),
        ]  # fmt: skip
        with (root / "log").open("w") as log:
            watcher = subprocess.Popen(command, stdout=log, stderr=log)
        begin, arrivals, looks = time.monotonic(), Arrivals(), []
        bringer = threading.Thread(
            target=bring, args=(inbox, arrivals, count, 60 * minutes / count, begin), daemon=True
        )
        bringer.start()
        while watcher.poll() is None:
            looks.append(look(watcher.pid, root / "workspace/catalog.sqlite", arrivals, begin))
            time.sleep(2.0)
        lasts = max(arrivals.came.values())
        told = {
            "recordings": count,
            "minutes": round(lasts / 60, 2),
            "taken": len(arrivals.seen),
            "mb": round(sum(path.stat().st_size for path in inbox.iterdir()) / 1e6, 1),
            "exit": watcher.returncode,
            "quarters": [
                quarter(looks, arrivals, lasts * at / QUARTERS, lasts * (at + 1) / QUARTERS)
                for at in range(QUARTERS)
            ],
        }
    print(json.dumps(told, indent=1))
    second, last = told["quarters"][1], told["quarters"][-1]
    flat = all(
        last[name] <= GROWTH * second[name] for name in ("memory_mb_median", "waited_s_median")
    )
    return 0 if flat and told["taken"] == count and not told["exit"] else 1


if __name__ == "__main__":
    sys.exit(main())
