"""Which rows differ between two versions; costs what lies above the layers that they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.stack import LAYER, REMOVED, Stack
from ringroad.media.schemas import MANIFEST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """Rows of `schemas.MANIFEST` by frame id: of every frame that differs, before and after.

    A frame that was added stands in `after` alone, one that was removed in `before` alone.
    """

    before: pa.Table
    after: pa.Table

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def frames(self) -> pa.Array:
        """Every frame that differs, ascending."""
        both = pa.concat_tables([part.select(["frame_id"]) for part in (self.before, self.after)])
        names = pc.unique(both["frame_id"])
        return names.take(pc.sort_indices(names))

    @property
    def layer(self) -> pa.Table:
        """The edits that lead from one to the other, as rows of `stack.LAYER`."""
        gone = without(self.before, self.after["frame_id"])
        return removals(gone["frame_id"], self.after)

    def at(self, frames: pa.Array, *, inside: bool) -> Changes:
        """Those of some frames, or of all others."""
        pick = within if inside else without
        return Changes(before=pick(self.before, frames), after=pick(self.after, frames))


def changes(before: Stack, after: Stack) -> Changes:
    """What differs from one version to another."""
    shared = before.shared(after)
    parts = [part.above(shared).select(["frame_id"]) for part in (before, after)]
    touched = pc.unique(pa.concat_tables(parts)["frame_id"])
    return differing(before.find(touched), after.find(touched))


def differing(before: pa.Table, after: pa.Table) -> Changes:
    """Two sets of rows by frame id, without those that are equal in both."""
    old, new = within(before, after["frame_id"]), within(after, before["frame_id"])
    same = np.ones(old.num_rows, bool)
    for name in MANIFEST.names[1:]:
        same &= pc.equal(old[name], new[name]).to_numpy()
    equal = old["frame_id"].filter(pa.array(same))
    return Changes(before=without(before, equal), after=without(after, equal))


def removals(frames: pa.ChunkedArray | pa.Array, rows: pa.Table) -> pa.Table:
    """One layer: rows to put, frames to remove."""
    put = rows.append_column(LAYER.field(REMOVED), pa.array(np.zeros(rows.num_rows, bool)))
    names = frames.to_pylist()
    empty = {field.name: pa.array([""] * len(names), field.type) for field in MANIFEST
             if pa.types.is_string(field.type)}  # fmt: skip
    cells = empty | {
        "frame_id": pa.array(names, pa.string()),
        "weight": pa.array(np.zeros(len(names), np.float32)),
        REMOVED: pa.array(np.ones(len(names), bool)),
    }
    gone = pa.table({name: cells[name] for name in LAYER.names}, schema=LAYER)
    return pa.concat_tables([put.cast(LAYER), gone]).sort_by("frame_id").combine_chunks()


def within(rows: pa.Table, frames: pa.ChunkedArray | pa.Array) -> pa.Table:
    """Rows of some frames."""
    return rows.filter(_named(rows, frames))


def without(rows: pa.Table, frames: pa.ChunkedArray | pa.Array) -> pa.Table:
    """Rows of all other frames."""
    return rows.filter(pc.invert(_named(rows, frames)))


def _named(rows: pa.Table, frames: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray:
    values = frames.combine_chunks() if isinstance(frames, pa.ChunkedArray) else frames
    return pc.is_in(rows["frame_id"], value_set=values)
