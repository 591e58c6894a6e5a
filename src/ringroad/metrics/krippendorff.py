"""Krippendorff's alpha: any number of annotators, missing values, four levels of measurement.

K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", University of Pennsylvania, 2011.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

NOMINAL = "nominal"
ORDINAL = "ordinal"
INTERVAL = "interval"
RATIO = "ratio"
LEVELS = (NOMINAL, ORDINAL, INTERVAL, RATIO)

Value = Hashable | None


def krippendorff_alpha(
    ratings: Sequence[Sequence[Value]],
    *,
    level: str = NOMINAL,
    order: Sequence[Hashable] | None = None,
) -> float | None:
    """Alpha: 1 - D_o / D_e over the coincidence matrix, sections B to F.

    Args:
        ratings: one sequence per annotator, all of equal length; None is a missing value.
        level: nominal (equal or not), ordinal (ranks), interval (differences), ratio
            (differences relative to sums). The last two need numbers.
        order: all values from least to most, for ordinal ones that do not sort by themselves.

    Returns:
        1 is perfect, 0 what chance gives; None where fewer than two values can be paired or
        only one value occurs.
    """
    said = {value for row in ratings for value in row if value is not None}
    values = _in_order(said, level, order)
    found = alphas(coincidences(ratings, values).sum(axis=0), values, level=level)
    return None if np.isnan(found) else float(found)


def coincidences(ratings: Sequence[Sequence[Value]], values: Sequence[Hashable]) -> np.ndarray:
    """(units, v, v) float64: how values meet within a unit, each value weighing once in all."""
    place = {value: at for at, value in enumerate(values)}
    units = list(zip(*ratings, strict=True))
    counts = np.zeros((len(units), len(values)))
    for unit, row in enumerate(units):
        for value in row:
            if value is not None:
                counts[unit, place[value]] += 1.0
    return coincidences_of(counts)


def coincidences_of(counts: np.ndarray) -> np.ndarray:
    """(units, v) how often each value was given -> (units, v, v); a lone value pairs with none."""
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs -= counts[:, :, None] * np.eye(counts.shape[1])
    others = counts.sum(axis=1) - 1.0
    matrix: np.ndarray = pairs / np.maximum(others, 1.0)[:, None, None]
    return matrix


def alphas(matrices: np.ndarray, values: Sequence[Hashable], *, level: str = NOMINAL) -> np.ndarray:
    """Alpha of each of (..., v, v) coincidence matrices; NaN where it is not defined."""
    marginals = matrices.sum(axis=-1)
    total = marginals.sum(axis=-1)
    apart = differences(marginals, values, level=level)
    observed = (matrices * apart).sum(axis=(-2, -1))
    expected = np.einsum("...i,...ij,...j->...", marginals, apart, marginals)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = 1.0 - (total - 1.0) * observed / expected
    found: np.ndarray = np.where((expected > 0) & (total > 1), alpha, np.nan)
    return found


def differences(marginals: np.ndarray, values: Sequence[Hashable], *, level: str) -> np.ndarray:
    """(..., v, v) squared differences between values, by the level of measurement."""
    count = len(values)
    if level == NOMINAL:
        return 1.0 - np.eye(count)
    if level == ORDINAL:
        middles = np.cumsum(marginals, axis=-1) - marginals / 2.0
        ranks: np.ndarray = (middles[..., :, None] - middles[..., None, :]) ** 2
        return ranks
    numbers = np.array([_number(value) for value in values])
    apart = numbers[:, None] - numbers[None, :]
    if level == RATIO:
        sums = numbers[:, None] + numbers[None, :]
        apart = np.divide(apart, sums, out=np.zeros_like(apart), where=sums != 0)
    squares: np.ndarray = apart**2
    return squares


def _in_order(
    said: set[Hashable], level: str, order: Sequence[Hashable] | None
) -> Sequence[Hashable]:
    if level not in LEVELS:
        raise ValueError(f"unknown level {level!r}; known: {', '.join(LEVELS)}")
    if order is not None:
        if unknown := said - set(order):
            raise ValueError(f"{min(map(str, unknown))!r} is not in the order of values")
        return order
    if level == NOMINAL:
        return sorted(said, key=repr)
    return sorted(said, key=_number)


def _number(value: Hashable) -> float:
    """A value as a number. Raises ValueError where it is none."""
    try:
        return float(value)  # type: ignore[arg-type]  # that is what is tried
    except (TypeError, ValueError):
        raise ValueError(
            f"{value!r} is no number: levels above nominal need numbers, or an order of values"
        ) from None
