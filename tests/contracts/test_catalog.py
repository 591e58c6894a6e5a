from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.testing.contract_catalog import CatalogContract


class TestSqliteCatalog(CatalogContract):
    @pytest.fixture
    def catalog(self, tmp_path: Path) -> Iterator[SqliteCatalog]:
        catalog = SqliteCatalog(tmp_path / "catalog.sqlite")
        yield catalog
        catalog.close()
