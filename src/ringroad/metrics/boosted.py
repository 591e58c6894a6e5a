"""Chances from a few columns of evidence: gradient-boosted trees for a yes or a no.

J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics
29(5), 2001, with second-order leaves and columns cut into bins. Small on purpose: thousands of
rows, tens of columns, no missing values. Equal arguments give equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostConfig:
    """How many trees of what size."""

    trees: int = 80
    depth: int = 3
    rate: float = 0.15
    least: float = 5.0
    """Curvature that a leaf has to hold: about four times the rows it must have."""
    hold: float = 2.0
    """Ridge on the values of leaves."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boosted:
    """A fit.

    Attributes:
        edges: of each column, where its bins part.
        trees: for each tree (nodes, 3) columns, bins and first children; -1 for a leaf.
        values: for each tree (nodes,) what its leaves add.
        start: log odds before any tree.
    """

    edges: tuple[np.ndarray, ...]
    trees: tuple[np.ndarray, ...]
    values: tuple[np.ndarray, ...]
    start: float


def boost(
    columns: np.ndarray,
    yes: np.ndarray,
    weights: np.ndarray,
    *,
    config: BoostConfig | None = None,
) -> Boosted:
    """Fit the chance of `yes`.

    Args:
        columns: (n, d) float64.
        yes: (n,) bool.
        weights: (n,) how often each row counts; they set how common `yes` is.
        config: how many trees of what size.
    """
    how = config or BoostConfig()
    edges = tuple(_edges(columns[:, at]) for at in range(columns.shape[1]))
    binned = _binned(columns, edges)
    total = float(weights.sum())
    rate = min(max(float(weights[yes].sum()) / max(total, 1e-12), 1e-6), 1 - 1e-6)
    start = float(np.log(rate / (1.0 - rate)))
    odds = np.full(len(columns), start)
    trees, values = [], []
    for _ in range(how.trees):
        chance = 1.0 / (1.0 + np.exp(-odds))
        tree, leaves, at = _grow(
            binned, weights * (yes - chance), weights * chance * (1.0 - chance), how
        )
        odds += leaves[at]
        trees.append(tree)
        values.append(leaves)
    return Boosted(edges=edges, trees=tuple(trees), values=tuple(values), start=start)


def chances(fitted: Boosted, columns: np.ndarray) -> np.ndarray:
    """(n,) float64 chance of yes."""
    binned = _binned(columns, fitted.edges)
    odds = np.full(len(columns), fitted.start)
    for tree, values in zip(fitted.trees, fitted.values, strict=True):
        odds += values[_leaf(tree, binned)]
    found: np.ndarray = 1.0 / (1.0 + np.exp(-odds))
    return found


def _edges(column: np.ndarray) -> np.ndarray:
    shares = np.linspace(0.0, 1.0, BINS + 1)[1:-1]
    edges: np.ndarray = np.unique(np.quantile(column, shares)) if len(column) else np.zeros(0)
    return edges


def _binned(columns: np.ndarray, edges: tuple[np.ndarray, ...]) -> np.ndarray:
    """(n, d) uint8 bin of each value."""
    places = [np.searchsorted(edge, columns[:, at], side="right") for at, edge in enumerate(edges)]
    binned: np.ndarray = np.stack(places, axis=1).astype(np.int64)
    return binned


def _grow(
    binned: np.ndarray, slope: np.ndarray, curve: np.ndarray, how: BoostConfig
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One tree, level by level; its nodes, the values of its leaves, and each row's leaf."""
    nodes = [[-1, 0, 0]]
    at = np.zeros(len(binned), np.int64)
    level = [0]
    for _ in range(how.depth):
        after = []
        for node in level:
            rows = np.flatnonzero(at == node)
            cut = _best_cut(binned[rows], slope[rows], curve[rows], how)
            if cut is None:
                continue
            nodes[node] = [cut[0], cut[1], len(nodes)]
            right = binned[rows, cut[0]] > cut[1]
            at[rows] = len(nodes) + right
            after += [len(nodes), len(nodes) + 1]
            nodes += [[-1, 0, 0], [-1, 0, 0]]
        level = after
    count = len(nodes)
    pull = np.bincount(at, slope, minlength=count)
    hold = np.bincount(at, curve, minlength=count) + how.hold
    return np.array(nodes), how.rate * pull / hold, at


def _best_cut(
    binned: np.ndarray, slope: np.ndarray, curve: np.ndarray, how: BoostConfig
) -> tuple[int, int] | None:
    """The column and bin whose cut lowers the loss most; None where none does."""
    rows, columns = binned.shape
    if rows < 2:
        return None
    place = (binned + np.arange(columns) * BINS).ravel()
    shape = (columns, BINS)
    size = columns * BINS
    pull = np.bincount(place, np.repeat(slope, columns), minlength=size).reshape(shape)
    mass = np.bincount(place, np.repeat(curve, columns), minlength=size).reshape(shape)
    left, below = np.cumsum(pull, axis=1)[:, :-1], np.cumsum(mass, axis=1)[:, :-1]
    whole, total = float(slope.sum()), float(curve.sum())
    right, above = whole - left, total - below
    gain = left**2 / (below + how.hold) + right**2 / (above + how.hold)
    gain = np.where((below >= how.least) & (above >= how.least), gain, -np.inf)
    best = int(gain.argmax())
    column, cut = divmod(best, BINS - 1)
    if not gain[column, cut] > whole**2 / (total + how.hold) + 1e-9:
        return None
    return column, cut


def _leaf(tree: np.ndarray, binned: np.ndarray) -> np.ndarray:
    at = np.zeros(len(binned), np.int64)
    rows = np.arange(len(binned))
    while True:
        column, cut, child = tree[at].T
        inner = column >= 0
        if not inner.any():
            return at
        right = binned[rows, np.maximum(column, 0)] > cut
        at = np.where(inner, child + right, at)
