"""A tree to frames: what columns tell first, then places and times, then likeness and words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.language.columns import in_columns, sql_of
from ringroad.curate.language.explain import Explain, Part
from ringroad.curate.language.sources import Sources
from ringroad.curate.language.stretches import over_time, stretches_of
from ringroad.curate.language.tree import (
    And,
    Cell,
    Compare,
    In,
    Like,
    Node,
    Not,
    Or,
    Query,
    Text,
    format_node,
    format_query,
    joined,
)
from ringroad.curate.language.vocabulary import TEXT, Vocabulary, nearest
from ringroad.curate.scenario.intervals import Intervals, contains
from ringroad.domain.errors import UsageError

FUSION = 60
"""Reciprocal rank fusion: a frame scores the sum of 1 / (60 + its rank) over the rankings (G.
Cormack, C. Clarke, S. Buettcher, SIGIR 2009)."""
POOL, LEAST_POOL = 50, 1_000
"""Each of several rankings tells so many times the frames that are asked for, or so many."""
RANKED = 20
"""A ranking without a limit names so many frames."""
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Rows in order, and how they were found.

    Attributes:
        rows: (m,) int64 numbers of rows.
        scores: (m,) float32: squared L2 where a likeness ranks alone; where several rankings are
            joined, or words rank, the larger the better; None where nothing ranks.
        matched: how many rows hold all that is asked, whatever the limit.
        explain: the parts.
    """

    rows: np.ndarray
    scores: np.ndarray | None
    matched: int
    explain: Explain


