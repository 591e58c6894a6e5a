"""Workspaces for tests of other tools."""

from __future__ import annotations

from pathlib import Path

import pytest
from label_shop import Shop, opened_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Three pictures, two of them labelled."""
    return opened_shop(tmp_path)
