"""How many different things there are among many vectors, as one number. Chooses nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import InputError

SAMPLE = 2_000
DRAWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversity:
    """Effective number of different vectors.

    Attributes:
        vendi: exp of the entropy of the kernel's eigenvalues (D. Friedman, A. Dieng, "The Vendi
            score", TMLR 2023): 1 where all are alike, the number of vectors where none are.
        low: least of the draws, where a sample stands for the whole.
        high: most of them.
        sample: how many vectors each draw looked at; the score cannot be larger.
        directions: participation ratio of the covariance: in about how many directions they differ.
    """

    vendi: float
    low: float
    high: float
    sample: int
    directions: float


def diversity(vectors: np.ndarray, *, radius: float, seed: int) -> Diversity:
    """Of (n, d) vectors; likeness falls off as a Gaussian whose width is the radius.

    Args:
        vectors: (n, d), n at least 1. Over `SAMPLE` of them, samples are drawn.
        radius: distance at which two things begin to be two: likeness exp(-1/2) there.
        seed: of the samples.

    Raises:
        InputError: there are none, they hold what is no number, or the radius is not above 0.
    """
    if not len(vectors) or not radius > 0 or not np.isfinite(vectors).all():
        raise InputError(
            f"no diversity of {len(vectors)} vectors at a radius of {radius}",
            remedy="give vectors that are numbers, and a radius above 0",
        )
    draw = np.random.Generator(np.random.PCG64(seed))
    whole = len(vectors) <= SAMPLE
    scores = []
    for _ in range(1 if whole else DRAWS):
        rows = np.arange(len(vectors)) if whole else draw.permutation(len(vectors))[:SAMPLE]
        scores.append(_vendi(np.asarray(vectors[np.sort(rows)], np.float64), radius))
    points = np.asarray(vectors[rows], np.float64)
    points -= points.mean(axis=0)
    spread = np.maximum(np.linalg.eigvalsh(points.T @ points / len(points)), 0)
    total = float((spread**2).sum())
    return Diversity(
        vendi=float(np.mean(scores)),
        low=min(scores),
        high=max(scores),
        sample=len(rows),
        directions=float(spread.sum() ** 2 / total) if total > 0 else 0.0,
    )


def _vendi(points: np.ndarray, radius: float) -> float:
    lengths = np.einsum("nd,nd->n", points, points)
    apart = np.maximum(lengths[:, None] + lengths[None, :] - 2 * points @ points.T, 0)
    kernel = np.exp(-apart / (2 * radius**2)) / len(points)
    values = np.linalg.eigvalsh(kernel)
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))
