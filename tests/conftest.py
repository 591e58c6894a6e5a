"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real recordings, or a skip that says how to get one."""
    folder = os.environ.get("RINGROAD_TEST_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("RINGROAD_TEST_DATA names no folder of real recordings")
    return Path(folder)
