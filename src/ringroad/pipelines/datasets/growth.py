"""Rows for the labelled frames of a selection, to put into a dataset by its declared unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.manifest import version_of
from ringroad.datasets.split import by_block, by_recording, declared_block
from ringroad.datasets.stack import Shelf, stack_of
from ringroad.domain.artifact import Artifact
from ringroad.domain.dataset import TRAIN
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.media.schemas import MANIFEST
from ringroad.pipelines.datasets.edits import Written, append_rows
from ringroad.pipelines.datasets.names import current
from ringroad.pipelines.datasets.versions import batches_of
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.taken import seen_of, taken_with
from ringroad.pipelines.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What appending a selection came to."""

    written: Written
    unlabelled: int
    """Frames left out because they have no labels."""
    between: int
    """Frames left out because they lie between two blocks."""


def append_frames(
    workspace: Workspace,
    name: str,
    frames: Sequence[FrameId],
    *,
    labels: Sequence[Artifact] = (),
    split: str = TRAIN,
    query: str = "",
    expected: ArtifactId | None = None,
    dry_run: bool = False,
) -> Appended:
    """Put labelled frames into a dataset; a frame that is there keeps its split and weight.

    A new frame of a unit that is there takes that unit's split, and one of a new unit the split
    that is asked for.

    Args:
        workspace: where they are.
        name: of the dataset.
        frames: to put.
        labels: batches of annotations; the current ones of each frame where none are given.
        split: of new units.
        query: how the frames were found.
        expected: the version that the caller saw; the current one where None.
        dry_run: plan and check, write nothing.

    Raises:
        InputError: not one of the frames is labelled.
        UnknownName, VersionMoved, SplitLocked: as `append_rows`.
    """
    _, before = current(workspace, name, expected=expected)
    batch_of = batches_of(workspace, name, frames, labels)
    taken = taken_with(workspace, batch_of)
    known = pa.concat_tables(
        [table_of(workspace, item.frames) for item in seen_of(workspace, taken)]
    )
    version = version_of(workspace.blobs, before)
    units = _units(known, version.header.unit, sorted(batch_of))
    shelf = Shelf(workspace.blobs)
    stack = stack_of(version, shelf)
    placed = _placed(
        units,
        there=stack.find(units["frame_id"].combine_chunks()),
        beside=stack.where("unit", pc.unique(units["unit"]), columns=("unit", "split")),
        split=split,
        batch_of={frame: at.partition(":")[2] for frame, at in batch_of.items()},
    )
    written = append_rows(
        workspace,
        name,
        placed,
        expected=before.id,
        query=query,
        sources=[workspace.catalog.artifact(at) for at in sorted(set(batch_of.values()))],
        synthetic=any(item.recording.synthetic for item in taken),
        dry_run=dry_run,
        shelf=shelf,
    )
    return Appended(
        written=written,
        unlabelled=len(set(frames)) - len(batch_of),
        between=len(batch_of) - placed.num_rows,
    )


def _units(known: pa.Table, unit: str, frames: Sequence[str]) -> pa.Table:
    """Frame, recording, unit and condition of the frames wanted; those between blocks fall out."""
    block = declared_block(unit)
    if block is None:
        rows = by_recording(known, fractions={TRAIN: 1.0}, seed=0)
    else:
        rows = by_block(known, block=block[0], gap=block[1], fractions={TRAIN: 1.0}, seed=0)
    return rows.filter(pc.is_in(rows["frame_id"], value_set=pa.array(frames, pa.string())))


def _placed(
    units: pa.Table, *, there: pa.Table, beside: pa.Table, split: str, batch_of: dict[str, str]
) -> pa.Table:
    """Rows of `schemas.MANIFEST`: what is there with new labels, what is new with its split."""
    columns = ("frame_id", "recording_id", "unit", "split", "condition", "weight")
    old = {row["frame_id"]: row for row in there.select(columns).to_pylist()}
    sides = dict(zip(beside["unit"].to_pylist(), beside["split"].to_pylist(), strict=True))
    rows = []
    for row in units.to_pylist():
        new = {**row, "split": sides.get(row["unit"], split), "weight": 1.0}
        kept = old.get(row["frame_id"], new)
        rows.append({**kept, "annotations": batch_of[row["frame_id"]]})
    return pa.Table.from_pylist(rows, schema=MANIFEST)
