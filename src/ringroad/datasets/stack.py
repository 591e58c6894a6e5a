"""The rows of a version out of its layers: what lies higher counts. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.compaction import absorbed
from ringroad.datasets.manifest import Layer, Version
from ringroad.domain.ids import Digest
from ringroad.media import arrow
from ringroad.media.schemas import MANIFEST
from ringroad.protocols.blobs import Blobs

REMOVED = "removed"
LAYER = MANIFEST.append(pa.field(REMOVED, pa.bool_(), nullable=False))
"""One row per edited frame, by frame id: its new row, or that it is removed (other cells empty)."""


class Shelf:
    """Layers by digest, each read and verified once."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._tables: dict[str, pa.Table] = {}

    def __call__(self, digest: Digest) -> pa.Table:
        """Rows of `LAYER`; a layer that was written without removals gets the column."""
        if digest not in self._tables:
            self._tables[digest] = layer_of(arrow.from_bytes(self._blobs.get(digest)))
        return self._tables[digest]


class Stack:
    """Layers of rows, the base first. Fetches a layer when it is first asked for."""

    def __init__(self, layers: Sequence[Layer], fetch: Callable[[Digest], pa.Table]) -> None:
        self.layers = tuple(layers)
        self._fetch = fetch
        self._own: tuple[pa.Table, ...] = ()

    def over(self, edits: pa.Table) -> Stack:
        """The same rows with edits on top, which stay in memory."""
        made = Stack(self.layers, self._fetch)
        made._own = (*self._own, edits)
        return made

    def shared(self, other: Stack) -> int:
        """How many layers, from the base, are the same."""
        same = [a == b for a, b in zip(self.layers, other.layers, strict=False)]
        return same.index(False) if False in same else len(same)

    def rows(self) -> pa.Table:
        """All rows of `schemas.MANIFEST`, by frame id."""
        base = self._table(0) if len(self) else LAYER.empty_table()
        if len(self) < 2:
            return _present(base)
        both = pa.concat_tables([base, self.above(1)]).combine_chunks()
        kept = np.ones(both.num_rows, bool)
        above = both.slice(base.num_rows)["frame_id"].combine_chunks()
        kept[: base.num_rows] = ~_among(base["frame_id"], above)
        places = pa.array(np.flatnonzero(kept & ~_flags(both)))
        order = pc.sort_indices(both["frame_id"].take(places))
        return both.select(MANIFEST.names).take(places.take(order)).combine_chunks()

    def find(self, frames: pa.Array) -> pa.Table:
        """Rows of those frames that it holds, by frame id."""
        found, wanted = [], frames
        for place in reversed(range(len(self))):
            if not len(wanted):
                break
            table = self._table(place)
            hit = table.filter(pa.array(_among(table["frame_id"], wanted)))
            if hit.num_rows:
                found.append(hit)
                seen = _among(wanted, hit["frame_id"].combine_chunks())
                wanted = wanted.filter(pa.array(~seen))
        return _present(_sorted(pa.concat_tables([LAYER.empty_table(), *found])))

    def where(self, column: str, values: pa.Array, *, columns: Sequence[str]) -> pa.Table:
        """Some columns of the rows that have one of the values in a column, in no order."""
        wanted = list(dict.fromkeys(["frame_id", *columns]))
        found: list[pa.Table] = []
        for place in range(len(self)):
            table = self._table(place)
            above = table["frame_id"].combine_chunks()
            found = [part.filter(pa.array(~_among(part["frame_id"], above))) for part in found]
            mask = _among(table[column], values) & ~_flags(table)
            found.append(table.select(wanted).filter(pa.array(mask)))
        return pa.concat_tables([LAYER.empty_table().select(wanted), *found]).select(columns)

    def above(self, start: int) -> pa.Table:
        """The layers from a place on as one: rows of `LAYER`, removals with them."""
        if start >= len(self):
            return LAYER.empty_table()
        found = self._table(len(self) - 1)
        for place in reversed(range(start, len(self) - 1)):
            below = self._table(place)
            hidden = _among(below["frame_id"], found["frame_id"].combine_chunks())
            found = pa.concat_tables([found, below.filter(pa.array(~hidden))])
        return _sorted(found)

    def grown(self, layer: pa.Table) -> tuple[tuple[Layer, ...], pa.Table]:
        """The layers to keep below a new one, and what to write on top of them.

        That is the new layer, or it and those that it takes in; see `compaction.absorbed`.
        """
        taken = absorbed([part.rows for part in self.layers], layer.num_rows)
        kept = self.layers[: len(self.layers) - taken]
        if not taken:
            return kept, layer
        merged = Stack(self.layers[len(kept) :], self._fetch).over(layer)
        return kept, merged.above(0) if kept else merged.rows()

    def __len__(self) -> int:
        return len(self.layers) + len(self._own)

    def _table(self, place: int) -> pa.Table:
        kept = len(self.layers)
        return self._fetch(self.layers[place].digest) if place < kept else self._own[place - kept]


def stack_of(version: Version, fetch: Callable[[Digest], pa.Table]) -> Stack:
    """The rows of a version."""
    return Stack(version.layers, fetch)


def layer_of(rows: pa.Table) -> pa.Table:
    """Rows of `schemas.MANIFEST` or of `LAYER` as a layer, by frame id."""
    if REMOVED not in rows.column_names:
        flags = pa.array(np.zeros(rows.num_rows, bool))
        rows = rows.select(MANIFEST.names).append_column(LAYER.field(REMOVED), flags)
    return rows.select(LAYER.names).cast(LAYER).replace_schema_metadata(None)


def _sorted(rows: pa.Table) -> pa.Table:
    return rows.sort_by("frame_id").combine_chunks()


def _present(layer: pa.Table) -> pa.Table:
    rows = layer if not _flags(layer).any() else layer.filter(pa.array(~_flags(layer)))
    return rows.select(MANIFEST.names)


def _flags(layer: pa.Table) -> np.ndarray:
    flags: np.ndarray = layer[REMOVED].to_numpy()
    return flags


def _among(column: pa.ChunkedArray | pa.Array, values: pa.Array) -> np.ndarray:
    if not len(values):
        return np.zeros(len(column), bool)
    found: np.ndarray = pc.is_in(column, value_set=values).to_numpy(zero_copy_only=False)
    return found
