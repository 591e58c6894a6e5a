"""A finding, and findings as rows of `schemas.CHECKS`. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from urllib.parse import quote

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import RecordingId
from ringroad.ingest.checks.catalogue import CATALOGUE
from ringroad.ingest.checks.limits import CheckLimits
from ringroad.media.schemas import CHECKS

MOST = 200
"""Rows of one check about one channel: a broken file may give reason for a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found."""

    check: str
    channel: str
    """Empty where it is about the whole recording."""
    start_ns: int
    end_ns: int
    value: float
    limit: float
    message: str


def finding_rows(
    recording: RecordingId, findings: Sequence[Finding], limits: CheckLimits
) -> pa.Table:
    """Rows of `schemas.CHECKS` in the order of the catalogue, then channel and time.

    A row's key names recording, check, channel and the finding's place among those, so that
    equal recordings and limits give equal rows. Of one check and channel the first `MOST` are
    rows, and the last of these says how many more there are.
    """
    order = {name: place for place, name in enumerate(CATALOGUE)}
    wanted = [item for item in findings if item.check not in limits.off]
    wanted.sort(key=lambda item: (order[item.check], item.channel, item.start_ns, item.message))
    count = Counter((item.check, item.channel) for item in wanted)
    seen: Counter[tuple[str, str]] = Counter()
    rows = []
    for item in wanted:
        about = item.check, item.channel
        place = seen[about]
        seen[about] += 1
        if place >= MOST:
            continue
        more = count[about] - MOST if place == MOST - 1 else 0
        check = CATALOGUE[item.check]
        told = {part.name: getattr(item, part.name) for part in fields(item)}
        rows.append(
            told
            | {
                "check_id": f"{recording}/{item.check}/{quote(item.channel, safe='._-')}/{place}",
                "recording_id": recording,
                "severity": limits.severity.get(item.check, check.severity),
                "unit": check.unit,
                "message": f"{item.message}; {more} more are not told"
                if more > 0
                else item.message,
            }
        )
    return pa.Table.from_pylist(rows, schema=CHECKS)


def runs_of(wrong: np.ndarray, *, least: int = 1) -> list[tuple[int, int]]:
    """(first, last) place of every run of True that is at least so long; `wrong` is (n,) bool."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wrong, [False]]).astype(np.int8)))
    pairs = edges.reshape(-1, 2)
    return [(int(a), int(b) - 1) for a, b in pairs if b - a >= least]
