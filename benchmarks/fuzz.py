"""Damaged files at every reader's door: no crash, no hang, bounded memory, one kind of error.

Small whole files (`fuzz_corpus.py`) and, where `RINGROAD_TEST_DATA` names them, small real folders
of other layouts are damaged by seed, one file at a time, and handed to the readers in the sandbox
that they always run in, its address space limited as in a workspace. Bombs are pictures and indexes
that claim to be huge.

    python benchmarks/fuzz.py [INPUTS]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_corpus import bombs, files, folders
from fuzz_doors import decode, idle_bytes, take, take_folder

from ringroad.backends.sandbox_spawn import SpawnSandbox
from ringroad.domain.errors import IsolationError, RingroadError
from ringroad.testing.mutations import mutated

SLOWEST_S = 2.0
MEMORY_BYTES = 512 << 20
START_S = 300.0
"""A worker that has no reader loaded yet may take so long on a busy machine with a cold disk."""
FINE = {"read", "not recognised", "unreadable-source"}
PICTURES = (".jpg", ".png", ".dng")
FOLDERS_EVERY = 50
"""One input in so many is a folder: they hold megabytes, the others kilobytes."""


@dataclass
class Told:
    """What came of all inputs so far."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    slowest_s: float = 0.0
    slowest: str = ""
    most_bytes: int = 0
    died: list[str] = field(default_factory=list)

    def hand(
        self, sandbox: SpawnSandbox, name: str, case: str, door: Callable[..., Any], *given: object
    ) -> None:
        """Hand one input to a door in the sandbox."""
        try:
            outcome, seconds, most = sandbox.call(door, *given)
        except IsolationError as error:
            self.outcomes[name][error.code] += 1
            self.died.append(f"{case}: {error}")
            return
        except RingroadError as error:  # the sandbox caught what the door let through
            self.outcomes[name][f"past the door: {error}"] += 1
            return
        self.outcomes[name][outcome] += 1
        self.most_bytes = max(self.most_bytes, most)
        if seconds > self.slowest_s:
            self.slowest_s, self.slowest = seconds, case


def damaged_files(whole: dict[str, bytes], inputs: int) -> Iterator[tuple[str, str, bytes]]:
    """Name, case and bytes."""
    for name, data in bombs():
        yield name, name, data
    for number in range(inputs):
        name = sorted(whole)[number % len(whole)]
        yield name, f"{name} {number}", mutated(whole[name], number)


def damaged_folders(
    root: Path, layouts: dict[str, dict[str, bytes]], inputs: int
) -> Iterator[tuple[str, str, Path]]:
    """Layout, case and folder, in which one file is damaged until the next is asked for."""
    for layout, known in layouts.items():
        for name, data in known.items():
            (root / layout / name).parent.mkdir(parents=True, exist_ok=True)
            (root / layout / name).write_bytes(data)
    for number in range(inputs if layouts else 0):
        layout = sorted(layouts)[number % len(layouts)]
        rng = np.random.Generator(np.random.PCG64(number))
        name = sorted(layouts[layout])[int(rng.integers(len(layouts[layout])))]
        (root / layout / name).write_bytes(mutated(layouts[layout][name], number))
        yield layout, f"{layout}/{name} {number}", root / layout
        (root / layout / name).write_bytes(layouts[layout][name])


def main() -> int:
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    real = os.environ.get("RINGROAD_TEST_DATA", "")
    told = Told()
    sandbox = SpawnSandbox(memory_bytes=3 << 30, timeout_s=30.0)
    idle = sandbox.call(idle_bytes, timeout_s=START_S)
    begin = time.monotonic()
    of_folders = inputs // FOLDERS_EVERY if real else 0
    with tempfile.TemporaryDirectory() as folder:
        for name, case, data in damaged_files(files(Path(folder)), inputs - of_folders):
            path = Path(folder, name)
            path.write_bytes(data)
            told.hand(sandbox, name, case, take, str(path), name)
            if name.endswith(PICTURES):
                told.hand(sandbox, f"{name}, pixels", case, decode, data, name)
        layouts = folders(Path(real)) if real else {}
        for layout, case, path in damaged_folders(Path(folder, "layouts"), layouts, of_folders):
            told.hand(sandbox, layout, case, take_folder, str(path))
    sandbox.close()
    above = told.most_bytes - idle
    wrong = {
        name: outcomes
        for name, counts in told.outcomes.items()
        if (outcomes := sorted(set(counts) - FINE))
    }
    report = {
        "inputs": inputs,
        "of them folders": of_folders,
        "seconds": round(time.monotonic() - begin, 1),
        "slowest_s": round(told.slowest_s, 3),
        "slowest": told.slowest,
        "memory_above_idle_mb": round(above / 1e6, 1),
        "workers_lost": told.died[:10],
        "other_errors": wrong,
        "outcomes": {name: dict(counts) for name, counts in sorted(told.outcomes.items())},
    }
    print(json.dumps(report, indent=1))
    bounded = told.slowest_s <= SLOWEST_S and above <= MEMORY_BYTES
    return 0 if bounded and not told.died and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
