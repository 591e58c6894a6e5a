"""Packs that tests read; those who damage one make their own."""

from __future__ import annotations

import pytest
from small_pack import write, write_video

from ringroad.datasets.loader.pack import Pack


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """41 frames, half sizes too, several shards."""
    return write(tmp_path_factory.mktemp("pack") / "small", 41, half=True)


@pytest.fixture(scope="session")
def video_pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """22 frames in groups of four."""
    return write_video(tmp_path_factory.mktemp("pack") / "video", 22)
