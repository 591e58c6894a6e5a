"""Fits a small tagger over embeddings, and says how far it can be trusted. Reads no file.

One linear layer and a softmax over embeddings that are there already: as much of a network as a
few hundred tagged frames can carry. It knows what it was fitted on and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ringroad.domain.errors import InputError

RIDGE = 1e-2
"""Weight of the squared weights beside the mean loss over standardised embeddings."""
ITERATIONS = 200
BLOCKS = 5
REACH = 99.0
"""Per cent of the frames it was fitted on lie within reach."""
BY_RECORDING, BY_BLOCK = "recording", "block"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tagger:
    """Values of one kind of tag out of embeddings of one space.

    Attributes:
        values: what it can say.
        weights: (d + 1, values), the last row the bias.
        middle, spread: (d,) of the embeddings it was fitted on.
        homes: (values, d) where the frames of each value lie, less the middle and over the spread.
        reach: how far from the nearest home frames may lie to be told at all.
    """

    values: tuple[str, ...]
    weights: np.ndarray
    middle: np.ndarray
    spread: np.ndarray
    homes: np.ndarray
    reach: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a tagger did on frames that it was not fitted on.

    Attributes:
        unit: what was left out at a time: a `recording`, or a `block` of consecutive frames of
            each recording where some value stands in one recording alone. Blocks say how well
            frames of known recordings are told, nothing of other drives.
        recall: of each value; a frame of which nothing is said counts as missed. None where no
            part with it could be left out.
        balanced: their mean, or None; a coin has 1 / values.
        frames, recordings: of each value, that it was fitted on.
    """

    unit: str
    recall: Mapping[str, float | None]
    balanced: float | None
    frames: Mapping[str, int]
    recordings: Mapping[str, int]


def fit(vectors: np.ndarray, labels: np.ndarray, values: Sequence[str]) -> Tagger:
    """Softmax regression; values count alike, however many frames each has.

    Args:
        vectors: (n, d) embeddings.
        labels: (n,) place of each frame's value among `values`.
        values: at least two, each with a frame.

    Raises:
        InputError: fewer than two values, a value without frames, or vectors with no numbers.
    """
    counts = np.bincount(labels, minlength=len(values))
    if len(values) < 2 or not counts.all():
        raise InputError(
            f"there is nothing to tell apart: frames by value {dict(zip(values, counts.tolist()))}",  # noqa: B905 (printed)
            remedy="tag frames of at least two values by hand: ringroad tags set",
        )
    if not np.isfinite(vectors).all():
        raise InputError("some embeddings are not numbers", remedy="embed these frames again")
    middle, spread = vectors.mean(axis=0), vectors.std(axis=0)
    spread = np.where(spread > 1e-6, spread, 1.0)
    points = _points(vectors, middle, spread)
    share = (1 / counts / len(values))[labels]
    truth = np.eye(len(values))[labels]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(points.shape[1], len(values))
        shares = _softmax(points @ weights)
        found = -(share * np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12))).sum()
        ridge = weights.copy()
        ridge[-1] = 0
        slope = points.T @ (share[:, None] * (shares - truth)) + RIDGE * ridge
        return float(found + RIDGE * (ridge**2).sum() / 2), slope.ravel()

    start = np.zeros(points.shape[1] * len(values))
    made = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    homes = np.stack([points[labels == at, :-1].mean(axis=0) for at in range(len(values))])
    return Tagger(
        values=tuple(values),
        weights=made.x.reshape(points.shape[1], len(values)),
        middle=middle,
        spread=spread,
        homes=homes,
        reach=float(np.percentile(_away(points[:, :-1], homes), REACH)),
    )


def shares_of(tagger: Tagger, vectors: np.ndarray) -> np.ndarray:
    """(n, values) how sure it is of each; zeros for frames unlike all that it was fitted on.

    Raises:
        InputError: vectors of another length.
    """
    if vectors.ndim != 2 or vectors.shape[1] != len(tagger.middle):
        raise InputError(
            f"embeddings have {vectors.shape[-1]} numbers, it was fitted on {len(tagger.middle)}",
            remedy="fit a tagger on these: ringroad tags fit",
        )
    points = _points(vectors, tagger.middle, tagger.spread)
    shares = _softmax(points @ tagger.weights)
    shares[_away(points[:, :-1], tagger.homes) > tagger.reach] = 0
    return shares


def judge(
    vectors: np.ndarray, labels: np.ndarray, recordings: np.ndarray, values: Sequence[str]
) -> Judged:
    """Fit again without each part, and tell how that part is tagged then.

    Args:
        vectors: (n, d); frames of one recording stand together, by time.
        labels: (n,) place among values.
        recordings: (n,) number of each frame's recording.
        values: the values.
    """
    held = {value: len(np.unique(recordings[labels == at])) for at, value in enumerate(values)}
    alone = min(held.values()) < 2
    parts = _blocks(recordings) if alone else recordings
    right = np.full(len(labels), -1)
    for part in np.unique(parts):
        out = parts == part
        left = np.bincount(labels[~out], minlength=len(values))
        if left.all():
            fitted = fit(vectors[~out], labels[~out], values)
            shares = shares_of(fitted, vectors[out])
            right[out] = (shares.argmax(axis=1) == labels[out]) & (shares.max(axis=1) > 0)
    recall = {value: _mean(right[(labels == at) & (right >= 0)]) for at, value in enumerate(values)}
    known = [share for share in recall.values() if share is not None]
    return Judged(
        unit=BY_BLOCK if alone else BY_RECORDING,
        recall=recall,
        balanced=float(np.mean(known)) if len(known) == len(values) else None,
        frames={value: int((labels == at).sum()) for at, value in enumerate(values)},
        recordings=held,
    )


def _mean(right: np.ndarray) -> float | None:
    return float(right.mean()) if len(right) else None


def _blocks(recordings: np.ndarray) -> np.ndarray:
    """Number of each frame's part of its recording: five in a row."""
    parts = np.zeros(len(recordings), np.int64)
    for recording in np.unique(recordings):
        own = np.flatnonzero(recordings == recording)
        parts[own] = np.arange(len(own)) * BLOCKS // len(own)
    return parts


def _points(vectors: np.ndarray, middle: np.ndarray, spread: np.ndarray) -> np.ndarray:
    scaled = (np.asarray(vectors, np.float64) - middle) / spread
    return np.concatenate([scaled, np.ones((len(scaled), 1))], axis=1)


def _away(points: np.ndarray, homes: np.ndarray) -> np.ndarray:
    """(n,) distance of each point to the nearest home."""
    apart = [np.sqrt(((points - home) ** 2).sum(axis=1)) for home in homes]
    nearest: np.ndarray = np.min(apart, axis=0)
    return nearest


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: np.ndarray = raised / raised.sum(axis=1, keepdims=True)
    return shares
