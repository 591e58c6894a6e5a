"""Agreement between annotators beyond chance, for nominal values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

Value = Hashable | None


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Agreement of two annotators over the same items, chance taken off.

    kappa = (p_o - p_e) / (1 - p_e), J. Cohen, "A coefficient of agreement for nominal
    scales", Educational and Psychological Measurement 20(1), 1960, equation 1.

    Returns:
        1 is perfect, 0 what chance gives; None where there are no items, or both annotators
        only ever used one and the same value, so that chance alone explains everything.
    """
    if len(first) != len(second):
        raise ValueError(f"two annotators, {len(first)} and {len(second)} items")
    if not first:
        return None
    items = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / items
    counts, others = Counter(first), Counter(second)
    expected = sum(counts[value] * others[value] for value in counts) / items**2
    return None if expected >= 1.0 else (observed - expected) / (1.0 - expected)


def krippendorff_alpha(ratings: Sequence[Sequence[Value]]) -> float | None:
    """Agreement of any number of annotators, values missing where one did not look.

    alpha = 1 - D_o / D_e over the coincidence matrix, nominal difference; K. Krippendorff,
    "Computing Krippendorff's Alpha-Reliability", University of Pennsylvania, 2011,
    sections B to D.

    Args:
        ratings: one sequence per annotator, all of equal length; None is a missing value.

    Returns:
        1 is perfect, 0 what chance gives; None where fewer than two values can be paired or
        only one value occurs.
    """
    coincidences = _coincidences(ratings)
    marginals = coincidences.sum(axis=1)
    total = float(marginals.sum())
    expected = total**2 - float((marginals**2).sum())
    if total < 2 or expected == 0.0:
        return None
    observed = total - float(np.trace(coincidences))
    return 1.0 - (total - 1.0) * observed / expected


def _coincidences(ratings: Sequence[Sequence[Value]]) -> np.ndarray:
    """(v, v) float64: how often values meet within a unit, each unit weighted by its pairs."""
    values: dict[Hashable, int] = {}
    for row in ratings:
        for value in row:
            if value is not None:
                values.setdefault(value, len(values))
    matrix = np.zeros((len(values), len(values)))
    for unit in zip(*ratings, strict=True):
        counts = np.zeros(len(values))
        for value in unit:
            if value is not None:
                counts[values[value]] += 1.0
        if counts.sum() >= 2:
            matrix += (np.outer(counts, counts) - np.diag(counts)) / (counts.sum() - 1.0)
    return matrix
