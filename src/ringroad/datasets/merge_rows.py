"""Three-way merge of rows, cell by cell. What both sides changed differently is a conflict.

* A cell that one side changed takes its new value; equal changes on both sides are one change.
* Different new values of one cell, an edit against a removal, and two different rows for a frame
  that is new on both sides are conflicts of their frame.
* A frame on which the common ancestors themselves disagree has no base: any difference between
  the sides is a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.changes import Changes, changes, differing, within
from ringroad.datasets.edits import edits_of
from ringroad.datasets.stack import Stack
from ringroad.domain.ids import FrameId
from ringroad.media.schemas import MANIFEST

EDIT, REMOVAL, ADDITION, CROSSED = "edit/edit", "edit/removal", "add/add", "crossed"
CELLS = tuple(MANIFEST.names[1:])
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowConflict:
    """One frame that both sides changed, and not alike."""

    frame: FrameId
    kind: str
    """`edit/edit`, `edit/removal`, `add/add` or `crossed`: the ancestors disagree already."""
    cells: tuple[str, ...]
    """Cells with two different values; all of them where a side has no row."""
    base: Row | None
    ours: Row | None
    theirs: Row | None
    merged: Row | None
    """Without the cells in conflict, which are those of ours; None where a side has no row."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MergedRows:
    """What theirs brings to ours: edits without the frames in conflict, and those."""

    put: pa.Table
    """Rows of `schemas.MANIFEST`."""
    removed: tuple[FrameId, ...]
    conflicts: tuple[RowConflict, ...]
    """By frame."""
    labelled: tuple[bool, bool] = (False, False)
    """Whether ours, and theirs, brought frames or annotations since they parted."""

    def edits(self, resolved: Mapping[FrameId, Row | None]) -> pa.Table:
        """All edits as one layer: frame -> its row, or None where it goes, for the conflicts."""
        ours = {conflict.frame: conflict.ours for conflict in self.conflicts}
        news = {frame: row for frame, row in resolved.items() if row != ours[frame]}
        rows = [row for row in news.values() if row is not None]
        gone = [frame for frame, row in news.items() if row is None]
        put = pa.concat_tables([self.put, pa.Table.from_pylist(rows, schema=MANIFEST)])
        return edits_of(put, [*self.removed, *gone])


def merge_rows(
    base: Stack, ours: Stack, theirs: Stack, *, undecided: Sequence[FrameId] = ()
) -> MergedRows:
    """Merge theirs into ours.

    Args:
        base: rows of the common ancestor.
        ours: rows to merge into.
        theirs: rows to merge.
        undecided: frames that have no base.
    """
    open_ = pa.array(undecided, pa.string())
    mine = changes(base, ours).at(open_, inside=False)
    other = changes(base, theirs).at(open_, inside=False)
    both = other.frames.filter(pc.is_in(other.frames, value_set=mine.frames))
    alone = other.at(both, inside=False)
    gone = alone.layer.filter(alone.layer["removed"])["frame_id"].to_pylist()
    rows: list[Row] = []
    found = [
        *_overlap(mine.at(both, inside=True), other.at(both, inside=True), rows),
        *_crossed(differing(ours.find(open_), theirs.find(open_))),
    ]
    put = pa.concat_tables([alone.after, pa.Table.from_pylist(rows, schema=MANIFEST)])
    return MergedRows(
        put=put,
        removed=tuple(gone),
        conflicts=tuple(sorted(found, key=lambda conflict: conflict.frame)),
        labelled=(_labelled(mine), _labelled(other)),
    )


def _overlap(mine: Changes, other: Changes, rows: list[Row]) -> list[RowConflict]:
    """Frames that both changed: conflicts, and into `rows` the new rows where there is none."""
    before = by_frame(mine.before)
    left, right = by_frame(mine.after), by_frame(other.after)
    found = []
    for frame in mine.frames.to_pylist():
        base, ours, theirs = before.get(frame), left.get(frame), right.get(frame)
        if ours == theirs:
            continue
        conflict = _merged(frame, base, ours, theirs)
        if conflict.cells:
            found.append(conflict)
        elif conflict.merged != ours and conflict.merged is not None:
            rows.append(conflict.merged)
    return found


def _merged(frame: FrameId, base: Row | None, ours: Row | None, theirs: Row | None) -> RowConflict:
    """One frame, cell by cell; no conflict where `cells` is empty."""
    if ours is None or theirs is None or base is None:
        kind = ADDITION if base is None else REMOVAL
        cells = tuple(name for name in CELLS if ours is None or theirs is None
                      or ours[name] != theirs[name])  # fmt: skip
        return RowConflict(
            frame=frame, kind=kind, cells=cells, base=base, ours=ours, theirs=theirs, merged=ours
        )
    cells = tuple(
        name
        for name in CELLS
        if ours[name] != theirs[name] and base[name] not in {ours[name], theirs[name]}
    )
    merged = {
        name: theirs[name] if ours[name] == base[name] else ours[name] for name in MANIFEST.names
    }
    return RowConflict(
        frame=frame, kind=EDIT, cells=cells, base=base, ours=ours, theirs=theirs, merged=merged
    )


def _crossed(found: Changes) -> list[RowConflict]:
    """Frames without a base: every difference."""
    left, right = by_frame(found.before), by_frame(found.after)
    made = []
    for frame in found.frames.to_pylist():
        ours, theirs = left.get(frame), right.get(frame)
        cells = tuple(n for n in CELLS if ours is None or theirs is None or ours[n] != theirs[n])
        made.append(
            RowConflict(
                frame=frame,
                kind=CROSSED,
                cells=cells,
                base=None,
                ours=ours,
                theirs=theirs,
                merged=ours,
            )
        )
    return made


def _labelled(found: Changes) -> bool:
    """Whether any frame is new or has other annotations."""
    old = within(found.before, found.after["frame_id"])
    new = within(found.after, found.before["frame_id"])
    told = pc.any(pc.not_equal(old["annotations"], new["annotations"])).as_py()
    return bool(told) or new.num_rows < found.after.num_rows


def by_frame(rows: pa.Table) -> dict[FrameId, Row]:
    """Frame -> its row."""
    return {row["frame_id"]: row for row in rows.to_pylist()}
