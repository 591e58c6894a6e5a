"""How well frames cover cells, and which cells lack what others have. Knows no names of cells.

Frames of one recording resemble each other, so recordings are what is counted with: intervals
resample them, and tests exchange them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import InputError

REPLICATES = 2_000
EXCHANGES = 9_999
CONFIDENCE = 0.95
FALSE_SHARE = 0.05
"""Of the holes that are told, at most such a share is expected to be none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Frames by unit and cell.

    Attributes:
        held: (units, cells) frames.
        total: (units,) frames.
    """

    held: np.ndarray
    total: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covered:
    """(cells,) figures of each cell.

    Attributes:
        frames: how many.
        units: how many recordings have any.
        effective: recordings as they would count if each had as many of its frames.
        share: of all frames.
        low, high: interval of the share over recordings.
    """

    frames: np.ndarray
    units: np.ndarray
    effective: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holes:
    """(cells,) what a set lacks against a reference.

    Attributes:
        share, reference: of all frames, here and there; means over recordings.
        p: of a lack as large by chance, one-sided.
        lacking: which are told as holes.
    """

    share: np.ndarray
    reference: np.ndarray
    p: np.ndarray
    lacking: np.ndarray


def count(held: np.ndarray, units: np.ndarray) -> Counts:
    """(n, cells) bool and (n,) unit numbers -> counts; units without frames fall out.

    Raises:
        InputError: there are no frames.
    """
    if not len(held):
        raise InputError("there are no frames to cover anything", remedy="name another selection")
    _, numbers = np.unique(units, return_inverse=True)
    total = np.bincount(numbers)
    sums = np.zeros((len(total), held.shape[1]))
    np.add.at(sums, numbers, held)
    return Counts(held=sums, total=total.astype(np.float64))


def coverage(counts: Counts, *, seed: int) -> Covered:
    """Figures with percentile intervals of a cluster bootstrap over units.

    The effective number is L. Kish's (Survey Sampling, 1965): the square of the sum over the sum
    of squares of what each recording has. Under two units no interval is told (NaN).
    """
    held, total = counts.held, counts.total
    frames = held.sum(axis=0)
    squares = (held**2).sum(axis=0)
    effective = np.divide(frames**2, squares, out=np.zeros_like(frames), where=squares > 0)
    share = frames / total.sum()
    low = high = np.full(len(frames), np.nan)
    if len(total) > 1:
        draw = np.random.Generator(np.random.PCG64(seed))
        weights = draw.multinomial(
            len(total), np.full(len(total), 1 / len(total)), size=REPLICATES
        ).astype(np.float64)
        drawn = (weights @ held) / (weights @ total)[:, None]
        tail = 50 * (1 - CONFIDENCE)
        low, high = np.percentile(drawn, [tail, 100 - tail], axis=0)
        never = frames == 0  # a bootstrap cannot tell of what was never seen: the rule of three
        high = np.where(never, np.minimum(1.0, 3.0 / len(total)), high)
    return Covered(
        frames=frames,
        units=(held > 0).sum(axis=0),
        effective=effective,
        share=share,
        low=low,
        high=high,
    )


def holes(here: Counts, there: Counts, *, seed: int) -> Holes:
    """Cells that a set has less of than a reference, beyond chance.

    Each recording's shares stand for it. Recordings are exchanged between the two at random; p is
    how often the set then lacks as much (a permutation test; P. Good, 2005). Holes are chosen so
    that at most `FALSE_SHARE` of them are expected to be none (Y. Benjamini, Y. Hochberg, 1995).
    """
    ours = here.held / here.total[:, None]
    theirs = there.held / there.total[:, None]
    both = np.concatenate([ours, theirs])
    count_ours, count_all = len(ours), len(both)
    mean = both.mean(axis=0)
    lack = theirs.mean(axis=0) - ours.mean(axis=0)
    draw = np.random.Generator(np.random.PCG64(seed))
    as_large = np.zeros(both.shape[1])
    done = 0
    while done < EXCHANGES:
        some = min(500, EXCHANGES - done)
        chosen = np.zeros((some, count_all))
        order = np.argsort(draw.random((some, count_all)), axis=1)[:, :count_ours]
        np.put_along_axis(chosen, order, 1.0, axis=1)
        drawn = chosen @ both
        others = (count_all * mean - drawn) / max(1, count_all - count_ours)
        as_large += ((others - drawn / count_ours) >= lack - 1e-12).sum(axis=0)
        done += some
    p = (1 + as_large) / (1 + EXCHANGES)
    told = p.copy()
    told[theirs.sum(axis=0) == 0] = 1.0  # what the reference never had cannot be lacking
    return Holes(
        share=ours.mean(axis=0),
        reference=theirs.mean(axis=0),
        p=p,
        lacking=_chosen(told),
    )


def _chosen(p: np.ndarray) -> np.ndarray:
    """(cells,) bool by the step-up rule."""
    order = np.argsort(p)
    steps = FALSE_SHARE * np.arange(1, len(p) + 1) / max(1, len(p))
    passed = np.flatnonzero(p[order] <= steps)
    found = np.zeros(len(p), bool)
    if len(passed):
        found[order[: passed[-1] + 1]] = True
    return found
