"""Where training curves go. The catalog owns ids; a tracker only watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Tracker(Protocol):
    """Receives what a long work reports. Never raises into the work it watches."""

    def metrics(self, values: Mapping[str, float], *, step: int) -> None:
        """Figures at one training step."""
        ...

    def progress(self, what: str, done: int, total: int) -> None:
        """How far a long work is; `total` 0 where it is not known."""
        ...
