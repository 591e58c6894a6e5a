"""Annotators' error rates without known truth: Dawid and Skene's model, fitted by EM.

A. P. Dawid and A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM
algorithm", Applied Statistics 28(1), 1979. With pseudo-counts it finds the mode under Dirichlet
priors, so that an annotator of whom little is known is taken for an ordinary one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_ROUNDS = 500
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What annotators said of items; an annotator may answer an item often, or never.

    Attributes:
        items: (n,) int64.
        annotators: (n,) int64.
        values: (n,) int64, places in the answer alphabet; the first are the truths.
        counts: items, annotators, truths, values: how many of each there are.
        strata: (items,) int64: error rates are held apart by it, such as by difficulty.
    """

    items: np.ndarray
    annotators: np.ndarray
    values: np.ndarray
    counts: tuple[int, int, int, int]
    strata: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DawidSkene:
    """A fit.

    Attributes:
        truths: (items, k) how likely each item is each truth, given all answers.
        shares: (strata, k) how common each truth is.
        confusion: (strata, annotators, k, v) how likely each says what of which truth.
        likelihood: log likelihood after each round, pseudo-counts aside.
        settled: whether the rounds came to rest.
    """

    truths: np.ndarray
    shares: np.ndarray
    confusion: np.ndarray
    likelihood: tuple[float, ...]
    settled: bool


def fit(
    answers: Answers,
    *,
    prior: np.ndarray | None = None,
    known: np.ndarray | None = None,
    rounds: int = MOST_ROUNDS,
) -> DawidSkene:
    """Fit error rates and truths, beginning from the shares of answers (their equation 3.1).

    Args:
        answers: what was said.
        prior: pseudo-counts of answers, broadcast to (strata, annotators, k, v); none by
            default, which is the published method.
        known: (items,) the truth of items that people know, -1 where they do not.
        rounds: at most so many.
    """
    strata = np.zeros(answers.counts[0], np.int64) if answers.strata is None else answers.strata
    levels = int(strata.max()) + 1 if len(strata) else 1
    pseudo = 0.0 if prior is None else prior
    truths = _pinned(_begin(answers), known)
    trace: list[float] = []
    shares, confusion = _rates(answers, truths, strata, levels, pseudo)
    for _ in range(rounds):
        truths, likelihood = _posterior(answers, shares, confusion, strata)
        truths = _pinned(truths, known)
        trace.append(likelihood)
        before = confusion
        shares, confusion = _rates(answers, truths, strata, levels, pseudo)
        if float(np.abs(confusion - before).max(initial=0.0)) < TOLERANCE:
            return DawidSkene(
                truths=truths,
                shares=shares,
                confusion=confusion,
                likelihood=tuple(trace),
                settled=True,
            )
    return DawidSkene(
        truths=truths,
        shares=shares,
        confusion=confusion,
        likelihood=tuple(trace),
        settled=False,
    )


def pseudo_counts(truths: int, values: int, *, accuracy: float, strength: float) -> np.ndarray:
    """(k, v) Dirichlet pseudo-counts of an ordinary annotator.

    Args:
        truths: how many truths there are.
        values: how many answers there are.
        accuracy: how often an ordinary annotator is right.
        strength: how many answers the prior is worth, per truth.
    """
    rest = (1.0 - accuracy) / max(1, values - 1)
    table = np.full((truths, values), rest)
    table[np.arange(truths), np.arange(truths)] = accuracy
    counts: np.ndarray = strength * table
    return counts


def _begin(answers: Answers) -> np.ndarray:
    """(items, k): shares of what was said of each; alike where nothing was said."""
    items, _, truths, _ = answers.counts
    real = answers.values < truths
    places = answers.items[real] * truths + answers.values[real]
    said = np.bincount(places, minlength=items * truths).reshape(items, truths).astype(float)
    total = said.sum(axis=1, keepdims=True)
    begun: np.ndarray = np.where(total > 0, said / np.maximum(total, 1.0), 1.0 / truths)
    return begun


def _rates(
    answers: Answers,
    truths: np.ndarray,
    strata: np.ndarray,
    levels: int,
    pseudo: np.ndarray | float,
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of truths and error rates (their equations 2.3 and 2.4), strata apart."""
    _, people, kinds, values = answers.counts
    shares = np.zeros((levels, kinds))
    np.add.at(shares, strata, truths)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    place = (strata[answers.items] * people + answers.annotators) * values + answers.values
    size = levels * people * values
    said = truths[answers.items]
    table = np.stack(
        [np.bincount(place, weights=said[:, kind], minlength=size) for kind in range(kinds)]
    )
    counts = table.reshape(kinds, levels, people, values).transpose(1, 2, 0, 3) + pseudo
    total = counts.sum(axis=-1, keepdims=True)
    rates = np.divide(counts, total, out=np.full_like(counts, 1.0 / values), where=total > 0)
    return shares, rates


def _posterior(
    answers: Answers, shares: np.ndarray, confusion: np.ndarray, strata: np.ndarray
) -> tuple[np.ndarray, float]:
    """Truths given error rates (their equation 2.5), and the log likelihood."""
    with np.errstate(divide="ignore"):
        logs, start = np.log(confusion), np.log(shares)
    each = logs[strata[answers.items], answers.annotators, :, answers.values]
    joint = start[strata].copy()
    np.add.at(joint, answers.items, each)
    return normalised(joint)


def normalised(joint: np.ndarray) -> tuple[np.ndarray, float]:
    """(items, k) log joints -> probabilities, and the sum of log evidence."""
    most = joint.max(axis=1, keepdims=True, initial=-np.inf)
    most = np.where(np.isfinite(most), most, 0.0)
    weights = np.exp(joint - most)
    total = weights.sum(axis=1, keepdims=True)
    found: np.ndarray = np.divide(
        weights, total, out=np.full_like(weights, 1.0 / weights.shape[1]), where=total > 0
    )
    evidence = np.log(np.maximum(total, np.finfo(float).tiny)) + most
    return found, float(evidence.sum())


def _pinned(truths: np.ndarray, known: np.ndarray | None) -> np.ndarray:
    """What people know stands, whatever annotators say."""
    if known is None:
        return truths
    sure = np.flatnonzero(known >= 0)
    held = truths.copy()
    held[sure] = 0.0
    held[sure, known[sure]] = 1.0
    return held
