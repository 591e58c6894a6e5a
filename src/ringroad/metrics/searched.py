"""Error rates of annotators who search for things, fitted by EM: `annotator_quality` for detection.

Items that are handed out are all known; things that are searched for are known only if somebody
found them. Error rates that ignore it are too kind: what everybody missed is missing from the
list. So the fit counts with what cannot be seen (EM for truncated data; A. Dempster, N. Laird and
D. Rubin, "Maximum likelihood from incomplete data via the EM algorithm", JRSS B 39(1), 1977,
section 4.2; the same idea as D. Horvitz and D. Thompson, JASA 47, 1952):

* a thing that all who looked would miss with chance u stands for u / (1 - u) more of its kind;
* each frame holds `decoys` things per stratum that are nothing, of which few are ever drawn, so
  that an invention is what one annotator does on their own, and rare.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.metrics.annotator_quality import normalised

DECOYS = 100.0
"""Many, so that two annotators who invent on their own seldom invent the same."""
MOST_UNSEEN = 0.9
"""No thing stands for more than nine others, however hard it is to see."""
ROUNDS = 40
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Searched:
    """Things that were found, and who looked for them.

    Attributes:
        said: (things, annotators) int64, place in the answer alphabet, -1 where they did not
            look. The truths come first in the alphabet, `nothing` is the last of the truths.
        frames: (things,) int64.
        strata: (things,) int64, such as difficulty.
        looked: (frames, annotators) bool.
        counts: truths, values, strata.
    """

    said: np.ndarray
    frames: np.ndarray
    strata: np.ndarray
    looked: np.ndarray
    counts: tuple[int, int, int]

    @property
    def nothing(self) -> int:
        """Place of `nothing`, both as a truth and as an answer."""
        return self.counts[0] - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rates:
    """How common truths are, and what each annotator says of them.

    Attributes:
        shares: (strata, k).
        confusion: (strata, annotators, k, v).
        counted: (strata, annotators, k) answers behind each row, pseudo-counts aside.
    """

    shares: np.ndarray
    confusion: np.ndarray
    counted: np.ndarray


def fit_searched(
    searched: Searched,
    *,
    prior: np.ndarray,
    known: np.ndarray | None = None,
    decoys: float = DECOYS,
    rounds: int = ROUNDS,
    tolerance: float = TOLERANCE,
) -> tuple[Rates, np.ndarray]:
    """Fit error rates, beginning from those of the prior.

    Args:
        searched: what was found.
        prior: (annotators, k, v) pseudo-counts, or (strata, annotators, k, v) where they differ;
            none of them zero where an answer can occur.
        known: (things,) the truth of things that people know, -1 elsewhere.
        decoys: things per frame and stratum that could be drawn and are nothing.
        rounds: at most so many.
        tolerance: rounds end where no rate moves by more.

    Returns:
        Rates, and (things, k) how likely each thing is each truth.
    """
    truths, values, strata = searched.counts
    shape = (strata, searched.said.shape[1], truths, values)
    confusion = np.broadcast_to(prior / prior.sum(axis=-1, keepdims=True), shape).copy()
    rates = Rates(
        shares=np.full((strata, truths), 1.0 / truths),
        confusion=confusion,
        counted=np.zeros(confusion.shape[:3]),
    )
    posterior = _held(posteriors(searched, rates), known)
    for _ in range(rounds):
        before = rates.confusion
        rates = _rates(searched, posterior, rates, prior, decoys)
        posterior = _held(posteriors(searched, rates), known)
        if float(np.abs(rates.confusion - before).max(initial=0.0)) < tolerance:
            break
    return rates, posterior


def posteriors(searched: Searched, rates: Rates) -> np.ndarray:
    """(things, k) how likely each thing is each truth, given what was said of it."""
    with np.errstate(divide="ignore"):
        logs, joint = np.log(rates.confusion), np.log(rates.shares)[searched.strata]
    for person in range(searched.said.shape[1]):
        rows = np.flatnonzero(searched.said[:, person] >= 0)
        joint[rows] += logs[searched.strata[rows], person, :, searched.said[rows, person]]
    return normalised(joint)[0]


def unseen(searched: Searched, rates: Rates, posterior: np.ndarray) -> np.ndarray:
    """(things, k) how many things each one stands for that nobody found; 0 for nothing."""
    nothing = searched.nothing
    with np.errstate(divide="ignore"):
        logs = np.log(rates.confusion[:, :, :, nothing])
    logs = np.maximum(logs, -700.0)  # zero times no look would not be a number
    looked = searched.looked[searched.frames].astype(np.float64)
    missed = np.exp(np.einsum("ta,tak->tk", looked, logs[searched.strata]))
    missed = np.minimum(missed, MOST_UNSEEN)
    ghosts: np.ndarray = posterior * missed / (1.0 - missed)
    ghosts[:, nothing] = 0.0
    return ghosts


def _held(posterior: np.ndarray, known: np.ndarray | None) -> np.ndarray:
    if known is None:
        return posterior
    sure = np.flatnonzero(known >= 0)
    posterior[sure] = 0.0
    posterior[sure, known[sure]] = 1.0
    return posterior


def _rates(
    searched: Searched,
    posterior: np.ndarray,
    rates: Rates,
    prior: np.ndarray,
    decoys: float,
) -> Rates:
    """The M-step: answers weighted by truths, and what nobody found."""
    truths, values, strata = searched.counts
    nothing, people = searched.nothing, searched.said.shape[1]
    counts = np.zeros((strata, people, truths, values))
    for person in range(people):
        rows = np.flatnonzero(searched.said[:, person] >= 0)
        place = searched.strata[rows] * values + searched.said[rows, person]
        for truth in range(truths):
            found = np.bincount(place, posterior[rows, truth], minlength=strata * values)
            counts[:, person, truth] = found.reshape(strata, values)
    totals = np.zeros((strata, truths))
    np.add.at(totals, searched.strata, posterior)
    counted = counts.sum(axis=-1)
    ghosts = unseen(searched, rates, posterior)
    looked = searched.looked[searched.frames].astype(np.float64)
    for stratum in range(strata):
        rows = np.flatnonzero(searched.strata == stratum)
        counts[stratum, :, :, nothing] += looked[rows].T @ ghosts[rows]
        totals[stratum] += ghosts[rows].sum(axis=0)
        drawn = np.bincount(
            searched.frames[rows], posterior[rows, nothing], minlength=len(searched.looked)
        )
        left = np.maximum(decoys - drawn, 0.0)
        counts[stratum, :, nothing, nothing] += left @ searched.looked
        totals[stratum, nothing] += left.sum()
    counts += prior
    return Rates(
        shares=totals / np.maximum(totals.sum(axis=1, keepdims=True), np.finfo(float).tiny),
        confusion=counts / counts.sum(axis=-1, keepdims=True),
        counted=counted,
    )


def gains(
    posterior: np.ndarray, confusion: np.ndarray, *, undrawn: np.ndarray | None = None
) -> np.ndarray:
    """(things,) errors that one more answer is expected to save.

    The error now is what the likeliest truth leaves over; after an answer v it is what the then
    likeliest leaves over, weighed by how likely v is.

    Args:
        posterior: (things, k), the last of k being `nothing`.
        confusion: (things, k, v) of whoever would answer.
        undrawn: (things,) those that no person drew, and that therefore do not stand, however
            likely they are; they stand where the answer draws them.
    """
    nothing = posterior.shape[1] - 1
    joint = posterior[:, :, None] * confusion
    now = 1.0 - posterior.max(axis=1)
    best = joint.max(axis=1)
    if undrawn is not None:
        now = np.where(undrawn, 1.0 - posterior[:, nothing], now)
        best[undrawn, nothing] = joint[undrawn, nothing, nothing]
    saved: np.ndarray = np.maximum(now - (1.0 - best.sum(axis=1)), 0.0)
    return saved
