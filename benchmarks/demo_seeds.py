"""Does the demo's story hold on seeds nobody tuned on? Five fleets, five gates, before and after.

    python benchmarks/demo_seeds.py [--seeds 101 102 ...] [--folder DIR]

Prints one line per seed and a JSON line at the end. The peer in the same run is the random arm at
equal label cost.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SEEDS = (101, 102, 103, 104, 105)
NEEDED = 4


def run(seed: int, folder: Path) -> dict[str, Any]:
    """One demo in a workspace of its own."""
    started = time.monotonic()
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "ringroad.cli",
            "demo",
            "--json",
            "--seed",
            str(seed),
            "--workspace",
            str(folder),
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    arms = {arm["arm"]: arm for arm in json.loads(told.stdout)["arms"]}
    return {"seed": seed, "seconds": round(time.monotonic() - started, 1), "arms": arms}


def line(found: dict[str, Any]) -> str:
    """One seed in words."""
    parts = [
        f"{name} {arm['gate']} {arm['value']:.3f} [{arm['low']:.3f}, {arm['high']:.3f}]"
        for name, arm in found["arms"].items()
    ]
    return f"seed {found['seed']} ({found['seconds']:.0f} s): " + "; ".join(parts)


def changed(found: dict[str, Any]) -> bool:
    """FAIL before; PASS, or INCONCLUSIVE with a higher AP, after."""
    first, *others = found["arms"].values()
    candidate = others[0]
    better = candidate["value"] > first["value"]
    return first["gate"] == "FAIL" and better and candidate["gate"] in {"PASS", "INCONCLUSIVE"}


def main() -> None:
    """Run all seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    parser.add_argument("--folder", type=Path, default=None)
    asked = parser.parse_args()
    base = asked.folder or Path(tempfile.mkdtemp(prefix="ringroad-bench-"))
    results = []
    for seed in asked.seeds:
        results.append(run(seed, base / f"seed-{seed}"))
        print(line(results[-1]), flush=True)
    held = sum(changed(found) for found in results)
    print(f"gate FAIL -> PASS or INCONCLUSIVE with a higher AP: {held} of {len(results)} seeds")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    summary = {
        "benchmark": "demo_seeds",
        "held": held,
        "needed": NEEDED,
        "peak_rss_mb": round(usage.ru_maxrss / 1024),
        "seeds": results,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
