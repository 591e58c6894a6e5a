"""Kinds of long work: the loop's picture knows them, and who places orders needs no torch."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ringroad.service.work import KINDS

DIAGRAM = Path(__file__).parents[3] / "web" / "src" / "places" / "loop" / "Diagram.tsx"
OFF_THE_LOOP = {"make-view"}


def test_every_kind_runs_along_an_arrow_of_the_loop() -> None:
    lists = re.findall(r"kinds: \[([^\]]*)\]", DIAGRAM.read_text())
    drawn = [name for part in lists for name in re.findall(r'"([a-z-]+)"', part)]
    assert sorted(drawn) == sorted(set(KINDS.names()) - OFF_THE_LOOP)


def test_orders_and_versions_are_made_without_torch() -> None:
    program = """
import sys
from ringroad.service.work import KINDS
for kind in ("place-order", "append-dataset", "merge-dataset", "export-dataset"):
    KINDS.load(kind)
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
