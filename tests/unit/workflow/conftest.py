from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from workflow_shop import Shop

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite")
    yield Shop(catalog, LocalBlobs(tmp_path / "blobs"))
    catalog.close()
