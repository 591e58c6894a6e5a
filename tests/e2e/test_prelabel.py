"""`ringroad run` without training, on a real clip: one network, then two; what it says to type."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

LOOP = """
name = "mine"
[recordings]
paths = ["{data}/video/udacity_solidWhiteRight_960x540_25fps.mp4"]
every = 25
[predict]
predictor = "nanodet"
network = "{data}/models/nanodet_m.onnx"
"""
AGAINST = """
against = "fastestdet"
against_network = "{data}/models/FastestDet.onnx"
"""


def ringroad(folder: Path, *words: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "ringroad.cli", *words],
        cwd=folder, env={**os.environ, "RINGROAD_WORKSPACE": str(folder / "workspace")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, f"{words}: {run.stderr}"
    return run.stdout


@pytest.mark.parametrize("networks", [1, 2])
def test_a_loop_without_training_says_what_to_type_next(networks, test_data, tmp_path):
    text = LOOP + (AGAINST if networks == 2 else "")
    (tmp_path / "LOOP.toml").write_text(text.format(data=test_data))
    told = ringroad(tmp_path, "run", "LOOP.toml")
    said, _, steps = told.partition("Where to look next:")
    assert ("two networks disagree" in said) == (networks == 2)
    assert ("pre-labelled by nanodet" in said) == (networks == 1)
    commands = [line.strip() for line in steps.splitlines() if "ringroad " in line]
    assert len(commands) == networks
    for command in commands:
        assert "camera/" in ringroad(tmp_path, *shlex.split(command)[1:])
    page = (tmp_path / "workspace" / "report.html").read_text()
    assert ("fastestdet" in page) == (networks == 2)
    assert "boxes by nanodet" in page
    assert "boxes by ." not in page
