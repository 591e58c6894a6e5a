from __future__ import annotations

from pathlib import Path

import pytest

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.testing.contract_blobs import BlobsContract


class TestLocalBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> LocalBlobs:
        return LocalBlobs(tmp_path / "blobs")
