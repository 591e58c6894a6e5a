"""Time as an argument."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Wall time in nanoseconds UTC. Safe to call from threads."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970, UTC."""
        ...

    def sleep_ns(self, duration_ns: int) -> None:
        """Wait; a simulated clock moves on at once."""
        ...
