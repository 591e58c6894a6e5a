"""Orders frames by likeness and by words, and joins several orders. Leaves none out."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from ringroad.curate.language.explain import Part
from ringroad.curate.language.tree import And, Like, Node, Text, format_node, joined
from ringroad.curate.language.work import Work

FUSION = 60
"""Reciprocal rank fusion: a frame scores the sum of 1 / (60 + its rank) over the rankings (G.
Cormack, C. Clarke, S. Buettcher, SIGIR 2009)."""
POOL, LEAST_POOL = 50, 1_000
"""Each of several rankings tells so many times the frames that are asked for, or so many."""
RANKED = 20
"""A ranking without a limit names so many frames."""


def split(where: Node | None) -> tuple[tuple[Like | Text, ...], Node | None]:
    """The rankings, which `and` joins at the top, and what is left to hold."""
    parts = joined(where)
    rankings = tuple(part for part in parts if isinstance(part, Like | Text))
    rest = tuple(part for part in parts if not isinstance(part, Like | Text))
    return rankings, (And(parts=rest) if len(rest) > 1 else rest[0] if rest else None)


def ranked(
    rankings: tuple[Like | Text, ...], work: Work, among: np.ndarray | None, limit: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """By the one ranking there is, or by the ranks that several give.

    Of several, those away from an example take off what they would give to its likes, so that
    frames near it sink; where all lead away, each gives to the least alike.
    """
    count = int(np.count_nonzero(work.sources.alive if among is None else among))
    most = min(RANKED if limit is None else limit, count)
    if not most:
        for ranking in rankings:
            work.skip(ranking, "no frame is left")
        return np.empty(0, np.int64), np.empty(0, np.float32)
    if len(rankings) == 1:
        return _rank(rankings[0], work, among, most)
    pool = min(max(LEAST_POOL, POOL * most), count)
    only_away = all(isinstance(ranking, Like) and ranking.away for ranking in rankings)
    total = np.zeros(len(work.sources.alive))
    named = np.zeros(len(total), dtype=bool)
    for ranking in rankings:
        away = isinstance(ranking, Like) and ranking.away and not only_away
        asked = replace(ranking, away=False) if isinstance(ranking, Like) and away else ranking
        rows, _ = _rank(asked, work, among, pool, shown=ranking)
        share = 1 / (FUSION + 1 + np.arange(len(rows)))
        total[rows] += -share if away else share
        named[rows] |= not away
    rows = np.flatnonzero(named)
    best = rows[np.lexsort((rows, -total[rows]))][:most]
    return best, total[best].astype(np.float32)


def _rank(
    ranking: Like | Text,
    work: Work,
    among: np.ndarray | None,
    limit: int,
    *,
    shown: Like | Text | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    begun = time.perf_counter()
    note = ""
    if isinstance(ranking, Like):
        rows, scores, note = work.sources.alike(ranking, among=among, limit=limit)
    else:
        rows, scores = work.sources.worded(ranking.words, among=among, limit=limit)
    part = Part(
        text=format_node(shown or ranking),
        how="likeness" if isinstance(ranking, Like) else "words",
        rows=len(rows),
        seconds=time.perf_counter() - begun,
        note=note,
    )
    work.note(part)
    return rows, scores
