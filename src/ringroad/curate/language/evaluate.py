"""A tree to frames: what columns tell first, then places and times, then likeness and words."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.language.doubts import doubts
from ringroad.curate.language.explain import Explain
from ringroad.curate.language.holding import frames_of
from ringroad.curate.language.ranking import ranked, split
from ringroad.curate.language.sources import Sources
from ringroad.curate.language.tree import Query, format_node, format_query
from ringroad.curate.language.vocabulary import Vocabulary
from ringroad.curate.language.work import Work
from ringroad.domain.errors import UsageError


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


def evaluate(
    query: Query,
    sources: Sources,
    *,
    vocabulary: Vocabulary | None = None,
    limit: int | None = None,
    by_frame: bool = True,
) -> Answer:
    """Find the frames that a query means.

    Args:
        query: the tree.
        sources: what it is asked of.
        vocabulary: texts that no frame has are told with the nearest that one has.
        limit: at most so many rows; the query's own limit counts as well.
        by_frame: where nothing ranks, orders or limits, rows come sorted by frame; without, as
            they stand, which is faster where few of a million are shown.

    Raises:
        UsageError: a ranking where nothing can be ranked, or SQL that does not parse.
    """
    begun = time.perf_counter()
    work = Work(sources)
    rankings, rest = split(query.where)
    if rankings and query.order:
        raise UsageError(
            f"{format_node(rankings[0])} orders frames, and `order by` orders them as well",
            remedy="leave one of them out",
        )
    mask = sources.alive if rest is None else frames_of(rest, work)
    most = min((bound for bound in (query.limit, limit) if bound is not None), default=None)
    scores = None
    if rankings:
        rows, scores = ranked(rankings, work, None if rest is None else mask, most)
    else:
        rows = np.flatnonzero(mask)
        if by_frame or query.order or most is not None:
            rows = _ordered(rows, query, sources.rows, most)
    explain = Explain(
        query=format_query(query),
        parts=tuple(work.parts),
        seconds=time.perf_counter() - begun,
        notes=(*sources.notes(), *(doubts(query.where, vocabulary) if vocabulary else ())),
    )
    matched = int(np.count_nonzero(mask))
    return Answer(rows=rows, scores=scores, matched=matched, explain=explain)


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
