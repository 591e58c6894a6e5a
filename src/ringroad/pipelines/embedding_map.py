"""The embedding map: frames that hold a query on a plane, coloured by a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.language.evaluate import evaluate
from ringroad.curate.language.parser import parse
from ringroad.curate.plane import FITTED, directions, evenly, places_on
from ringroad.domain.errors import UnknownName
from ringroad.pipelines.frame_index import fresh_index
from ringroad.pipelines.search_rows import refuse_files
from ringroad.pipelines.search_sources import IndexSources
from ringroad.pipelines.workspace import Workspace

COLOURS = ("condition", "weather", "road", "quality", "channel", "vehicle", "recording_id")
"""Columns of names that points may be coloured by."""
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EmbeddingMap:
    """Points on a plane.

    Attributes:
        space: whose embeddings.
        matched: frames that hold the query.
        embedded: those of them that have a vector.
        shares: of the variance, that each axis holds.
        places: (n, 2) float32.
        codes: (n,) int64 places in `names`.
        names: of the column that colours.
        frames: (n,) ids.
    """

    space: str
    matched: int
    embedded: int
    shares: tuple[float, float]
    places: np.ndarray
    codes: np.ndarray
    names: tuple[str, ...]
    frames: list[str]


def embedding_map(
    workspace: Workspace, text: str, *, colour: str, space: str, most: int
) -> EmbeddingMap:
    """Lay out the frames for which a query holds.

    The axes are those of all frames of the space, so that a narrower query shows the same places.

    Raises:
        UsageError: the query cannot be understood.
        UnknownName: no such column or embeddings, or nothing is embedded.
    """
    if colour not in COLOURS:
        raise UnknownName("colours no map", subject=colour, remedy=f"known: {', '.join(COLOURS)}")
    sources = IndexSources(workspace, fresh_index(workspace))
    query = parse(text, sources.vocabulary)
    refuse_files(query, sources)
    held = sources.space(space)
    answer = evaluate(query, sources, vocabulary=sources.vocabulary, by_frame=False)
    has = sources.view.embedded(held.name)
    rows = np.sort(answer.rows[has[answer.rows]])
    everything = np.flatnonzero(has & sources.alive)
    fitted = everything[evenly(len(everything), FITTED)] if len(everything) else everything
    shown = rows[evenly(len(rows), most)] if len(rows) else rows
    places, shares = np.zeros((0, 2), np.float32), (0.0, 0.0)
    if len(shown):
        middle, towards, found = directions(sources.view.vectors(held.name, fitted))
        shares = (float(found[0]), float(found[1]))
        places = places_on(
            len(shown),
            lambda some: sources.view.vectors(held.name, shown[some]),
            middle,
            towards,
        )
    codes, names = _coded(sources.rows[colour].take(pa.array(shown)))
    return EmbeddingMap(
        space=held.name,
        matched=answer.matched,
        embedded=len(rows),
        shares=shares,
        places=places,
        codes=codes,
        names=names,
        frames=sources.rows["frame_id"].take(pa.array(shown)).to_pylist(),
    )


def _coded(column: pa.ChunkedArray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes by falling count, what is null last."""
    texts = column.cast(pa.string())
    counted = texts.drop_null().value_counts().to_pylist()
    names = [
        row["values"] for row in sorted(counted, key=lambda row: (-row["counts"], row["values"]))
    ]
    codes = pc.index_in(texts, value_set=pa.array(names, pa.string()))
    known = np.asarray(pc.fill_null(codes, len(names)).to_numpy(), np.int64)
    return known, (*names, UNKNOWN) if texts.null_count else tuple(names)
