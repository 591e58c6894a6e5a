"""`ringroad datasets`: verbs that make a version out of frames, labels, or an earlier version."""

from __future__ import annotations

from typing import Any

import click

from ringroad.cli.datasets.telling import counted, told, told_written, written_values
from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.datasets.reading import rows_of
from ringroad.domain.dataset import SPLITS
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.pipelines.curate.scope import frames_in, scope_of
from ringroad.pipelines.datasets.edits import remove_frames, set_lock
from ringroad.pipelines.datasets.edits import revert as revert_dataset
from ringroad.pipelines.datasets.growth import append_frames
from ringroad.pipelines.datasets.versions import create_version
from ringroad.pipelines.finding import LABEL_KINDS, dataset_of, find_named, labels_of
from ringroad.pipelines.workspace import Workspace

PARENT = click.option("--parent", default="", help="The version you saw; the current one else.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Check and count, write nothing.")
LABELS = click.option(
    "--labels", multiple=True, help="Batches of annotations, or a dataset's; the current ones else."
)


@command()
@click.argument("name")
@click.option("--from", "source", required=True, help="A selection, a recording, or all.")
@LABELS
@click.option("--categories", default="", help="What was looked for, with commas between.")
@click.option("--test-fraction", type=click.FloatRange(0, 0.9), default=0.2, show_default=True)
@click.option("--val-fraction", type=click.FloatRange(0, 0.9), default=0.0, show_default=True)
@click.option("--unit", type=click.Choice(["recording", "block"]), default="recording")
@click.option("--block", type=click.IntRange(1), default=20, show_default=True, help="Frames.")
@click.option("--gap", type=click.IntRange(0), default=5, show_default=True, help="Frames.")
def create(
    door: Door,
    name: str,
    source: str,
    labels: tuple[str, ...],
    categories: str,
    test_fraction: float,
    val_fraction: float,
    unit: str,
    block: int,
    gap: int,
) -> None:
    """Make a first version NAME of labelled frames. Whole units are kept for the test.

    With few recordings say --unit block: blocks of consecutive frames stand in for them.
    --val-fraction keeps units for validation, by which studies judge their trials.
    """
    if test_fraction + val_fraction >= 1:
        raise click.UsageError("--test-fraction and --val-fraction leave nothing to train on")
    with opened(door) as workspace:
        frames = _frames(workspace, source)
        made, unlabelled = create_version(
            workspace,
            name,
            frames,
            labels=_batches(workspace, labels),
            categories=[part.strip() for part in categories.split(",") if part.strip()],
            unit=unit,
            block=block,
            gap=gap,
            test_fraction=test_fraction,
            query=source,
            seed=door.seed,
            val_fraction=val_fraction,
        )
        found = told(workspace, made)
    rows = sum(sum(parts.values()) for parts in found["splits"].values())
    between = len(frames) - unlabelled - rows
    door.give(
        {**found, "unlabelled": unlabelled, "dropped": between},
        f"dataset:{name.removeprefix('dataset:')} -> {made.id}\n  {counted(found['splits'])}"
        + _left_out(unlabelled, between),
    )


@command()
@click.argument("name")
@click.option("--from", "source", required=True, help="A selection, a recording, or all.")
@LABELS
@click.option("--split", type=click.Choice(SPLITS), default="train", show_default=True,
              help="Of units that are new.")  # fmt: skip
@PARENT
@DRY_RUN
def append(
    door: Door,
    name: str,
    source: str,
    labels: tuple[str, ...],
    split: str,
    parent: str,
    dry_run: bool,
) -> None:
    """Put labelled frames into the dataset NAME; those that are there take their new labels.

    Frames of a unit that is there take its split. With --parent nothing is written where the
    dataset has moved on: exit code 6, and the message names the version that won.
    """
    with opened(door) as workspace:
        done = append_frames(
            workspace,
            name,
            _frames(workspace, source),
            labels=_batches(workspace, labels),
            split=split,
            query=source,
            expected=seen_parent(workspace, parent),
            dry_run=dry_run,
        )
    written = done.written
    value = {"unlabelled": done.unlabelled, "dropped": done.between, "dry_run": dry_run}
    text = told_written(name, written, what="append", dry_run=dry_run)
    door.give({**written_values(written), **value}, text + _left_out(done.unlabelled, done.between))


