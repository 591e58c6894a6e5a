"""Annotators' error rates out of their own answers: fitted, held together where little is known.

First all annotators are held against one ordinary annotator, then against the mean of them all
(empirical Bayes). `adaptive` decides with it, `quality` reports it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.label.observed import NETWORK, Observed
from ringroad.metrics.searched import Rates, fit_searched, unseen

ACCURACY = 0.9
"""How often an ordinary annotator sees a thing and names it right, before anything is known."""
STRENGTH = 8.0
"""Answers about things of one category that what is known beforehand is worth."""
DRAWN_DECOY = 0.01
"""How often one of the things that are nothing is drawn, before anything is known."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """Error rates, and what they say of the things they came from.

    Attributes:
        rates: of annotators, the network last where there is one.
        posterior: (things, k) how likely each thing is each truth.
        unseen: (things, k) how many more of its kind each stands for that nobody found.
        people: names of the annotators.
        categories: names of the truths before `nothing`.
    """

    rates: Rates
    posterior: np.ndarray
    unseen: np.ndarray
    people: tuple[str, ...]
    categories: tuple[str, ...]


def fit_people(
    observed: Observed, *, known: np.ndarray | None = None, accuracy: float = ACCURACY
) -> Fitted:
    """Fit twice: against an ordinary annotator, then against the mean of people.

    Args:
        observed: what was said.
        known: (things,) place of the truth of those that people know, -1 elsewhere.
        accuracy: of an ordinary annotator.
    """
    searched = observed.searched
    prior = ordinary(observed.people, len(observed.categories), accuracy=accuracy)
    rates, _ = fit_searched(searched, prior=prior, known=known, rounds=10)
    people = np.array([name != NETWORK for name in observed.people])
    counted = rates.counted[:, people].sum(axis=1)[..., None]
    weighted = (rates.confusion[:, people] * rates.counted[:, people, :, None]).sum(axis=1)
    common = (weighted + prior[:1] * 1.0) / (counted + prior[:1].sum(axis=-1, keepdims=True))
    priors = np.repeat(prior[None], len(rates.shares), axis=0)
    priors[:, people] = STRENGTH * common[:, None]
    rates, posterior = fit_searched(searched, prior=priors, known=known)
    return Fitted(
        rates=rates,
        posterior=posterior,
        unseen=unseen(searched, rates, posterior),
        people=observed.people,
        categories=observed.categories,
    )


def ordinary(people: tuple[str, ...], categories: int, *, accuracy: float) -> np.ndarray:
    """(annotators, k, v) pseudo-counts: people alike, a network less sure of itself."""
    nothing, values = categories, 3 * categories + 1
    person = np.full((categories + 1, values), 1e-6)
    person[:categories, : categories + 1] = (1.0 - accuracy) / (2.0 * max(1, categories - 1))
    person[:categories, nothing] = (1.0 - accuracy) / 2.0
    person[np.arange(categories), np.arange(categories)] = accuracy
    person[nothing, :categories] = DRAWN_DECOY / categories
    person[nothing, nothing] = 1.0 - DRAWN_DECOY
    network = np.full((categories + 1, values), 0.1 / values)
    for truth in range(categories):
        network[truth, truth] += 0.35
        network[truth, nothing + 1 + truth] += 0.1
        network[truth, nothing + 1 + categories + truth] += 0.05
        network[truth, nothing] += 0.4
    network[nothing, :] = 0.1 / (values - 1)
    network[nothing, nothing] = 0.9
    return STRENGTH * np.stack([network if name == NETWORK else person for name in people])
