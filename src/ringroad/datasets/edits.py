"""Edits of a version: rows to put and frames to remove, checked against what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.changes import Changes, differing, removals, without
from ringroad.datasets.locks import check_lock
from ringroad.datasets.manifest import Version
from ringroad.datasets.stack import REMOVED, Stack
from ringroad.datasets.version import check_rows, check_units
from ringroad.domain.dataset import DatasetHeader
from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.media.schemas import MANIFEST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edited:
    """A version as it will be, and the one layer that leads to it."""

    version: Version
    """Its layers are still those that the edits go onto."""
    changes: Changes

    @property
    def put(self) -> int:
        """Frames that are new or have a new row."""
        return int(self.changes.after.num_rows)

    @property
    def removed(self) -> int:
        """Frames that are in it no more."""
        return len(self.changes) - self.put


def edits_of(rows: pa.Table | None = None, removed: Sequence[FrameId] = ()) -> pa.Table:
    """Edits as one layer.

    Args:
        rows: of `schemas.MANIFEST`; a frame that is there already takes the new row.
        removed: frames to take out.

    Raises:
        InputError: a frame stands twice, a split is unknown, a weight is no number.
    """
    put = MANIFEST.empty_table() if rows is None else rows.select(MANIFEST.names).cast(MANIFEST)
    check_rows(put)
    named = Counter([*put["frame_id"].to_pylist(), *removed])
    if twice := [frame for frame, count in named.items() if count > 1]:
        raise InputError(
            f"{len(twice)} frames stand in the edits more than once",
            subject=twice[0],
            remedy="put each frame or remove it, once",
        )
    return removals(pa.array(removed, pa.string()), put)


def edited(version: Version, stack: Stack, edits: pa.Table, *, header: DatasetHeader) -> Edited:
    """The version after edits; those that change nothing fall out.

    Args:
        version: what is edited.
        stack: its rows.
        edits: rows of `stack.LAYER`.
        header: of the new version.

    Raises:
        InputError: a frame to remove is not there, or a unit would lie in two splits.
        SplitLocked: test rows would change, and they are locked.
    """
    flags = edits[REMOVED]
    put = edits.filter(pc.invert(flags)).select(MANIFEST.names)
    before = stack.find(edits["frame_id"].combine_chunks())
    _check_there(edits.filter(flags), before)
    found = differing(before, put)
    if version.header.locked:
        check_lock(found, name=version.header.name)
    check_torn(stack, found)
    return Edited(version=version.edited(header, gone=found.before, new=found.after), changes=found)


def check_torn(stack: Stack, found: Changes) -> None:
    """Every unit whole in one split. Raises InputError that names those which are not."""
    columns = ("frame_id", "unit", "split")
    there = stack.where("unit", pc.unique(found.after["unit"]), columns=columns)
    beside = without(there, found.frames)
    check_units(pa.concat_tables([beside, found.after.select(columns)]))


def _check_there(gone: pa.Table, before: pa.Table) -> None:
    missing = without(gone, before["frame_id"])
    if missing.num_rows:
        raise InputError(
            f"{missing.num_rows} frames to remove are not in this version",
            subject=missing["frame_id"][0].as_py(),
            remedy="see its frames: ringroad datasets show NAME",
        )
