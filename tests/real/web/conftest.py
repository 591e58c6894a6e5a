"""Browsers on copies of the demo's workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_kit import Browser, browser_on

from service_kit import Served, copied, serve


@pytest.fixture
def served(demo_workspace: Any, tmp_path: Path) -> Iterator[Served]:
    """The demo, served until the test is over."""
    copied(demo_workspace.folder, tmp_path / "workspace")
    yield from serve(tmp_path / "workspace")


@pytest.fixture
def browser(served: Served) -> Iterator[Browser]:
    """A browser on it."""
    with browser_on(served) as opened:
        yield opened
