"""Services on copies of the demo's workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service_kit import Served, copied, serve


@pytest.fixture(scope="session")
def shared(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For tests that leave it as it is, or add what no other test looks at."""
    folder = tmp_path_factory.mktemp("service") / "workspace"
    copied(demo_workspace.folder, folder)
    yield from serve(folder)


@pytest.fixture
def served_folder(demo_workspace: Any, tmp_path: Path) -> Path:
    """For tests that serve it themselves."""
    copied(demo_workspace.folder, tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture
def served(served_folder: Path) -> Iterator[Served]:
    """For tests that change something."""
    yield from serve(served_folder)
