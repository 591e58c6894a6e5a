"""Search for pages of a million rows: which rows, and only those that are shown as values.

As `searching`, with two differences. Without an order and a ranking, rows come in the order of the
index (recordings as they came in, frames by sequence), because sorting a million names for the
hundred that are shown would take longer than finding them. And an example to be alike to is a
frame, never a file: who asks may be on another machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.curate.language.complete import Suggestion, complete
from ringroad.curate.language.evaluate import evaluate
from ringroad.curate.language.explain import Explain
from ringroad.curate.language.parser import parse
from ringroad.curate.language.ranking import split
from ringroad.curate.language.tree import Like, Node, Query, parts_of
from ringroad.domain.errors import UnknownName
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.search_sources import IndexSources
from ringroad.pipelines.curate.searching import SHOWN, plain_row, with_rankings
from ringroad.pipelines.workspace import Workspace

MOST_RANKED = 1000
"""How far a ranking is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundRows:
    """What was found, by numbers of rows of the index.

    Attributes:
        rows: (n,) int64, in order.
        scores: (n,) float32, None where nothing ranks.
        matched: how many frames hold the query; more than `rows` where a ranking ends before.
        indexed: how many frames were searched.
        versions: tables, and the position of the last batch of each that was searched.
        explain: how it was found.
        table: all rows of the index.
    """

    rows: np.ndarray
    scores: np.ndarray | None
    matched: int
    indexed: int
    versions: tuple[tuple[str, int], ...]
    explain: Explain
    table: pa.Table

    def values(self, start: int, most: int) -> list[dict[str, Any]]:
        """Some of the rows as plain values, what is unknown left out."""
        found = [plain_row(row) for row in self.arrow(start, most).to_pylist()]
        if self.scores is not None:
            scores = self.scores[start : start + most].tolist()
            found = [row | {"score": score} for row, score in zip(found, scores, strict=True)]
        return found

    def arrow(self, start: int, most: int) -> pa.Table:
        """The same as Arrow, columns `SHOWN`."""
        rows = self.rows[start : start + most]
        if not len(rows):
            return self.table.select(list(SHOWN)).slice(0, 0)
        first, last = int(rows.min()), int(rows.max())
        # Arrow joins all chunks that it takes from: rows of a page mostly lie near one another.
        near = self.table.select(list(SHOWN)).slice(first, last - first + 1)
        return near.take(pa.array(rows - first))


def find_rows(
    workspace: Workspace,
    text: str,
    *,
    like: str = "",
    words: str = "",
    crop: tuple[int, ...] = (),
) -> FoundRows:
    """Find frames.

    Args:
        workspace: where to look.
        text: a query, see docs/search.md.
        like: rank by likeness to this frame as well.
        words: rank by these words as well.
        crop: x, y, width, height of the part of that frame that counts, in pixels as recorded.

    Raises:
        UsageError: the query cannot be understood; the message shows the place.
        UnknownName: an example that is no frame.
    """
    sources = IndexSources(workspace, fresh_index(workspace))
    query = with_rankings(parse(text, sources.vocabulary), like, words, crop)
    refuse_files(query, sources)
    rankings, _ = split(query.where)
    limit = MOST_RANKED if rankings else None
    answer = evaluate(query, sources, vocabulary=sources.vocabulary, limit=limit, by_frame=False)
    return FoundRows(
        rows=answer.rows,
        scores=answer.scores,
        matched=answer.matched,
        indexed=int(np.count_nonzero(sources.alive)),
        versions=tuple(sorted(sources.view.reached.items())),
        explain=answer.explain,
        table=sources.rows,
    )


def check_query(workspace: Workspace, text: str, *, like: str = "", words: str = "") -> None:
    """Read a query that came from elsewhere, without answering it.

    Raises:
        UsageError: it cannot be understood.
        UnknownName: an example that is no frame.
    """
    sources = IndexSources(workspace, fresh_index(workspace))
    refuse_files(with_rankings(parse(text, sources.vocabulary), like, words), sources)


def suggest(workspace: Workspace, text: str, cursor: int) -> list[Suggestion]:
    """Words that may stand at the cursor of a query."""
    sources = IndexSources(workspace, fresh_index(workspace))
    return complete(text, cursor, sources.vocabulary)


def refuse_files(query: Query, sources: IndexSources) -> None:
    """Raise UnknownName for an example that is no frame of the index."""
    for like in _likes(query.where):
        if sources.view.rows_of([like.example])[0] < 0:
            raise UnknownName(
                "no such frame", subject=like.example[:200], remedy="name a frame by its id"
            )


def _likes(node: Node | None) -> Iterator[Like]:
    """Every example, however deep it stands."""
    if isinstance(node, Like):
        yield node
    if node is None:
        return
    for part in parts_of(node):
        yield from _likes(part)
