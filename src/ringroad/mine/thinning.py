"""Keeps choices apart in time, so that a label budget is not spent on one scene."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa


class Spacing:
    """Which candidates are still free when neighbours in time must not both be chosen."""

    def __init__(self, candidates: pa.Table, *, min_gap_ns: int) -> None:
        """Read `recording_id` and `time_ns` of the candidates."""
        recordings = candidates["recording_id"].combine_chunks().dictionary_encode()
        self.recording = np.asarray(recordings.indices, dtype=np.int64)
        self.time_ns = np.asarray(candidates["time_ns"], dtype=np.int64)
        self.free = np.ones(len(candidates), dtype=bool)
        self.min_gap_ns = min_gap_ns

    def take(self, index: int) -> None:
        """Mark a candidate as chosen, and its neighbours as no longer free."""
        if self.min_gap_ns > 0:
            near = np.abs(self.time_ns - self.time_ns[index]) < self.min_gap_ns
            self.free[near & (self.recording == self.recording[index])] = False
        self.free[index] = False


def thin(ranking: Iterable[int], spacing: Spacing, *, count: int) -> list[int]:
    """The first `count` of a ranking that keep their distance from those before them."""
    chosen: list[int] = []
    for index in ranking:
        if len(chosen) >= count:
            break
        if spacing.free[index]:
            spacing.take(index)
            chosen.append(int(index))
    return chosen
