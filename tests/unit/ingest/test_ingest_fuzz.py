"""Damaged files at the readers' doors; benchmarks/fuzz.py tries twenty thousand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ringroad.testing.mutations import mutated

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "fuzz.py"


def test_damaged_files_and_bombs_end_in_one_kind_of_error() -> None:
    run = subprocess.run([sys.executable, SCRIPT, "400"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout)
    outcomes = [name for counts in told["outcomes"].values() for name in counts]
    assert "unreadable-source" in outcomes, "nothing was damaged enough: the test has seen nothing"
    assert "read" in outcomes, "nothing survived: the test has seen nothing"


def test_a_seed_damages_the_same_way_twice() -> None:
    data = bytes(range(256)) * 4
    assert mutated(data, 7) == mutated(data, 7)
    assert len({mutated(data, seed) for seed in range(50)}) > 45
    assert mutated(b"", 1) is not None
