"""SIGKILL during ingest: every recording is there once, and its batches are those of no kill."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.simulate.recording import RecordingSpec, simulate_recording

SOME_REFUSED = 5


def fill(folder: Path, count: int) -> None:
    """Recordings of two seconds, and one that is cut too short to be read."""
    folder.mkdir()
    for number in range(count):
        spec = RecordingSpec(
            name=f"r{number}", vehicle="car", condition="day", seed=number, duration_s=2.0,
            rate_hz=10.0, start_ns=number * 10**10, width=128, height=96,
        )  # fmt: skip
        data = simulate_recording(spec).mcap
        (folder / f"r{number:02d}.mcap").write_bytes(data[: len(data) // 2] if not number else data)


def ingest(workspace: Path, inbox: Path, *, copy: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ringroad.cli", "ingest", str(inbox), "--json"]
    command += ["--workspace", str(workspace), "--workers", "2", "--vehicle", "car"]
    return subprocess.Popen(
        [*command, "--copy" if copy else "--in-place"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def held(workspace: Path) -> tuple[set[str], list[str]]:
    """Ids of all artifacts, which name their digests, and of all recordings."""
    catalog = SqliteCatalog(workspace / "catalog.sqlite")
    artifacts = {str(item.id) for item in catalog.artifacts()}
    recordings = [str(item.id) for item in catalog.recordings()]
    catalog.close()
    return artifacts, recordings


def undisturbed(workspace: Path, inbox: Path, *, copy: bool) -> tuple[set[str], list[str]]:
    process = ingest(workspace, inbox, copy=copy)
    _, told = process.communicate(timeout=200)
    assert process.returncode == SOME_REFUSED, told
    return held(workspace)


def killed_until_done(
    workspace: Path, inbox: Path, rng: random.Random, *, copy: bool, longest_s: float
) -> int:
    """Kill it at random times until one run gets through; how often it was killed."""
    kills = 0
    while True:
        process = ingest(workspace, inbox, copy=copy)
        time.sleep(rng.uniform(0.7, longest_s))
        process.kill()
        _, told = process.communicate(timeout=200)
        if process.returncode == SOME_REFUSED:
            return kills
        assert process.returncode == -9, told
        kills += 1


@pytest.mark.parametrize("copy", [False, True], ids=["in place", "copied"])
def test_killed_ingest_goes_on_and_ends_alike(tmp_path: Path, copy: bool) -> None:
    fill(tmp_path / "inbox", 4)
    expected = undisturbed(tmp_path / "whole", tmp_path / "inbox", copy=copy)
    rng = random.Random(3)
    for _ in range(3):
        process = ingest(tmp_path / "killed", tmp_path / "inbox", copy=copy)
        time.sleep(rng.uniform(0.9, 2.0))
        process.kill()
        process.communicate(timeout=200)
    assert undisturbed(tmp_path / "killed", tmp_path / "inbox", copy=copy) == expected


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_hundred_kills(tmp_path: Path) -> None:
    fill(tmp_path / "inbox", 12)
    expected = {
        copy: undisturbed(tmp_path / f"whole{copy}", tmp_path / "inbox", copy=copy)
        for copy in (False, True)
    }
    rng, kills, number = random.Random(5), 0, 0
    begin = time.monotonic()
    while kills < 200:
        workspace, copy = tmp_path / f"w{number}", bool(number % 2)
        kills += killed_until_done(workspace, tmp_path / "inbox", rng, copy=copy, longest_s=3.0)
        assert held(workspace) == expected[copy]
        number += 1
    print(f"killed {kills} times over {number} workspaces in {time.monotonic() - begin:.0f} s")
