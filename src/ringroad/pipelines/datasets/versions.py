"""Dataset versions by hand: made from a selection and its labels, written out as a folder."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc

from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.pipelines.datasets.names import begin, named
from ringroad.pipelines.datasets.rows import make_version
from ringroad.pipelines.datasets.writing import VERSION
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.taken import seen_of, taken_with
from ringroad.pipelines.workspace import Workspace


def create_version(
    workspace: Workspace,
    name: str,
    frames: Sequence[FrameId],
    *,
    labels: Sequence[Artifact],
    categories: Sequence[str],
    unit: str,
    block: int,
    gap: int,
    test_fraction: float,
    query: str,
    seed: int,
    val_fraction: float = 0.0,
) -> tuple[Artifact, int]:
    """Make a first version of those frames that are labelled, and point `dataset:NAME` at it.

    Args:
        workspace: where to.
        name: of the dataset.
        frames: what it is made of.
        labels: batches of annotations; the current ones of each frame where none are given.
        categories: what annotators looked for; those that occur where none are given.
        unit: `recording` or `block`.
        block: frames in a block.
        gap: frames dropped after each.
        test_fraction: share of the units that are kept for the test, 0 for none.
        query: how the frames were found.
        seed: of the draw.
        val_fraction: share of the units that judge while training goes on, 0 for none.

    Returns:
        The version, and how many of the frames have no labels.

    Raises:
        InputError: not one of the frames is labelled.
        UsageError: the name is taken by another version.
    """
    named(name)
    batch_of = batches_of(workspace, name, frames, labels)
    used = [workspace.catalog.artifact(at) for at in sorted(set(batch_of.values()))]
    taken = taken_with(workspace, batch_of)
    made = workspace.runner.run(
        make_version,
        seed=seed,
        frames=[item.frames for item in seen_of(workspace, taken)],
        labels=used,
        batch_of={frame: at.partition(":")[2] for frame, at in batch_of.items()},
        name=name,
        categories=list(categories) or _occurring(workspace, used, batch_of),
        unit=unit,
        block=block,
        gap=gap,
        test_fraction=test_fraction,
        query=query,
        synthetic=any(item.recording.synthetic for item in taken),
        val_fraction=val_fraction,
    )[VERSION]
    begin(workspace, name, made, reason=query)
    return made, len(set(frames)) - len(batch_of)


def batches_of(
    workspace: Workspace, name: str, frames: Sequence[FrameId], labels: Sequence[Artifact]
) -> dict[FrameId, ArtifactId]:
    """Frame -> its batch; of several named ones the last that holds it.

    Raises InputError about the dataset that is asked for where not one of the frames is labelled.
    """
    found: dict[FrameId, ArtifactId] = {}
    if not labels:
        heads = workspace.catalog.heads(frames)
        found = {frame: heads[frame].batch for frame in frames if frame in heads}
    for batch in labels:
        held = set(pc.unique(table_of(workspace, batch)["frame_id"]).to_pylist())
        found |= dict.fromkeys((frame for frame in frames if frame in held), batch.id)
    if not found:
        raise InputError(
            f"none of {len(frames)} frames is labelled",
            subject=name,
            remedy="import labels: ringroad labels import FILE; or name batches with --labels",
        )
    return found


def _occurring(
    workspace: Workspace, batches: Sequence[Artifact], batch_of: dict[FrameId, ArtifactId]
) -> list[str]:
    """Categories on the frames, by name. Raises InputError where there is no box at all."""
    found: set[str] = set()
    for batch in batches:
        rows = table_of(workspace, batch).select(["frame_id", "category"]).to_pylist()
        found |= {row["category"] for row in rows if batch_of.get(row["frame_id"]) == batch.id}
    found.discard("")
    if not found:
        raise InputError(
            "no frame holds a box, so nobody knows what was looked for",
            remedy="name the categories with --categories car,pedestrian",
        )
    return sorted(found)
