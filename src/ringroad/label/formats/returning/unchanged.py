"""Frames of which everything came back as it left, found by whole columns and not row by row.

Most of what comes back from a tool is as it was. A frame is named here only where every comparison
is plain: the same ids, and in all that the format holds the same values. What was rounded, renamed
or redrawn is left to `rejoin`, which decides row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.label.formats.outgoing.outgoing import Holds
from ringroad.label.rows import EMPTY

UNMOVED_PX = 0.01
"""Coordinates nearer than this are the same: tools write two decimals."""
_TEXT = ("frame_id", "category", "shape", "mask")
SAID = ("track_id", "attributes", "light_state", "key", "guideline")
"""What is said of an annotation besides where it is; a format may hold some of it."""

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unchanged:
    """What came back as it left.

    Attributes:
        frames: of which nothing changed.
        kept: annotations of theirs that could not travel.
    """

    frames: pa.Array
    kept: int


def unchanged(came: pa.Table, before: pa.Table, holds: Holds) -> Unchanged:
    """Frames of which nothing changed in anything that the format holds.

    Args:
        came: `schemas.ANNOTATIONS`, of a file.
        before: the current rows of the same frames, perhaps of fewer.
        holds: what the format of the file can say.
    """
    marks = came.filter(pc.not_equal(came["category"], EMPTY))
    old = before.filter(pc.not_equal(before["category"], EMPTY))
    travels = _travels(old, holds)
    same = _same(marks, old, travels, holds)
    frames = pc.unique(came["frame_id"])
    of_mark, of_old = (_codes(rows["frame_id"], frames) for rows in (marks, old))
    ours = of_old >= 0
    size = len(frames)
    drawn = np.bincount(of_mark, minlength=size)
    left = np.bincount(of_old[ours & travels], minlength=size)
    stayed = np.bincount(of_old[ours & ~travels], minlength=size)
    ids = _codes(old["annotation_id"], pc.unique(old["annotation_id"]))
    twice = np.bincount(of_old[ours & (np.bincount(ids)[ids] > 1)], minlength=size) > 0
    known = _flags(pc.is_in(frames, value_set=_whole(before["frame_id"])))
    whole = known & ~twice & (drawn == np.bincount(of_mark[same], minlength=size)) & (drawn == left)
    return Unchanged(frames=frames.filter(pa.array(whole)), kept=int(stayed[whole].sum()))


def _same(marks: pa.Table, old: pa.Table, travels: Flags, holds: Holds) -> Flags:
    """Which rows are, but for what the format cannot hold, the one of their id that left."""
    if not (marks.num_rows and old.num_rows):
        return np.zeros(marks.num_rows, bool)
    place = _codes(marks["annotation_id"], _whole(old["annotation_id"]))
    found = place >= 0
    once = np.bincount(place[found], minlength=old.num_rows) == 1
    mates = np.maximum(place, 0)
    mate = old.take(pa.array(mates))
    same: Flags = found & once[mates] & travels[mates]
    for name in (*_TEXT, *(name for name in SAID if name in holds.fields)):
        same &= _flags(pc.equal(marks[name], mate[name]))
    for name in "xywh":
        apart = [rows[name].to_numpy().astype(np.float64) for rows in (marks, mate)]
        same &= np.abs(apart[0] - apart[1]) <= UNMOVED_PX
    for name in ("points", *({"parts"} & holds.fields)):
        same &= _same_lists(_whole(marks[name]), _whole(mate[name]))
    return same


def _travels(rows: pa.Table, holds: Holds) -> Flags:
    """Which rows an export in the format would hold."""
    shapes = _flags(pc.is_in(rows["shape"], value_set=pa.array(list(holds.shapes), pa.string())))
    if not holds.spaces:
        return shapes
    spaces = pa.array(["", *holds.spaces], pa.string())
    return shapes & _flags(pc.is_in(rows["space"], value_set=spaces))


def _same_lists(a: pa.Array, b: pa.Array) -> Flags:
    """Which lists of numbers are equal, item by item."""
    lengths, others = (pc.list_value_length(one).to_numpy() for one in (a, b))
    same: Flags = lengths == others
    some = np.flatnonzero(same & (lengths > 0))
    if len(some):
        items = [pc.list_flatten(one.take(pa.array(some))).to_numpy() for one in (a, b)]
        starts = np.concatenate([[0], np.cumsum(lengths[some])[:-1]])
        same[some] = np.logical_and.reduceat(items[0] == items[1], starts)
    return same


def _codes(values: Any, among: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where each value stands; -1 for those that do not."""
    places = pc.fill_null(pc.index_in(values, value_set=among), -1)
    return np.asarray(places.to_numpy(), np.int64)


def _flags(values: Any) -> Flags:
    return np.asarray(values, bool)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found if isinstance(found, pa.Array) else pa.concat_arrays(found.chunks)
