"""The embedding map: frames that hold a query on a plane, coloured by a column."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.language.evaluate import evaluate
from ringroad.curate.language.parser import parse
from ringroad.curate.plane import FITTED, directions, evenly, places_on
from ringroad.domain.errors import UnknownName
from ringroad.pipelines.curate.frame_index import fresh_index
from ringroad.pipelines.curate.search_rows import refuse_files
from ringroad.pipelines.curate.search_sources import IndexSources
from ringroad.pipelines.workspace import Workspace

COLOURS = ("condition", "weather", "road", "quality", "channel", "vehicle", "recording_id")
"""Columns of names that points may be coloured by."""
UNKNOWN = "unknown"


Keep = Callable[[str, Callable[[], pa.Table]], pa.Table]
"""What holds a table by its name, or lets it be made."""


def made_now(name: str, make: Callable[[], pa.Table]) -> pa.Table:
    """Nothing is held."""
    del name
    return make()


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
    workspace: Workspace, text: str, *, colour: str, space: str, most: int, keep: Keep = made_now
) -> EmbeddingMap:
    """Lay out the frames for which a query holds.

    The axes are those of all frames of the space, so that a narrower query shows the same places.
    `keep` holds them by a name that changes with the index, for whoever asks often.

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
    shown = rows[evenly(len(rows), most)] if len(rows) else rows
    places, shares = np.zeros((0, 2), np.float32), (0.0, 0.0)
    if len(shown):
        version = (held.name, sources.view.size, sorted(sources.view.reached.items()))
        axes = keep(f"axes {version}", lambda: _axes(sources, held.name))
        first, second = json.loads(axes.schema.metadata[b"shares"])
        shares = (first, second)
        places = places_on(
            len(shown),
            lambda some: sources.view.vectors(held.name, shown[some]),
            axes["middle"].to_numpy(),
            np.stack([axes["x"].to_numpy(), axes["y"].to_numpy()], axis=1),
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


def _axes(sources: IndexSources, space: str) -> pa.Table:
    """Middle and two directions of all frames that are embedded."""
    everything = np.flatnonzero(sources.view.embedded(space) & sources.alive)
    fitted = everything[evenly(len(everything), FITTED)]
    middle, towards, shares = directions(sources.view.vectors(space, fitted))
    table = pa.table({"middle": middle, "x": towards[:, 0].copy(), "y": towards[:, 1].copy()})
    return table.replace_schema_metadata({"shares": json.dumps(shares.tolist())})


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
