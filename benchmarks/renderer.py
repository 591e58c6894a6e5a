"""How many frames a second the renderer makes on one core, beside what a frame costs otherwise.

One recording a condition, 640 x 384: rasterising and shading alone; then everything a recording
takes (traffic, sensors, truth, JPEG, MCAP). Peers in the same run: encoding the same pictures as
JPEG (simplejpeg), and copying their pixels in memory, which no renderer can beat. Compiling is
measured apart, in a fresh process with an empty cache. CPU of this process; medians of rounds.

    python benchmarks/renderer.py [ROUNDS]
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np
import simplejpeg

from ringroad.simulate import recording as recordings
from ringroad.simulate.camera import Shot, take
from ringroad.simulate.recording import RecordingSpec, simulate_recording

BUDGET = 100.0
FRAMES = 40
CONDITIONS = ("day", "dusk", "night")
PROGRAM = """
import time
begin = time.process_time()
from ringroad.simulate.recording import RecordingSpec, simulate_recording
loaded = time.process_time()
simulate_recording(RecordingSpec(name="a", vehicle="v", condition="night", seed=1, duration_s=0.5,
                                 rate_hz=2.0, start_ns=0))
print(loaded - begin, time.process_time() - loaded)
"""


def spec_of(condition: str) -> RecordingSpec:
    return RecordingSpec(
        name="bench", vehicle="v", condition=condition, seed=5,
        duration_s=FRAMES / 10, rate_hz=10.0, start_ns=0,
    )  # fmt: skip


def calls_of(condition: str) -> list[tuple[tuple[object, ...], dict[str, int]]]:
    """The arguments of every picture of a recording, noted while it is made."""
    noted: list[tuple[tuple[object, ...], dict[str, int]]] = []

    def noting(*given: object, **named: int) -> Shot:
        noted.append((given, named))
        return take(*given, **named)  # type: ignore[arg-type]

    original = recordings.take
    recordings.take = noting  # type: ignore[assignment]
    try:
        simulate_recording(spec_of(condition))
    finally:
        recordings.take = original
    return noted


def median_cpu(work: Callable[[], object], rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return statistics.median(spent)


def condition_row(condition: str, rounds: int) -> dict[str, float]:
    """Frames per second of one core."""
    calls = calls_of(condition)
    pictures = [take(*given, **named).picture for given, named in calls]  # type: ignore[arg-type]
    room = np.empty_like(pictures[0])
    cases: dict[str, Callable[[], object]] = {
        "rendered": lambda: [take(*given, **named) for given, named in calls],  # type: ignore[arg-type]
        "whole_recording": lambda: simulate_recording(spec_of(condition)),
        "jpeg_encoded": lambda: [simplejpeg.encode_jpeg(p, quality=90) for p in pictures],
        "copied": lambda: [np.copyto(room, p) for p in pictures],
    }
    return {name: round(FRAMES / median_cpu(case, rounds), 1) for name, case in cases.items()}


def compile_s() -> tuple[float, float]:
    """CPU seconds of (imports, first recording) with an empty cache of compiled code."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "NUMBA_CACHE_DIR": folder},
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
    return float(told[0]), float(told[1])


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rows = {condition: condition_row(condition, rounds) for condition in CONDITIONS}
    imports, first = compile_s()
    slowest = min(row["rendered"] for row in rows.values())
    told = {
        "machine": platform.processor() or platform.machine(),
        "size": "640x384",
        "frames_per_s_of_one_core": rows,
        "budget_frames_per_s": BUDGET,
        "met": slowest >= BUDGET,
        "cold_compile_cpu_s": round(first, 2),
        "imports_cpu_s": round(imports, 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(json.dumps(told, indent=1))
    return 0 if told["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
