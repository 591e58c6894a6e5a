"""A client of a served demo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringroad.client import Client
from service_kit import Served, copied, serve


@pytest.fixture(scope="module")
def served(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("client") / "workspace"
    copied(demo_workspace.folder, folder)
    yield from serve(folder)


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    token = served.client.headers["authorization"].removeprefix("Bearer ")
    with Client(f"http://{served.host}", token=token) as opened:
        yield opened
