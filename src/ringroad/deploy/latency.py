"""Latency of a loaded plan: tails, not means; rows beside the plan, never in its manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ringroad.domain.artifact import Measurement
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ArtifactId
from ringroad.domain.time import MILLISECOND_NS

QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def time_runs(
    call: Callable[[], object],
    *,
    wall_ns: Callable[[], int],
    cpu_ns: Callable[[], int],
    runs: int,
    warm_up: int = 5,
) -> tuple[np.ndarray, np.ndarray]:
    """Call again and again, one at a time.

    Args:
        call: one run of a session on input that is ready.
        wall_ns: a clock that never goes back.
        cpu_ns: CPU time of this process, all threads.
        runs: how many are timed.
        warm_up: how many before them are not.

    Returns:
        (runs,) int64 wall and (runs,) int64 CPU nanoseconds, in the order they ran.

    Raises:
        UsageError: fewer than one run was asked for.
    """
    if runs < 1 or warm_up < 0:
        raise UsageError(
            f"{runs} runs after {warm_up} of warm-up cannot be timed", remedy="ask for one or more"
        )
    for _ in range(warm_up):
        call()
    stamps = np.empty((runs, 2, 2), np.int64)
    for index in range(runs):
        before = wall_ns(), cpu_ns()
        call()
        stamps[index] = before, (wall_ns(), cpu_ns())
    wall, cpu = (stamps[:, 1] - stamps[:, 0]).T
    return wall, cpu


def latency_rows(
    plan: ArtifactId,
    wall_ns: np.ndarray,
    cpu_ns: np.ndarray,
    *,
    detail: Mapping[str, object] | None = None,
) -> tuple[Measurement, ...]:
    """Quantiles by nearest rank, in milliseconds.

    A quantile is left out where fewer than one run lies beyond it: p99 needs 100 runs, p99.9
    needs 1,000. `runs` stands in the detail of every row, with what the caller adds (threads,
    warm-up, load).
    """
    common = {"runs": len(wall_ns), **(detail or {})}
    return tuple(
        Measurement(
            artifact=plan,
            name=f"latency {kind} {name}",
            value=_quantile(samples, q) / MILLISECOND_NS,
            unit="ms",
            detail=common,
        )
        for kind, samples in (("wall", wall_ns), ("cpu", cpu_ns))
        for name, q in QUANTILES.items()
        if len(samples) * (1 - q) >= 1 - 1e-9 or q == QUANTILES["p50"]
    )


def _quantile(samples: np.ndarray, q: float) -> float:
    """The smallest sample that at least a share q of all samples does not exceed."""
    rank = int(np.ceil(q * len(samples) - 1e-9))
    return float(np.sort(samples)[max(rank, 1) - 1])
