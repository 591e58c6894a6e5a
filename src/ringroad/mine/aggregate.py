"""Score maps to one figure per frame, by an aggregation that has a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ringroad.domain.errors import InputError, UnknownName

TOP = 20
"""`top-mean` is the mean over so many cells, those with the highest scores."""


def _top_mean(maps: np.ndarray) -> np.ndarray:
    count = min(TOP, maps.shape[1])
    return np.asarray(np.partition(maps, -count, axis=1)[:, -count:].mean(axis=1))


AGGREGATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "max": lambda maps: np.asarray(maps.max(axis=1)),
    "mean": lambda maps: np.asarray(maps.mean(axis=1)),
    "sum": lambda maps: np.asarray(maps.sum(axis=1)),
    "top-mean": _top_mean,
}
"""(n, cells) -> (n,). `max` finds one doubtful thing, `sum` many, `top-mean` lies between."""


def aggregate(maps: np.ndarray, how: str) -> np.ndarray:
    """(n, rows, columns) or (n, cells) scores -> (n,) float64.

    Raises:
        UnknownName: no aggregation is called so.
    """
    if how not in AGGREGATIONS:
        raise UnknownName(
            f"no aggregation is called {how!r}", remedy=f"known: {', '.join(AGGREGATIONS)}"
        )
    flat = maps.reshape(len(maps), -1).astype(np.float64)
    if flat.shape[1] == 0:
        return np.zeros(len(flat))
    return AGGREGATIONS[how](flat)


def checked(frames: Sequence[str], scores: np.ndarray, *, what: str) -> np.ndarray:
    """Scores as they are, all of them numbers.

    Raises:
        InputError: some are not; the first frames are named.
    """
    bad = np.flatnonzero(~np.isfinite(scores))
    if len(bad):
        some = ", ".join(str(frames[at]) for at in bad[:3])
        raise InputError(
            f"{len(bad)} of {len(scores)} frames have a {what} that is not a number: {some}",
            remedy="predict them again with a network that answers numbers, or leave them out",
        )
    return scores
