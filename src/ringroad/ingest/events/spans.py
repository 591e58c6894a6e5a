"""Stretches of a series over a limit, with hysteresis. Knows no signal by name."""

from __future__ import annotations

import numpy as np


def spans_over(
    values: np.ndarray,
    *,
    reach: float,
    hold: float,
    shortest: int = 1,
    breaks: np.ndarray | None = None,
) -> np.ndarray:
    """Runs over `hold` in which `reach` is reached.

    Args:
        values: (n,) float64; NaN is under every limit.
        reach: the upper limit.
        hold: the lower one.
        shortest: runs of fewer values do not count.
        breaks: (n,) bool, where a run may not go on from the value before.

    Returns:
        (k, 2) int64, first index and one past the last.
    """
    runs = runs_of(values >= hold, breaks=breaks)
    runs = runs[runs[:, 1] - runs[:, 0] >= shortest]
    found: np.ndarray = runs[peaks(values, runs) >= reach]
    return found


def runs_of(active: np.ndarray, *, breaks: np.ndarray | None = None) -> np.ndarray:
    """(k, 2) int64 begins and ends of the stretches where `active` (n,) is true."""
    if not len(active):
        return np.zeros((0, 2), np.int64)
    before = np.concatenate([[False], active[:-1]])
    after = np.concatenate([active[1:], [False]])
    if breaks is not None:
        before &= ~breaks
        after &= ~np.concatenate([breaks[1:], [True]])
    return np.stack([np.flatnonzero(active & ~before), np.flatnonzero(active & ~after) + 1], axis=1)


def joined(runs: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Runs made one where `near` (k - 1,) says that the next follows closely."""
    if len(runs) < 2:
        return runs
    apart = ~near
    begins = runs[np.concatenate([[True], apart]), 0]
    ends = runs[np.concatenate([apart, [True]]), 1]
    return np.stack([begins, ends], axis=1)


def peaks(values: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """The highest value in each run; runs are in order and do not overlap."""
    return _reduced(np.fmax, values, runs)


def sums(values: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """The sum of each run; NaN counts as nothing."""
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])
    found: np.ndarray = total[runs[:, 1]] - total[runs[:, 0]]
    return found


def _reduced(operation: np.ufunc, values: np.ndarray, runs: np.ndarray) -> np.ndarray:
    if not len(runs):
        return np.zeros(0)
    padded = np.append(values, np.nan)  # an end may lie one past the last value
    found: np.ndarray = operation.reduceat(padded, runs.ravel())[::2]
    return found
