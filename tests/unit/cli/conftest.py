"""Copies of a workspace that went through every stage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage_shop import Shop, make_shop


@pytest.fixture(scope="session")
def prepared(made_once: Callable[..., Any]) -> Shop:
    root, _ = made_once("shop", lambda root: str(make_shop(root).workspace))
    return Shop(root / "workspace", root / "truth.json")


@pytest.fixture
def shop(prepared: Shop, tmp_path: Path) -> Shop:
    """A copy, so that no test sees what another did."""
    shutil.copytree(prepared.workspace, tmp_path / "workspace")
    return Shop(tmp_path / "workspace", prepared.coco)
