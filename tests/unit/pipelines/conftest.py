from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from label_floor import Floor, opened

from ringroad.testing.clock import SimulatedClock


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    clock = SimulatedClock(1_800_000_000_000_000_000)
    workspace = opened(tmp_path / "workspace", clock)
    yield Floor(workspace, clock)
    workspace.close()
