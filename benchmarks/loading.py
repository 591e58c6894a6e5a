"""Loading frames to train on, against the bare decoding of the same cores and other loaders.

20,000 frames of real texture (loading_frames.py). All cases run in turn, each in a process of its
own, several rounds; a case is compared with the bare decoding of its own round. CPU time counts
the process and its workers, from when the first batches are there. With `--caches warm,cold` the
system's cache of files is dropped before each cold measurement where that is permitted: everybody
on the machine feels it. Peers that are not installed are named and left out; to have them, run
this with the Python of an environment that has them too.

    python benchmarks/loading.py [FOLDER] [--rounds 5] [--frames 1600] [--only WORD]
        [--caches warm,cold]

The last line is the table as JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loading_frames import COUNT, FOLDER, write_frames
from loading_peers import BATCH, BUILD, CASES, NEEDS

WARM_BATCHES = 8
DROP = Path("/proc/sys/vm/drop_caches")
LIMIT = "bare decode"
OURS = "ringroad"
CORES = 2
"""That the cases with two threads or workers may use."""
HALF_LIMIT, HALF_OURS = "bare decode, half", "ringroad, half"
GOALS = (
    (LIMIT, 0.9), ("DataLoader PIL", 4.0), ("WebDataset", 3.0), ("MosaicML Streaming", 3.0),
)  # fmt: skip


def main() -> int:
    """Print the tables; 1 where a goal is missed."""
    asked = _arguments()
    if asked.case:
        print(json.dumps(_measure(asked)))
        return 0
    if "RINGROAD_TEST_DATA" not in os.environ:
        print("not measured: RINGROAD_TEST_DATA names no folder of real pictures")
        return 0
    size = write_frames(asked.folder, asked.count)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; {size:.1f} KB")
    missing = sorted({need for need in NEEDS.values() if importlib.util.find_spec(need) is None})
    names = [
        name
        for name, (_, make, _) in CASES.items()
        if NEEDS.get(make) not in missing and asked.only in name
    ]
    for kind in dict.fromkeys(CASES[name][0] for name in names):
        if kind and not (asked.folder / kind).exists():
            BUILD[kind](asked.folder, asked.count)
    told: dict[str, Any] = {"missing": missing, "warm": {}}
    if "warm" in asked.caches:
        told["warm"] = _rounds(asked, names, cold=False)
    if "cold" in asked.caches and not os.access(DROP, os.W_OK):
        print(f"not measured cold: {DROP} cannot be written")
    elif "cold" in asked.caches:
        cold = [name for name in names if not name.startswith("bare")]
        told["cold"] = _rounds(asked, [LIMIT, *cold], cold=True)
    if missing:
        print(f"not installed, left out: {', '.join(missing)}")
    met = _goals(told["warm"])
    print(json.dumps(told))
    return 0 if met else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, default=1600)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--only", default="")
    parser.add_argument("--caches", default="warm")
    parser.add_argument("--case", default="")
    parser.add_argument("--cold", action="store_true")
    return parser.parse_args()


def _measure(asked: argparse.Namespace) -> dict[str, float]:
    """One case in this process: milliseconds a frame, of the clock and of CPU."""
    _, make, options = CASES[asked.case]
    batches = make(asked.folder, **options)
    counted = asked.case.startswith("bare")
    _take(batches, 1 if counted else WARM_BATCHES)
    if asked.cold:
        os.sync()
        DROP.write_text("3")
        _take(batches, WARM_BATCHES)  # what was fetched ahead while the cache was dropped
    cpu, wall, frames = _cpu_s(), time.perf_counter(), 0
    while frames < asked.frames:
        batch = next(batches)
        frames += batch if counted else BATCH
        del batch
    wall, cpu = time.perf_counter() - wall, _cpu_s() - cpu
    _end()
    return {"wall_ms": 1e3 * wall / frames, "cpu_ms": 1e3 * cpu / frames}


def _take(batches: Iterator[Any], count: int) -> None:
    """Batches that are not measured."""
    for _ in range(count):
        batch = next(batches)
        del batch


def _cpu_s() -> float:
    """CPU time of this process and its workers, who are still there."""
    ticks = os.sysconf("SC_CLK_TCK")
    own = time.process_time()
    for child in _children(os.getpid()):
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        own += (int(fields[11]) + int(fields[12])) / ticks
    return own


def _children(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found


def _end() -> None:
    """Workers without an end are ended; nothing of them is needed any more."""
    for child in _children(os.getpid()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, 9)


def _rounds(asked: argparse.Namespace, names: list[str], *, cold: bool) -> dict[str, Any]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(asked.rounds):
        for name in names:
            found[name].append(_spawned(asked, name, cold=cold and name != LIMIT))
            print(f"{name}: {json.dumps(found[name][-1])}", file=sys.stderr, flush=True)
    limits = found.get(LIMIT)
    table = {}
    print(f"{'cold' if cold else 'warm'}, medians of {asked.rounds} rounds")
    for name, figures in found.items():
        row = {key: statistics.median(part[key] for part in figures) for key in figures[0]}
        row["most_per_s"] = _most(name, row)
        against = HALF_LIMIT if "half" in name and HALF_LIMIT in found else LIMIT
        if limits:
            for key, short in (("cpu_ms", "share_cpu"), ("wall_ms", "share_wall")):
                pairs = zip(found[against], figures, strict=True)
                row[short] = statistics.median(bare[key] / part[key] for bare, part in pairs)
        table[name] = {key: round(value, 3) for key, value in row.items()}
        print(
            f"  {name:40} {row['cpu_ms']:7.3f} ms CPU {row['wall_ms']:7.3f} ms; of bare decoding "
            f"{row.get('share_cpu', 0):.2f} by CPU, {row.get('share_wall', 0):.2f} by the clock",
            flush=True,
        )
    return table


def _spawned(asked: argparse.Namespace, name: str, *, cold: bool) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", __file__, str(asked.folder), "--case", name]
    command += ["--frames", str(asked.frames), *(["--cold"] if cold else [])]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise SystemExit(f"{name}: {run.stderr[-2000:]}")
    found: dict[str, float] = json.loads(lines[-1])
    return found


def _goals(table: dict[str, Any]) -> bool:
    """Ours against the limit by CPU, and against each peer's best by what two cores allow.

    A loader in one process uses one core however many there are, so its CPU time alone would
    flatter it: what is compared is cores / CPU time, the most frames that idle cores allow.
    """
    ours = table.get(OURS)
    if not ours:
        return True
    met = True
    for peer, goal in GOALS:
        mine = {name: row for name, row in table.items() if name.split(",")[0] == peer}
        if not mine:
            continue
        if peer == LIMIT:
            ratio = ours["share_cpu"]
        else:
            ratio = _most(OURS, ours) / max(_most(name, row) for name, row in mine.items())
            each = {
                name: round(float(row["cpu_ms"] / ours["cpu_ms"]), 2) for name, row in mine.items()
            }
            print(f"  by CPU alone {each}")
        met = met and ratio >= goal
        print(f"{peer}: {ratio:.2f}, goal {goal}: {'met' if ratio >= goal else 'MISSED'}")
    return met


def _most(name: str, row: dict[str, float]) -> float:
    """Frames per second that two idle cores allow."""
    alone = name.endswith((" 0 workers", "1 thread"))
    return (1 if alone else CORES) * 1e3 / row["cpu_ms"]


if __name__ == "__main__":
    sys.exit(main())
