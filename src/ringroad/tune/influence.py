"""How the figure of a study goes with each parameter: ranks alone, no model of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ringroad.domain.study import Influence, Trial

FEWEST = 3
"""Two trials are always in some order."""


def influences(trials: Iterable[Trial], names: Sequence[str]) -> tuple[Influence, ...]:
    """Spearman's rank correlation of each parameter with the figure, strongest first.

    It says nothing of two parameters together, and little over few trials. A parameter of words
    has no order: its correlation is None.
    """
    known = [trial for trial in trials if trial.value is not None]
    figures = [float(trial.value or 0.0) for trial in known]
    found = [_one(name, [trial.parameters[name] for trial in known], figures) for name in names]
    return tuple(sorted(found, key=lambda one: (-abs(one.correlation or 0.0), one.parameter)))


def _one(name: str, values: Sequence[float | int | str], figures: Sequence[float]) -> Influence:
    numbers = [value for value in values if not isinstance(value, str)]
    found = None
    if len(numbers) == len(values) >= FEWEST:
        x, y = _ranks(numbers), _ranks(figures)
        if np.ptp(x) > 0 and np.ptp(y) > 0:
            found = round(float(np.corrcoef(x, y)[0, 1]), 6)
    return Influence(parameter=name, correlation=found, trials=len(values))


def _ranks(values: Sequence[float]) -> np.ndarray:
    """(n,) places in order of size; equal values share the mean of theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: np.ndarray = (ends - (counts - 1) / 2)[which]
    return shared
