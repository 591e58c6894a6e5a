"""Contract suites live in the package; pytest explains their assertions only when told."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "ringroad.testing.contract_blobs",
    "ringroad.testing.contract_catalog",
    "ringroad.testing.contract_labelling",
    "ringroad.testing.contract_revisions",
    "ringroad.testing.contract_recordings",
    "ringroad.testing.contract_executor",
    "ringroad.testing.contract_sandbox",
    "ringroad.testing.contract_tables",
)