@command()
@click.argument("name")
@click.argument("frames", nargs=-1)
@click.option("--from", "source", default="", help="A selection or a recording.")
@click.option("--reason", required=True, help="Why; it stands in the history.")
@PARENT
@DRY_RUN
def remove(
    door: Door,
    name: str,
    frames: tuple[str, ...],
    source: str,
    reason: str,
    parent: str,
    dry_run: bool,
) -> None:
    """Take FRAMES out of the dataset NAME, or those of --from that it holds."""
    if bool(frames) == bool(source):
        raise click.UsageError("name frames, or give --from")
    with opened(door) as workspace:
        done = remove_frames(
            workspace,
            name,
            _frames(workspace, source) if source else [FrameId(frame) for frame in frames],
            reason=reason,
            expected=seen_parent(workspace, parent),
            if_there=bool(source),
            dry_run=dry_run,
        )
    text = told_written(name, done, what="remove", dry_run=dry_run)
    door.give({**written_values(done), "dry_run": dry_run}, text)


@command()
@click.argument("name")
@click.argument("version")
@click.option("--reason", required=True, help="Why; it stands in the history.")
@PARENT
@DRY_RUN
def revert(door: Door, name: str, version: str, reason: str, parent: str, dry_run: bool) -> None:
    """Bring the rows of an earlier VERSION back, as a new version of NAME. History stays."""
    with opened(door) as workspace:
        done = revert_dataset(
            workspace,
            name,
            version,
            reason=reason,
            expected=seen_parent(workspace, parent),
            dry_run=dry_run,
        )
    text = told_written(name, done, what="revert", dry_run=dry_run)
    if done.changed:
        text = f"dataset:{name} -> {done.version.id}\n  the rows of {version} again"
    door.give({**written_values(done), "dry_run": dry_run}, text)


@command()
@click.argument("name")
@click.option("--reason", default="", help="Why; it stands in the history.")
def lock(door: Door, name: str, reason: str) -> None:
    """Lock the test rows of NAME: no append, merge or revert changes them until `unlock`."""
    with opened(door) as workspace:
        done = set_lock(workspace, name, locked=True, reason=reason or "test rows locked")
    text = "test rows are locked" if done.changed else "test rows were locked already"
    door.give(written_values(done), f"dataset:{name} -> {done.version.id}\n  {text}")


@command()
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands in the history for all to see.")
def unlock(door: Door, name: str, reason: str) -> None:
    """Unlock the test rows of NAME; that it was done, and why, stays in the history."""
    with opened(door) as workspace:
        done = set_lock(workspace, name, locked=False, reason=reason)
    text = "test rows are unlocked" if done.changed else "test rows were not locked"
    door.give(written_values(done), f"dataset:{name} -> {done.version.id}\n  {text}")


def seen_parent(workspace: Workspace, parent: str) -> ArtifactId | None:
    """The id of the version that the user saw; None where none was named."""
    return dataset_of(workspace, parent).id if parent else None


def _batches(workspace: Workspace, labels: tuple[str, ...]) -> list[Any]:
    """Batches by id, and those that the rows of a dataset refer to."""
    found: list[Any] = []
    for item in labels:
        named = find_named(workspace, item, (*LABEL_KINDS, "dataset"), prefix="dataset")
        of_dataset = named.kind == "dataset"
        found += labels_of(workspace, rows_of(workspace.blobs, named)) if of_dataset else [named]
    return found


def _frames(workspace: Workspace, source: str) -> tuple[FrameId, ...]:
    return frames_in(workspace, scope_of(workspace, source))


def _left_out(unlabelled: int, between: int) -> str:
    return (f"; {unlabelled} frames left out: not labelled" if unlabelled else "") + (
        f"; {between} frames left out: between blocks" if between else ""
    )
