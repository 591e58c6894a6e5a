"""Search for people: the text of a query to frames, and how they were found."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.curate.language.evaluate import Answer, evaluate
from ringroad.curate.language.explain import Explain, Part
from ringroad.curate.language.holding import frames_of
from ringroad.curate.language.parser import parse
from ringroad.curate.language.ranking import split
from ringroad.curate.language.stretches import stretches_of
from ringroad.curate.language.tree import And, Like, Node, Query, Text, format_node, format_query
from ringroad.curate.language.work import Work
from ringroad.domain.errors import UsageError
from ringroad.domain.time import to_iso
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.search_sources import IndexSources
from ringroad.pipelines.workspace import Workspace

SHOWN = (
    "frame_id", "recording_id", "channel", "sequence", "time_ns", "width", "height",
    "brightness", "contrast", "sharpness", "saturation", "condition", "speed_mps", "accel_mps2",
    "yaw_rate_rps", "latitude", "longitude", "sun_deg", "weather", "road", "quality", "words",
)  # fmt: skip
NEAREST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found."""

    frames: tuple[str, ...]
    scores: tuple[float, ...]
    """See `Answer.scores`; empty where nothing ranks."""
    matched: int
    """How many frames hold the query, whatever the limit."""
    indexed: int
    """How many frames were searched."""
    query: str
    """In canonical words."""
    versions: tuple[tuple[str, int], ...]
    """What was searched: tables, and the position of the last batch of each."""
    explain: Explain
    rows: pa.Table
    """Columns `SHOWN` of the frames, in order."""

    def shown(self) -> list[dict[str, Any]]:
        """The rows as plain values, what is unknown left out."""
        rows = [plain_row(row) for row in self.rows.to_pylist()]
        if self.scores:
            rows = [row | {"score": s} for row, s in zip(rows, self.scores, strict=True)]
        return rows


def search(
    workspace: Workspace,
    text: str,
    *,
    like: str = "",
    words: str = "",
    limit: int | None = None,
    wait: bool = False,
    measure: bool = False,
) -> Found:
    """Find frames.

    Args:
        workspace: where to look.
        text: a query, see docs/search.md.
        like: rank by likeness to this frame or picture as well.
        words: rank by these words as well.
        limit: at most so many.
        wait: let the index follow the catalog first, though another process is at it.
        measure: compare each approximate part with the exact answer, which takes longer.

    Raises:
        UsageError: the query cannot be understood; the message shows the place.
    """
    sources = IndexSources(workspace, fresh_index(workspace, wait=wait))
    query = with_rankings(parse(text, sources.vocabulary), like, words)
    answer = evaluate(query, sources, vocabulary=sources.vocabulary, limit=limit)
    explain = answer.explain
    if measure:
        explain = replace(explain, parts=_measured(query, sources, answer))
    rows = sources.rows.select(list(SHOWN)).take(pa.array(answer.rows))
    scores = () if answer.scores is None else tuple(answer.scores.tolist())
    return Found(
        frames=tuple(rows["frame_id"].to_pylist()),
        scores=scores,
        matched=answer.matched,
        indexed=int(np.count_nonzero(sources.alive)),
        query=explain.query,
        versions=tuple(sorted(sources.view.reached.items())),
        explain=explain,
        rows=rows,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """When a query held, whether or not there are frames at these times.

    Attributes:
        rows: recording, start and end in ns, seconds, in order.
        query: in canonical words.
        seconds: what it took.
    """

    rows: tuple[dict[str, Any], ...]
    query: str
    seconds: float


def find_stretches(workspace: Workspace, text: str) -> Stretches:
    """When a query held, in every recording: those without frames are looked into as well.

    Columns are of frames: a query of columns alone finds the runs of frames that hold it.

    Raises:
        UsageError: the query cannot be understood, or it ranks or orders, which times do not.
    """
    begun = time.perf_counter()
    sources = IndexSources(workspace, fresh_index(workspace), frameless=True)
    query = parse(text, sources.vocabulary)
    if query.where is None or query.order:
        raise UsageError(
            "says nothing that holds at some times and not at others",
            subject=text,
            remedy="ask for events, atoms, tracks or columns: hard-braking then stopped",
        )
    work = Work(sources)
    held = stretches_of(query.where, sources, lambda part: frames_of(part, work))
    names = {number: name for name, number in sources.recordings.items()}
    order = np.lexsort((held.start_ns, np.array([names[at] for at in held.recording.tolist()])))
    rows = [
        {
            "recording_id": names[int(held.recording[at])],
            "start_ns": int(held.start_ns[at]),
            "end_ns": int(held.end_ns[at]),
            "start": to_iso(int(held.start_ns[at])),
            "seconds": float(held.end_ns[at] - held.start_ns[at]) / 1e9,
        }
        for at in order.tolist()
    ]
    most = len(rows) if query.limit is None else query.limit
    return Stretches(
        rows=tuple(rows[:most]),
        query=format_query(query),
        seconds=time.perf_counter() - begun,
    )


def with_rankings(query: Query, like: str, words: str, crop: tuple[int, ...] = ()) -> Query:
    """Rankings of their own beside what the query says."""
    more: list[Node] = [Like(example=like, crop=crop)] if like else []
    more += [Text(words=words)] if words else []
    parts = [*(() if query.where is None else (query.where,)), *more]
    where = None if not parts else parts[0] if len(parts) == 1 else And(parts=tuple(parts))
    return replace(query, where=where)


def _measured(query: Query, sources: IndexSources, answer: Answer) -> tuple[Part, ...]:
    """The parts, those by likeness with the recall of this very query."""
    rankings, _ = split(query.where)
    likes = {format_node(p): p for p in rankings if isinstance(p, Like) and not p.away}
    told = []
    for part in answer.explain.parts:
        like = likes.get(part.text)
        told.append(part if like is None else replace(part, note=_recall(like, query, sources)))
    return tuple(told)


def _recall(like: Like, query: Query, sources: IndexSources) -> str:
    """Of the ten nearest frames that hold the rest of the query, how many are found."""
    _, where = split(query.where)
    among = sources.alive
    if where is not None:
        among = np.zeros(len(among), dtype=bool)
        among[evaluate(Query(where=where), sources).rows] = True
    found = sources.alike(like, among=among if where is not None else None, limit=NEAREST)[0]
    begun = time.perf_counter()
    best = sources.alike_exactly(like, among=among, limit=NEAREST)
    seconds = time.perf_counter() - begun
    hits = len(np.intersect1d(found, best))
    return (
        f"recall of this query at {NEAREST}: {hits} of {len(best)}, against comparing all "
        f"{np.count_nonzero(among):,} in {1e3 * seconds:.0f} ms"
    )


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One of `SHOWN` as plain values, what is unknown left out, with its time in words."""
    kept = {
        name: value
        for name, value in row.items()
        if value is not None and not (isinstance(value, float) and math.isnan(value))
    }
    return kept | {"time": to_iso(kept["time_ns"])}
