from __future__ import annotations

from pathlib import Path

import pytest

from ringroad.backends.tables_lance import LanceTables
from ringroad.testing.contract_tables import TablesContract


class TestLanceTables(TablesContract):
    @pytest.fixture
    def tables(self, tmp_path: Path) -> LanceTables:
        return LanceTables(tmp_path / "tables")
