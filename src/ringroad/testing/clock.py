"""A clock that a test moves by hand."""

from __future__ import annotations

import threading


class SimulatedClock:
    """Time stands still until somebody sleeps or `advance` is called. Safe to call from threads."""

    def __init__(self, now_ns: int = 1_000_000_000) -> None:
        self._now_ns = now_ns
        self._moving = threading.Lock()

    def now_ns(self) -> int:
        """The time set last."""
        return self._now_ns

    def sleep_ns(self, duration_ns: int) -> None:
        """Move on at once."""
        self.advance(duration_ns)

    def advance(self, duration_ns: int) -> None:
        """Move the time; it never goes back."""
        with self._moving:
            self._now_ns += max(0, duration_ns)