class _Work:
    """One evaluation: the sources, and a note of each part."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.parts: list[Part] = []

    def timed(self, node: Node, how: str, find: Callable[[], np.ndarray]) -> np.ndarray:
        """Find rows, and note how long it took and what it was made of."""
        found, seconds, inner = self._nested(find)
        rows = int(np.count_nonzero(found))
        self.note(Part(text=format_node(node), how=how, rows=rows, seconds=seconds, parts=inner))
        return found

    def watch(self, node: Node, find: Callable[[], Intervals]) -> Intervals:
        """Find stretches, and note it likewise."""
        found, seconds, inner = self._nested(find)
        text, count = format_node(node), len(found)
        self.note(Part(text=text, how="stretches", stretches=count, seconds=seconds, parts=inner))
        return found

    def skip(self, node: Node, why: str) -> None:
        """Note a part that need not be looked at."""
        self.note(Part(text=format_node(node), how="skipped", seconds=0.0, note=why))

    def note(self, part: Part) -> None:
        """Add a part to what is being found."""
        self.parts.append(part)

    def _nested(self, find: Callable[[], _Found]) -> tuple[_Found, float, tuple[Part, ...]]:
        outer, self.parts = self.parts, []
        begun = time.perf_counter()
        found = find()
        inner, self.parts = tuple(self.parts), outer
        return found, time.perf_counter() - begun, inner


def evaluate(
    query: Query,
    sources: Sources,
    *,
    vocabulary: Vocabulary | None = None,
    limit: int | None = None,
) -> Answer:
    """Find the frames that a query means.

    Args:
        query: the tree.
        sources: what it is asked of.
        vocabulary: texts that no frame has are told with the nearest that one has.
        limit: at most so many rows; the query's own limit counts as well.

    Raises:
        UsageError: a ranking where nothing can be ranked, or SQL that does not parse.
    """
    begun = time.perf_counter()
    work = _Work(sources)
    rankings, rest = split(query.where)
    if rankings and query.order:
        raise UsageError(
            f"{format_node(rankings[0])} orders frames, and `order by` orders them as well",
            remedy="leave one of them out",
        )
    mask = sources.alive if rest is None else _top(rest, work)
    most = min((bound for bound in (query.limit, limit) if bound is not None), default=None)
    scores = None
    if rankings:
        rows, scores = _ranked(rankings, work, None if rest is None else mask, most)
    else:
        rows = _ordered(np.flatnonzero(mask), query, sources.rows, most)
    explain = Explain(
        query=format_query(query),
        parts=tuple(work.parts),
        seconds=time.perf_counter() - begun,
        notes=(*sources.notes(), *_unknown(query.where, vocabulary)),
    )
    matched = int(np.count_nonzero(mask))
    return Answer(rows=rows, scores=scores, matched=matched, explain=explain)


def split(where: Node | None) -> tuple[tuple[Like | Text, ...], Node | None]:
    """The rankings, which `and` joins at the top, and what is left to hold."""
    parts = joined(where)
    rankings = tuple(part for part in parts if isinstance(part, Like | Text))
    rest = tuple(part for part in parts if not isinstance(part, Like | Text))
    return rankings, (And(parts=rest) if len(rest) > 1 else rest[0] if rest else None)


def _top(rest: Node, work: _Work) -> np.ndarray:
    return _all(rest.parts, work) if isinstance(rest, And) else _mask(rest, work)


def _mask(node: Node, work: _Work) -> np.ndarray:
    """(n,) bool: alive rows that hold it."""
    sources = work.sources
    if in_columns(node):
        return work.timed(node, "columns", lambda: sources.mask(sql_of(node)))
    if over_time(node):
        return _during(node, work)
    match node:
        case And(parts=parts):
            return work.timed(node, "all of", lambda: _all(parts, work))
        case Or(parts=parts):
            return work.timed(node, "any of", lambda: _any(parts, work))
        case Not(part=part):
            return work.timed(node, "not", lambda: sources.alive & ~_mask(part, work))
        case Cell(cell=cell):
            return work.timed(node, "place", lambda: sources.in_cell(cell) & sources.alive)
    if isinstance(node, Like | Text):
        raise UsageError(
            f"{format_node(node)} orders frames and leaves none out: it cannot stand behind `or` "
            "or `not`",
            remedy="join it by `and` to the rest of the query",
        )
    return _during(node, work)


def _all(parts: tuple[Node, ...], work: _Work) -> np.ndarray:
    """The cheapest first; nothing more is looked at once no row is left."""
    first, *others = sorted(_grouped(parts, And), key=_cost)
    mask = _mask(first, work)
    for part in others:
        if mask.any():
            mask = mask & _mask(part, work)
        else:
            work.skip(part, "no frame is left")
    return mask


def _any(parts: tuple[Node, ...], work: _Work) -> np.ndarray:
    """The cheapest first; nothing more is looked at once every row holds."""
    first, *others = sorted(_grouped(parts, Or), key=_cost)
    mask = _mask(first, work)
    for part in others:
        if np.array_equal(mask, work.sources.alive):
            work.skip(part, "every frame holds already")
        else:
            mask = mask | _mask(part, work)
    return mask


def _cost(part: Node) -> int:
    """Columns are one pass of an engine, cells one of ours; stretches have to be read first."""
    if in_columns(part):
        return 0
    return 1 if isinstance(part, Cell) else 2 if over_time(part) else 3


def _grouped(parts: tuple[Node, ...], join: type[And | Or]) -> list[Node]:
    """Parts that columns answer together as one, so that the engine is asked once."""
    plain = tuple(part for part in parts if in_columns(part))
    others = [part for part in parts if not in_columns(part)]
    if len(plain) > 1:
        return [join(parts=plain), *others]
    return [*plain, *others]


def _during(node: Node, work: _Work) -> np.ndarray:
    """Alive rows whose time lies within a stretch at which it held."""
    sources = work.sources

    def find() -> np.ndarray:
        held = stretches_of(node, sources, lambda part: _mask(part, work), watch=work.watch)
        times = sources.rows["time_ns"].to_numpy()
        return np.asarray(contains(held, sources.recording, times) & sources.alive)

    return work.timed(node, "intervals", find)


def _ranked(
    rankings: tuple[Like | Text, ...], work: _Work, among: np.ndarray | None, limit: int | None
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
    work: _Work,
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


def _ordered(rows: np.ndarray, query: Query, table: pa.Table, limit: int | None) -> np.ndarray:
    """By the columns asked for, unknown values last, then by frame."""
    names = [name for name, _ in query.order]
    taken = table.select([*dict.fromkeys([*names, "frame_id"])]).take(pa.array(rows))
    for place, field in enumerate(taken.schema):
        if pa.types.is_dictionary(field.type):
            taken = taken.set_column(place, field.name, taken[field.name].cast(pa.string()))
    keys = [(name, "descending" if down else "ascending") for name, down in query.order]
    order = pc.sort_indices(taken, sort_keys=[*keys, ("frame_id", "ascending")])
    found: np.ndarray = rows[order.to_numpy()[:limit]]
    return found


def _unknown(node: Node | None, vocabulary: Vocabulary | None) -> list[str]:
    """Texts that no frame has in a column whose texts are known."""
    if node is None or vocabulary is None:
        return []
    match node:
        case And(parts=parts) | Or(parts=parts):
            return [note for part in parts for note in _unknown(part, vocabulary)]
        case Not(part=part):
            return _unknown(part, vocabulary)
        case Compare(column=column, op="=" | "!=", value=value):
            return _untold(column, (value,), vocabulary)
        case In(column=column, values=values):
            return _untold(column, values, vocabulary)
        case _:
            return []


def _untold(column: str, values: tuple[object, ...], vocabulary: Vocabulary) -> list[str]:
    word = vocabulary.columns[column]
    if word.kind != TEXT or not word.values:
        return []
    notes = []
    for value in values:
        if value not in word.values:
            close = nearest(str(value), word.values)
            hint = (
                f"did you mean {close}?" if close else f"there are: {', '.join(word.values[:20])}"
            )
            notes.append(f"no frame has {column} = {value!r}; {hint}")
    return notes
