"""A tree to frames: what columns tell first, then places and times, then likeness and words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

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
)
from ringroad.curate.language.vocabulary import TEXT, Vocabulary, nearest
from ringroad.curate.scenario.intervals import contains
from ringroad.domain.errors import UsageError

FUSION = 60
"""Reciprocal rank fusion: a frame scores the sum of 1 / (60 + its rank) over the rankings (G.
Cormack, C. Clarke, S. Buettcher, SIGIR 2009)."""
POOL = 50
"""Each of several rankings tells so many times the frames that are asked for."""
RANKED = 20
"""A ranking without a limit names so many frames."""


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
        """Find rows, and note how long it took."""
        begun = time.perf_counter()
        found = find()
        self.parts.append(
            Part(
                text=format_node(node),
                how=how,
                rows=int(np.count_nonzero(found)),
                seconds=time.perf_counter() - begun,
            )
        )
        return found


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
    rankings, rest = _split(query.where)
    mask = sources.alive if rest is None else _mask(rest, work)
    most = min((bound for bound in (query.limit, limit) if bound is not None), default=None)
    scores = None
    if rankings:
        rows, scores = _ranked(rankings, work, None if rest is None else mask, most)
    else:
        rows = _ordered(np.flatnonzero(mask), query, sources.rows, most)
    notes = (*sources.notes(), *_unknown(query.where, vocabulary))
    explain = Explain(
        query=format_query(query),
        parts=tuple(work.parts),
        seconds=time.perf_counter() - begun,
        notes=notes,
    )
    matched = int(np.count_nonzero(mask))
    return Answer(rows=rows, scores=scores, matched=matched, explain=explain)


def _split(where: Node | None) -> tuple[list[Like | Text], Node | None]:
    """The rankings, which stand at the top and are joined by `and`, and what is left."""
    parts = where.parts if isinstance(where, And) else () if where is None else (where,)
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    rankings = [part for part in flat if isinstance(part, Like | Text)]
    rest = [part for part in flat if not isinstance(part, Like | Text)]
    if not rest:
        return rankings, None
    return rankings, rest[0] if len(rest) == 1 else And(parts=tuple(rest))


def _mask(node: Node, work: _Work) -> np.ndarray:
    """(n,) bool: alive rows that hold it."""
    sources = work.sources
    if in_columns(node):
        return work.timed(node, "columns", lambda: sources.mask(sql_of(node)))
    if over_time(node):
        return work.timed(node, "intervals", lambda: _during(node, work))
    match node:
        case And(parts=parts):
            return _all(parts, work)
        case Or(parts=parts):
            return _any(parts, work)
        case Not(part=part):
            return np.asarray(sources.alive & ~_mask(part, work))
        case Cell(cell=cell):
            return work.timed(node, "place", lambda: sources.in_cell(cell) & sources.alive)
    if isinstance(node, Like | Text):
        raise UsageError(
            f"{format_node(node)} orders frames and leaves none out: it cannot stand behind `or` "
            "or `not`",
            remedy="join it by `and` to the rest of the query",
        )
    return work.timed(node, "intervals", lambda: _during(node, work))


def _all(parts: tuple[Node, ...], work: _Work) -> np.ndarray:
    """Columns first; nothing more is looked at once no row is left."""
    ordered = sorted(_grouped(parts, And), key=lambda part: not in_columns(part))
    mask = _mask(ordered[0], work)
    for part in ordered[1:]:
        if not mask.any():
            break
        mask = mask & _mask(part, work)
    return mask


def _any(parts: tuple[Node, ...], work: _Work) -> np.ndarray:
    mask = np.zeros(len(work.sources.alive), dtype=bool)
    for part in _grouped(parts, Or):
        mask |= _mask(part, work)
    return mask


def _grouped(parts: tuple[Node, ...], join: type[And | Or]) -> list[Node]:
    """Parts that columns answer together as one, so that the engine is asked once."""
    plain = tuple(part for part in parts if in_columns(part))
    others = [part for part in parts if not in_columns(part)]
    if len(plain) > 1:
        return [join(parts=plain), *others]
    return [*plain, *others]


def _during(node: Node, work: _Work) -> np.ndarray:
    sources = work.sources
    held = stretches_of(node, sources, lambda part: _mask(part, work))
    times = sources.rows["time_ns"].to_numpy()
    return np.asarray(contains(held, sources.recording, times) & sources.alive)


def _ranked(
    rankings: list[Like | Text], work: _Work, among: np.ndarray | None, limit: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """By the one ranking there is, or by the ranks that several give."""
    most = RANKED if limit is None else limit
    if len(rankings) == 1:
        return _rank(rankings[0], work, among, most)
    total: dict[int, float] = {}
    for ranking in rankings:
        rows, _ = _rank(ranking, work, among, POOL * most)
        for place, row in enumerate(rows.tolist()):
            total[row] = total.get(row, 0.0) + 1 / (FUSION + place + 1)
    best = sorted(total, key=lambda row: (-total[row], row))[:most]
    return np.array(best, np.int64), np.array([total[row] for row in best], np.float32)


def _rank(
    ranking: Like | Text, work: _Work, among: np.ndarray | None, limit: int
) -> tuple[np.ndarray, np.ndarray]:
    begun = time.perf_counter()
    note = ""
    if isinstance(ranking, Like):
        rows, scores, note = work.sources.alike(ranking, among=among, limit=limit)
    else:
        rows, scores = work.sources.worded(ranking.words, among=among, limit=limit)
    work.parts.append(
        Part(
            text=format_node(ranking),
            how="likeness" if isinstance(ranking, Like) else "words",
            rows=len(rows),
            seconds=time.perf_counter() - begun,
            note=note,
        )
    )
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
