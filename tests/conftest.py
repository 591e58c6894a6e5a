"""Fixtures every test may use."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from ready import ready

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each process of a run has one core: more threads wait for each other, at full speed.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

FIRST = (
    "docs/test_docs.py",
    "unit/datasets/test_datasets_histories.py",
    "unit/cli/test_cli_models.py",
    "unit/service/test_service_cases.py",
    "e2e/test_demo.py",
    "e2e/test_crash.py",
    "e2e/test_ingest_crash.py",
    "unit/pipelines/test_pipelines_label_quality.py",
)
"""Files of tests that take longest."""

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that both processes of a run end together."""
    tests = Path(__file__).parent
    places = {tests / name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(FIRST)))


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real recordings, or a skip that says how to get one."""
    folder = os.environ.get("RINGROAD_TEST_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("RINGROAD_TEST_DATA names no folder of real recordings")
    return Path(folder)


@dataclass(frozen=True)
class DemoWorkspace:
    """A workspace in which `ringroad demo --quick` has run."""

    folder: Path
    told: dict[str, object]
    """What --json printed."""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """For child processes: `RINGROAD_WORKSPACE` names the folder; and what `more` holds."""
        return {**os.environ, "RINGROAD_WORKSPACE": str(self.folder), **self.more}


def quick_demo(folder: Path, *, workers: int) -> DemoWorkspace:
    """Run the quick demo in a folder."""
    words = ("demo", "--quick", "--json", "--workers", str(workers))
    run = subprocess.run(
        [sys.executable, "-m", "ringroad.cli", *words],
        env={**os.environ, "RINGROAD_WORKSPACE": str(folder)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return DemoWorkspace(folder=folder, told=json.loads(run.stdout))


@pytest.fixture(scope="session")
def made_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, Callable[[Path], object]], tuple[Path, Any]]:
    """Make something dear in a folder, once for all processes of a run; tests copy or read it.

    Whoever comes first makes it, the others wait. Returns the folder, and what the maker told,
    which is kept as JSON.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def once(name: str, make: Callable[[Path], object]) -> tuple[Path, Any]:
        folder = base / f"{name}-once"
        folder.mkdir(exist_ok=True)
        told = folder / "told.json"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                told.write_text(json.dumps(make(folder)))
        return folder, json.loads(told.read_text())

    return once


@pytest.fixture(scope="session")
def ready_program() -> Iterator[Path]:
    """A folder for PATH with a `ringroad` whose start is made once for a run."""
    with ready() as folder:
        yield folder


@pytest.fixture(scope="session")
def demo_workspace(made_once: Callable[..., tuple[Path, Any]]) -> DemoWorkspace:
    """The quick demo, run once; tests read it, or copy it before they change it."""
    folder, told = made_once(
        "demo", lambda folder: quick_demo(folder / "workspace", workers=1).told
    )
    return DemoWorkspace(folder=folder / "workspace", told=told)


@pytest.fixture(scope="session")
def run_quick_demo() -> Callable[..., DemoWorkspace]:
    """`quick_demo`, for tests that need one in a folder of their own."""
    return quick_demo
