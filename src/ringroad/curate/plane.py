"""Embeddings laid out on a plane for the eye: the two directions in which they differ most."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

FITTED = 20_000
"""Vectors that the directions are found from."""
AT_ONCE = 65_536


def directions(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle (d,), two directions (d, 2) and the shares of variance that they hold, of (n, d).

    Principal components; the larger half of each direction's weights is positive, so that equal
    vectors give equal pictures.
    """
    middle = vectors.mean(axis=0)
    apart = (vectors - middle).astype(np.float64)
    values, found = np.linalg.eigh(apart.T @ apart)
    chosen = found[:, ::-1][:, :2]
    if chosen.shape[1] < 2:
        chosen = np.pad(chosen, ((0, 0), (0, 2 - chosen.shape[1])))
    heaviest = chosen[np.abs(chosen).argmax(axis=0), np.arange(2)]
    chosen = chosen * np.where(heaviest < 0, -1.0, 1.0)
    whole = max(float(values.sum()), 1e-12)
    shares = np.pad(values[::-1][:2], (0, max(0, 2 - len(values)))) / whole
    return middle, chosen.astype(np.float32), shares


def places_on(
    count: int,
    take: Callable[[np.ndarray], np.ndarray],
    middle: np.ndarray,
    towards: np.ndarray,
) -> np.ndarray:
    """(count, 2) float32 places of vectors that `take` gives by number, some at a time."""
    found = np.empty((count, 2), np.float32)
    for start in range(0, count, AT_ONCE):
        some = np.arange(start, min(count, start + AT_ONCE))
        found[some] = (take(some) - middle) @ towards
    return found


def evenly(count: int, most: int) -> np.ndarray:
    """At most so many numbers below `count`, evenly apart, rising."""
    chosen: np.ndarray = np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
    return chosen
