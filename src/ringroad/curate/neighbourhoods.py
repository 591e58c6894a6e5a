"""Where in an embedding a set lacks what a reference has, tested over places of several sizes.

Cells that are cut beforehand miss what lies across their borders. Here every place is a ball
around a frame of the reference, as large as to hold a given share of it, and many of them
overlap. All are tested at once: recordings are exchanged between the two sets, and what the most
lacking ball of each exchange reaches by chance is what a real lack has to pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import InputError

CENTRES = 600
SCALES = (0.01, 0.02, 0.05, 0.1)
"""Shares of the reference that balls hold."""
EXCHANGES = 999
ALARMS = 0.025
"""How often any lack is told where there is none."""
OVERLAP = 0.5
"""A ball that shares more than so much of it with one that lacks more is not told again."""
MOST = 100_000
"""Of more frames on a side, so many are drawn."""
_BALLS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """A ball in which the set has less than the reference.

    Attributes:
        centre: place among the reference's frames of the one in its middle.
        members: (m,) places of the reference's frames in it, the nearest first.
        radius: of the ball.
        share, reference: of all frames, here and there; means over recordings.
        p: how often chance lets any ball lack as much.
    """

    centre: int
    members: np.ndarray
    radius: float
    share: float
    reference: float
    p: float


def lacking_places(
    here: np.ndarray,
    here_units: np.ndarray,
    there: np.ndarray,
    there_units: np.ndarray,
    *,
    seed: int,
    centres: int = CENTRES,
) -> list[Place]:
    """Balls of the reference that the set lacks, the most lacking first.

    The largest standardised difference over all balls is compared with its own distribution when
    recordings are exchanged (P. Westfall, S. Young, "Resampling-based multiple testing", 1993):
    whatever number of balls overlaps, chance tells a lack in `ALARMS` of cases.

    Args:
        here: (n, d) embeddings of the set.
        here_units: (n,) number of each frame's recording.
        there: (m, d) of the reference.
        there_units: (m,).
        seed: of centres and exchanges.
        centres: how many frames of the reference are middles of balls.

    Raises:
        InputError: embeddings hold what is no number.
    """
    if not len(here) or not len(there):
        return []
    draw = np.random.Generator(np.random.PCG64(seed))
    rows, theirs = _sampled(there_units, draw)
    own, ours = _sampled(here_units, draw)
    points = np.concatenate([np.asarray(there[rows]), np.asarray(here[own])]).astype(np.float32)
    if not np.isfinite(points).all():
        raise InputError("some embeddings are not numbers", remedy="embed these frames again")
    count, cut = int(theirs[-1]) + 1, len(rows)
    units = np.concatenate([theirs, ours + count])
    middles = np.sort(draw.permutation(cut)[:centres])
    reaches, shares = _shares(points, cut, middles, units)
    lack, most = _tested(shares, count, draw)
    p = (1 + (most[None, :] >= lack[:, None] - 1e-9).sum(axis=1)) / (1 + len(most))
    told: list[Place] = []
    held: list[np.ndarray] = []
    for ball in np.argsort(-lack, kind="stable"):
        if p[ball] > ALARMS or lack[ball] <= 0:
            break
        middle = int(middles[ball // len(SCALES)])
        reach = float(reaches[ball])
        away = ((points[:cut] - points[middle]) ** 2).sum(axis=1)
        inside = np.flatnonzero(away <= reach)
        if any(np.isin(inside, other).mean() > OVERLAP for other in held):
            continue
        held.append(inside)
        told.append(
            Place(
                centre=int(rows[middle]),
                members=rows[inside[np.argsort(away[inside], kind="stable")]],
                radius=float(np.sqrt(reach)),
                share=float(shares[count:, ball].mean()),
                reference=float(shares[:count, ball].mean()),
                p=float(p[ball]),
            )
        )
    return told


def _sampled(units: np.ndarray, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places of at most `MOST` frames, recording by recording, and the number of each one's."""
    _, numbers = np.unique(units, return_inverse=True)
    numbers = np.asarray(numbers, np.int64)
    kept = np.arange(len(numbers))
    if len(numbers) > MOST:
        kept = np.sort(draw.permutation(len(numbers))[:MOST])
    kept = kept[np.argsort(numbers[kept], kind="stable")]
    _, renumbered = np.unique(numbers[kept], return_inverse=True)
    return kept, np.asarray(renumbered, np.int64)


def _shares(
    points: np.ndarray, cut: int, middles: np.ndarray, units: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Squared radius of each ball, and (units, balls) share of each recording's frames in it."""
    total = np.bincount(units).astype(np.float64)
    lengths = np.einsum("nd,nd->n", points, points)
    ranks = [min(cut - 1, max(0, round(share * cut) - 1)) for share in SCALES]
    reaches = np.empty(len(middles) * len(SCALES))
    shares = np.empty((len(total), len(reaches)))
    starts = np.flatnonzero(np.diff(units, prepend=-1))  # frames stand by recording
    for start in range(0, len(middles), _BALLS_AT_ONCE):
        some = middles[start : start + _BALLS_AT_ONCE]
        away = lengths[some][:, None] + lengths[None, :] - 2 * (points[some] @ points.T)
        sorted_away = np.partition(away[:, :cut], ranks, axis=1)
        for scale, rank in enumerate(ranks):
            reach = sorted_away[:, rank]
            balls = (start + np.arange(len(some))) * len(SCALES) + scale
            reaches[balls] = reach
            held = np.add.reduceat(away <= reach[:, None], starts, axis=1, dtype=np.int32)
            shares[:, balls] = (held / total).T
    return reaches, shares


def _tested(
    shares: np.ndarray, count: int, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """(balls,) standardised lack, and the largest one of each exchange of recordings."""
    whole = len(shares)
    spread = shares.std(axis=0)
    spread = np.where(spread > 0, spread, np.inf)
    scaled = (shares - shares.mean(axis=0)) / spread
    others = whole - count
    # The mean of all is 0: what one side has, the other lacks.
    lack = scaled[:count].sum(axis=0) * (1 / count + 1 / others)
    most = np.empty(EXCHANGES)
    done = 0
    while done < EXCHANGES:
        some = min(200, EXCHANGES - done)
        chosen = np.zeros((some, whole))
        places = np.argsort(draw.random((some, whole)), axis=1)[:, :count]
        np.put_along_axis(chosen, places, 1.0, axis=1)
        drawn = (chosen @ scaled) * (1 / count + 1 / others)
        most[done : done + some] = drawn.max(axis=1)
        done += some
    return lack, most
