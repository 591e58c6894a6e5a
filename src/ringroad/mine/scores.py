"""How unsure a network is of each cell, from the probabilities it gives. Frames: `aggregate`.

Heads of this project are sigmoid heads: each category is a question of its own, answered yes with
probability p (Bernoulli). Softmax heads give probabilities that sum to one over the last axis.
All figures are in nats unless said otherwise.
"""

from __future__ import annotations

import numpy as np

_TINY = 1e-7


def entropy(p: np.ndarray) -> np.ndarray:
    """(..., categories) Bernoulli -> (...,) binary entropy, summed over categories."""
    p = np.clip(p, _TINY, 1 - _TINY)
    whole: np.ndarray = -(p * np.log(p) + (1 - p) * np.log(1 - p)).sum(axis=-1)
    return whole


def softmax_entropy(p: np.ndarray) -> np.ndarray:
    """(..., categories) that sum to one -> (...,) entropy (C. Shannon, 1948)."""
    p = np.clip(p, _TINY, 1.0)
    whole: np.ndarray = -(p * np.log(p)).sum(axis=-1)
    return whole


def least_confidence(p: np.ndarray) -> np.ndarray:
    """(..., categories) -> (...,) one minus the largest probability: of a softmax head."""
    return np.asarray(1.0 - p.max(axis=-1))


def margin(p: np.ndarray) -> np.ndarray:
    """(..., categories) -> (...,) how near the two likeliest are, 0 to 1, 1 where they tie.

    Of a softmax head: one minus their difference (T. Scheffer et al., 2001). Of a sigmoid head
    "it is nothing" stands beside the categories, with one minus the largest probability.
    """
    ordered = np.sort(p, axis=-1)
    best = ordered[..., -1]
    second = ordered[..., -2] if p.shape[-1] > 1 else np.zeros_like(best)
    second = np.maximum(second, 1.0 - best)
    return np.asarray(1.0 - np.abs(best - second))


def bald(members: np.ndarray) -> np.ndarray:
    """(members, ..., categories) Bernoulli -> (...,) mutual information of answer and network.

    Entropy of the mean less the mean of the entropies: high where each member is sure and they
    disagree (N. Houlsby et al., 2011; with dropout as members, Y. Gal et al., ICML 2017).
    """
    apart = entropy(members.mean(axis=0)) - np.mean([entropy(one) for one in members], axis=0)
    return np.asarray(np.maximum(apart, 0.0))


def variation(members: np.ndarray) -> np.ndarray:
    """(members, ..., categories) -> (...,) share of members that do not give the commonest answer.

    The answer of a sigmoid head is its likeliest category, or nothing where all lie below a half.
    """
    best = members.argmax(axis=-1)
    answer = np.where(members.max(axis=-1) >= 0.5, best, -1)
    count = members.shape[0]
    same = [(answer == answer[at]).sum(axis=0) for at in range(count)]
    return np.asarray(1.0 - np.max(same, axis=0) / count)


def divergence(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(..., categories) of two networks -> (...,) Jensen-Shannon divergence, summed."""
    middle = entropy((first + second) / 2)
    return np.asarray(np.maximum(middle - (entropy(first) + entropy(second)) / 2, 0.0))
