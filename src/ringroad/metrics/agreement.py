"""Kappas: agreement of annotators beyond chance. Krippendorff's alpha is in `krippendorff`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

LINEAR = "linear"
QUADRATIC = "quadratic"


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Agreement of two annotators over the same items, chance taken off.

    kappa = (p_o - p_e) / (1 - p_e), J. Cohen, "A coefficient of agreement for nominal
    scales", Educational and Psychological Measurement 20(1), 1960, equation 1.

    Returns:
        1 is perfect, 0 what chance gives; None where there are no items, or both annotators
        only ever used one and the same value, so that chance alone explains everything.
    """
    values = list(dict.fromkeys([*first, *second]))
    return _one(kappas(pairs_table(first, second, values)))


def weighted_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    order: Sequence[Hashable],
    weights: str | np.ndarray = QUADRATIC,
) -> float | None:
    """Cohen's kappa where some disagreements are worse than others.

    kappa_w = 1 - sum v p_o / sum v p_e, J. Cohen, "Weighted kappa", Psychological Bulletin
    70(4), 1968.

    Args:
        first: values of one annotator.
        second: values of the other, item by item.
        order: all values there are, from least to most.
        weights: `linear` or `quadratic` in the distance of places, or (v, v) disagreements
            that are 0 on the diagonal.
    """
    table = pairs_table(first, second, order)
    badness = disagreements(len(order), weights) if isinstance(weights, str) else weights
    return _one(kappas(table, badness))


def fleiss_kappa(counts: np.ndarray) -> float | None:
    """Agreement of a fixed number of annotators per item, who need not be the same ones.

    J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological
    Bulletin 76(5), 1971, equations 1 to 7.

    Args:
        counts: (items, values), how many annotators gave the item that value; rows have one sum.

    Returns:
        None where there are no items, or one value explains everything.
    """
    ratings = counts.sum(axis=1) if len(counts) else np.zeros(0)
    if len(set(ratings.tolist())) > 1 or (len(ratings) and ratings[0] < 2):
        raise ValueError("every item needs the same number of annotators, two at least")
    return _one(fleiss(fleiss_sums(counts).sum(axis=0)))


def pairs_table(
    first: Sequence[Hashable], second: Sequence[Hashable], values: Sequence[Hashable]
) -> np.ndarray:
    """(v, v) float64: how often the first gave the value of the row, the second of the column."""
    if len(first) != len(second):
        raise ValueError(f"two annotators, {len(first)} and {len(second)} items")
    place = {value: at for at, value in enumerate(values)}
    table = np.zeros((len(values), len(values)))
    for a, b in zip(first, second, strict=True):
        table[place[a], place[b]] += 1.0
    return table


def disagreements(values: int, weights: str) -> np.ndarray:
    """(v, v) how bad it is to say one value for another, by the distance of their places."""
    apart = np.abs(np.subtract.outer(np.arange(values), np.arange(values))).astype(np.float64)
    powers = {LINEAR: 1, QUADRATIC: 2}
    if weights not in powers:
        raise ValueError(f"unknown weights {weights!r}; known: {', '.join(powers)}")
    badness: np.ndarray = apart ** powers[weights]
    return badness


def kappas(tables: np.ndarray, badness: np.ndarray | None = None) -> np.ndarray:
    """Kappa of each of (..., v, v) tables of pairs; NaN where it is not defined."""
    values = tables.shape[-1]
    bad = 1.0 - np.eye(values) if badness is None else badness
    total = tables.sum(axis=(-2, -1))
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    observed = (tables * bad).sum(axis=(-2, -1))
    expected = np.einsum("...i,ij,...j->...", rows, bad, columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: np.ndarray = np.where(expected > 0, 1.0 - observed * total / expected, np.nan)
    return found


def fleiss_sums(counts: np.ndarray) -> np.ndarray:
    """(items, 2 + v) what `fleiss` sums over items: 1, the item's agreement, shares of values."""
    ratings = counts.sum(axis=1, keepdims=True).astype(np.float64)
    squares = (counts**2).sum(axis=1, keepdims=True)
    agreed = (squares - ratings) / np.maximum(ratings * (ratings - 1.0), 1.0)
    return np.hstack([np.ones_like(ratings), agreed, counts / np.maximum(ratings, 1.0)])


def fleiss(sums: np.ndarray) -> np.ndarray:
    """Fleiss' kappa of each of (..., 2 + v) sums; NaN where it is not defined."""
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums[..., 1:] / sums[..., :1]
        chance = (means[..., 1:] ** 2).sum(axis=-1)
        kappa = (means[..., 0] - chance) / (1.0 - chance)
    found: np.ndarray = np.where(chance < 1.0 - 1e-12, kappa, np.nan)
    return found


def _one(value: np.ndarray) -> float | None:
    return None if np.isnan(value) else float(value)
