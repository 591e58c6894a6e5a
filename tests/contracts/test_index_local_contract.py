"""The local index passes the suite of frame indexes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringroad.backends.index_local import LocalIndex
from ringroad.testing.contract_index import IndexContract


class TestLocalIndex(IndexContract):
    """Files in a folder."""

    @pytest.fixture
    def index(self, tmp_path: Path) -> LocalIndex:
        """An index that holds nothing."""
        return LocalIndex(tmp_path / "index")
