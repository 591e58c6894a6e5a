"""Time is integer nanoseconds UTC since 1970; this file converts at the edges."""

from __future__ import annotations

from datetime import UTC, datetime

SECOND_NS = 1_000_000_000
MILLISECOND_NS = 1_000_000


def from_seconds(seconds: float) -> int:
    """Seconds to nanoseconds, rounded to the nearest."""
    return round(seconds * SECOND_NS)


def to_seconds(time_ns: int) -> float:
    """Nanoseconds to seconds; exact to about 100 ns for present dates."""
    return time_ns / SECOND_NS


def to_iso(time_ns: int) -> str:
    """ISO 8601 in UTC with nanoseconds, as in `2026-11-23T08:00:00.000000000Z`."""
    seconds, rest = divmod(time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
