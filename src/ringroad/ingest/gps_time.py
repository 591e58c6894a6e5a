"""GPS time, in weeks and seconds of the week, to UTC."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime

import numpy as np

from ringroad.domain.time import SECOND_NS

EPOCH_NS = 315_964_800 * SECOND_NS
"""6 January 1980, when GPS time began, in UTC."""
WEEK_S = 604_800
LEAPS = (
    "1981-07", "1982-07", "1983-07", "1985-07", "1988-01", "1990-01", "1991-01", "1992-07",
    "1993-07", "1994-07", "1996-01", "1997-07", "1999-01", "2006-01", "2009-01", "2012-07",
    "2015-07", "2017-01",
)  # fmt: skip
"""Months at whose begin a leap second had been put in since GPS time began (IERS Bulletin C)."""
_LEAPS_NS = [
    int(datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC).timestamp()) * SECOND_NS
    for month in LEAPS
]


def utc_of_gps(week: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(n,) int64 ns UTC of (n,) weeks, not rolled over, and (n,) float64 seconds in them.

    Seconds are rounded to the nearest nanosecond. The leap seconds of the first time count for
    all, so that a clock of a recording does not jump within it.
    """
    weeks_ns = week.astype(np.int64) * (WEEK_S * SECOND_NS)
    gps_ns: np.ndarray = weeks_ns + ns_of_seconds(second) + EPOCH_NS
    if len(gps_ns):
        first = int(gps_ns[0])
        most = bisect_right(_LEAPS_NS, first)
        gps_ns -= bisect_right(_LEAPS_NS, first - most * SECOND_NS) * SECOND_NS
    return gps_ns


def ns_of_seconds(seconds: np.ndarray) -> np.ndarray:
    """(n,) int64 ns of (n,) float64 seconds, each to the nearest of its own nanoseconds."""
    whole = np.floor(seconds)
    nanoseconds: np.ndarray = whole.astype(np.int64) * SECOND_NS + np.rint(
        (seconds - whole) * SECOND_NS
    ).astype(np.int64)
    return nanoseconds
