"""Times written as text to whole nanoseconds. No float ever stands in between."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ringroad.domain.time import SECOND_NS

LATEST_NS = 2**63 - 1
"""In the year 2262: rows hold no later time."""
_DECIMAL = re.compile(r"(\d{1,10})(?:\.(\d{1,18}))?")
_CALENDAR = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?")
_NS_DIGITS = 9


def seconds_ns(text: str) -> int:
    """Seconds such as `1574859771.744660272`. Digits behind the ninth are dropped.

    Raises:
        ValueError: the text is no decimal number, or later than `LATEST_NS`.
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()[:40]!r} are no seconds")
    return _in_reach(int(match[1]) * SECOND_NS + _fraction_ns(match[2]), text)


def calendar_ns(text: str) -> int:
    """A date and time such as `2011-09-26 13:02:25.964389445`, taken for UTC.

    Raises:
        ValueError: the text is none, or later than `LATEST_NS`.
    """
    match = _CALENDAR.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()[:40]!r} is no date and time")
    whole = datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC)
    return _in_reach(int(whole.timestamp()) * SECOND_NS + _fraction_ns(match[3]), text)


def _fraction_ns(digits: str | None) -> int:
    return int((digits or "")[:_NS_DIGITS].ljust(_NS_DIGITS, "0"))


def _in_reach(time_ns: int, text: str) -> int:
    if not -LATEST_NS <= time_ns <= LATEST_NS:
        raise ValueError(f"{text.strip()[:40]!r} is out of reach")
    return time_ns
