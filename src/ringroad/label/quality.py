"""How good each annotator is, without known truth and with it: rates, intervals, drift.

Rates come out of Dawid and Skene's model over things (`fitted`). Intervals are Wilson's over the
answers behind a rate; below `FEW` answers a rate is held near the mean of all annotators and says
so. Nobody should lose work over a rate marked few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.ids import FrameId
from ringroad.label.fitted import Fitted, fit_people
from ringroad.label.likeness import likeness
from ringroad.label.middle import middle
from ringroad.label.observed import NETWORK, Looks, Observed, Predicted, observe
from ringroad.label.rows import Mark
from ringroad.label.things import NOTHING, paired_marks
from ringroad.metrics.intervals import Interval
from ringroad.metrics.resampling import interval_of_sums, share, wilson

FEW = 50
"""Answers from which on a rate stands on its own."""
PERIODS = 4
"""Parts of an annotator's work, in order, that drift is looked for between."""
DRIFT_Z = 2.6
"""Standard errors that the last part has to differ by from those before: 1 in 100 by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatorRates:
    """One annotator."""

    name: str
    looks: int
    marks: int
    seen: Interval
    """Share of things there are that they drew."""
    right: Interval
    """Share of what they drew and is there that has its category."""
    invented_per_look: float
    mean_iou: float | None
    """Likeness of their marks to the middle of those of the others; None where alone."""
    by_category: Mapping[str, Interval]
    """Category -> how often they draw it and call it so."""
    confusion: Mapping[str, Mapping[str, float]]
    """Category, `nothing` among them -> what they say -> how often."""
    few: bool
    drift: Drift


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Whether somebody became better or worse.

    A quarrel hits both sides: with two annotators it cannot be told who changed.
    """

    accuracy: tuple[float | None, ...]
    """Of each part of their work, in the order it was done."""
    z: float | None
    """Last part less those before, in standard errors; None where there is too little."""

    @property
    def noticed(self) -> bool:
        """Beyond what chance does."""
        return self.z is not None and abs(self.z) > DRIFT_Z


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldScore:
    """One annotator against answers that people promoted to gold."""

    name: str
    frames: int
    found: Interval
    """Share of gold things that they drew with the right category."""
    real: Interval
    """Share of what they drew that is gold, with the right category."""
    mean_iou: float | None


def annotator_rates(
    looks: Looks,
    *,
    categories: Sequence[str],
    predictions: Mapping[FrameId, Sequence[Predicted]] | None = None,
) -> tuple[AnnotatorRates, ...]:
    """Rates of all annotators, by name.

    Args:
        looks: answers, frames in the order they were given where that is known.
        categories: all that may be said.
        predictions: of a network, which then counts as one more look.
    """
    people = sorted({name for by_author in looks.values() for name in by_author})
    observed = observe(looks, categories=categories, people=people, predictions=predictions)
    fitted = fit_people(observed)
    return tuple(_rates_of(name, looks, observed, fitted) for name in people if name != NETWORK)


def gold_scores(
    looks: Looks, gold: Mapping[FrameId, Sequence[Mark]], *, min_iou: float = 0.5, seed: int = 0
) -> tuple[GoldScore, ...]:
    """Scores against gold, intervals over frames. What is gold, people decide."""
    people = sorted({name for frame in gold for name in looks.get(frame, {})})
    return tuple(
        _gold_score(
            name,
            [(looks[f][name], gold[f]) for f in sorted(gold) if name in looks.get(f, {})],
            min_iou,
            seed,
        )
        for name in people
    )


def _gold_score(
    name: str, both: Sequence[tuple[Sequence[Mark], Sequence[Mark]]], min_iou: float, seed: int
) -> GoldScore:
    sums = np.zeros((len(both), 3))
    overlaps: list[float] = []
    for row, (drawn, there) in enumerate(both):
        paired = paired_marks(drawn, there, min_iou=min_iou)
        right = sum(drawn[i].category == there[j].category for i, j, _ in paired)
        sums[row] = right, len(there), len(drawn)
        overlaps += [overlap for _, _, overlap in paired]
    return GoldScore(
        name=name,
        frames=len(both),
        found=interval_of_sums(sums[:, :2], share, seed=seed),
        real=interval_of_sums(sums[:, [0, 2]], share, seed=seed),
        mean_iou=float(np.mean(overlaps)) if overlaps else None,
    )


def _rates_of(name: str, looks: Looks, observed: Observed, fitted: Fitted) -> AnnotatorRates:
    column = observed.people.index(name)
    said = observed.searched.said[:, column]
    nothing = observed.searched.nothing
    answered = said >= 0
    posterior, ghosts = fitted.posterior, fitted.unseen
    looked = observed.searched.looked[observed.searched.frames, column]
    real = 1.0 - posterior[:, nothing]
    there = float(real[answered].sum() + ghosts[looked].sum())
    drawn = answered & (said != nothing)
    found = float(real[drawn].sum())
    rows = np.flatnonzero(drawn)
    right = float(posterior[rows, said[rows]].sum())
    turns = sum(name in by_author for by_author in looks.values())
    invented = float(posterior[drawn, nothing].sum())
    return AnnotatorRates(
        name=name,
        looks=turns,
        marks=int(drawn.sum()),
        seen=wilson(found, there),
        right=wilson(right, found),
        invented_per_look=invented / max(1, turns),
        mean_iou=_mean_iou(name, observed),
        by_category={
            category: wilson(
                float(posterior[answered & (said == at), at].sum()),
                float(posterior[answered, at].sum() + ghosts[looked, at].sum()),
            )
            for at, category in enumerate(observed.categories)
        },
        confusion=_confusion(observed, fitted, column),
        few=there < FEW,
        drift=_drift(posterior, said, observed.searched.frames),
    )


def _confusion(observed: Observed, fitted: Fitted, column: int) -> dict[str, dict[str, float]]:
    """Over all strata, weighed by the answers there were."""
    names = (*observed.categories, NOTHING)
    counted = fitted.rates.counted[:, column] + 1e-9
    weighted = (fitted.rates.confusion[:, column] * counted[..., None]).sum(axis=0)
    rates = weighted / counted.sum(axis=0)[:, None]
    return {
        truth: {said: float(rates[at, place]) for place, said in enumerate(names)}
        for at, truth in enumerate(names)
    }


def _mean_iou(name: str, observed: Observed) -> float | None:
    found = []
    for _, thing in observed.things:
        others = [mark for author, mark in thing.marks.items() if author != name]
        if name in thing.marks and others:
            found.append(likeness(thing.marks[name], middle(others)))
    return float(np.mean(found)) if found else None


def _drift(posterior: np.ndarray, said: np.ndarray, frames: np.ndarray) -> Drift:
    """Accuracy in parts of the work, and how far the last is from those before."""
    rows = np.flatnonzero(said >= 0)
    rows = rows[np.argsort(frames[rows], kind="stable")]
    values = posterior[rows, said[rows]] if len(rows) else np.zeros(0)
    parts = np.array_split(values, PERIODS)
    accuracy = tuple(float(part.mean()) if len(part) else None for part in parts)
    last, before = parts[-1], np.concatenate(parts[:-1])
    if len(last) < FEW / 2 or len(before) < FEW:
        return Drift(accuracy=accuracy, z=None)
    # at least the spread of one error in each part: none at all would be no spread
    spread = [max(float(part.var()), 1.0 / len(part)) / len(part) for part in (last, before)]
    return Drift(accuracy=accuracy, z=float((last.mean() - before.mean()) / np.sqrt(sum(spread))))
