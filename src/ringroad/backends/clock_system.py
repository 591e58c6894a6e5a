"""The clock of this machine."""

from __future__ import annotations

import time

from ringroad.domain.time import SECOND_NS


class SystemClock:
    """Wall time; `sleep_ns` really waits."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970, UTC."""
        return time.time_ns()

    def sleep_ns(self, duration_ns: int) -> None:
        """Wait; a duration of zero or less returns at once."""
        time.sleep(max(0, duration_ns) / SECOND_NS)
