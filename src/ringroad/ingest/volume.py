"""How many bytes of a recording fall into a stretch of time, by its index of frames and sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volume:
    """Bytes over time.

    Attributes:
        time_ns: (n,) int64, when each frame or sweep was taken, rising.
        total: (n + 1,) int64, bytes of all before it.
    """

    time_ns: np.ndarray
    total: np.ndarray

    @property
    def size_bytes(self) -> int:
        """All together."""
        return int(self.total[-1])

    def within(self, begin_ns: int, end_ns: int) -> int:
        """Bytes of frames whose time is at or after the begin and before the end."""
        first, last = np.searchsorted(self.time_ns, [begin_ns, end_ns])
        return int(self.total[last] - self.total[first])


def volume_of(tables: Sequence[pa.Table]) -> Volume:
    """Of rows of `schemas.FRAMES` and `schemas.SWEEPS`. Signals are 1 % at most and not counted."""
    times = np.concatenate(
        [np.zeros(0, np.int64), *(rows["time_ns"].to_numpy() for rows in tables)]
    )
    sizes = np.concatenate([np.zeros(0, np.int64), *(rows["length"].to_numpy() for rows in tables)])
    order = np.argsort(times, kind="stable")
    return Volume(time_ns=times[order], total=np.concatenate([[0], np.cumsum(sizes[order])]))
