"""The real stores, in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.backends.tables_lance import LanceTables


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
def tables(tmp_path: Path) -> LanceTables:
    return LanceTables(tmp_path / "tables")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    catalog = SqliteCatalog(tmp_path / "catalog.db")
    yield catalog
    catalog.close()
