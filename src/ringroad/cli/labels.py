"""`ringroad labels`: labelling tasks, COCO boxes in and out, agreement of annotators."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import EXIT_SOME_REFUSED, Door, command
from ringroad.cli.opening import opened
from ringroad.domain.problem import Problem
from ringroad.label.agreement import agreement as agree
from ringroad.pipelines.finding import dataset_of, table_of
from ringroad.pipelines.labelling import export_labels, import_labels
from ringroad.pipelines.workspace import Workspace

UNMAPPED = "unmapped-category"


@click.group()
def labels() -> None:
    """Labelling tasks, and annotations in and out."""


@command(labels)
@click.option("--state", type=click.Choice(["open", "done", "adjudicated"]), default=None)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
def tasks(door: Door, state: str | None, limit: int) -> None:
    """Labelling tasks: who looks at which frame."""
    with opened(door) as workspace:
        found = workspace.catalog.tasks(state=state or "")
    counts = Counter((item.annotator, item.state) for item in found)
    lines = [f"{who}: {count} {state}" for (who, state), count in sorted(counts.items())]
    lines += [f"  {item.state:8} {item.annotator}  {item.frame}" for item in found[:limit]]
    if len(found) > limit:
        lines.append(f"  and {len(found) - limit} more; see --limit")
    value = {"tasks": [asdict(item) for item in found], "count": len(found)}
    door.give(value, "\n".join(lines) or "no labelling tasks")


@command(labels, name="import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--map", "mapping", multiple=True, help="THEIRS=OURS; other categories stay out.")
@click.option("--author", default="coco", show_default=True, help="Who drew the boxes.")
@click.option(
    "--revision",
    type=click.IntRange(0),
    help="Refuse where a frame's annotations are not at this revision; 0 means none yet.",
)
def import_(
    door: Door, file: Path, mapping: tuple[str, ...], author: str, revision: int | None
) -> int:
    """Take in COCO boxes from FILE as the current annotations of its frames.

    Images are matched by frame_id, path, or base name where it is unique. A listed image
    without boxes is a frame that holds nothing. Importing the same file again changes nothing.
    """
    with opened(door) as workspace:
        found = import_labels(
            workspace, file, categories=_mapping(mapping), author=author, revision=revision
        )
    refused = [item for item in found.problems if not (mapping and item.code == UNMAPPED)]
    value = {
        "annotations": found.batch.id,
        "frames": found.frames,
        "boxes": found.boxes,
        "moved": found.moved,
        "problems": [asdict(item) for item in found.problems],
    }
    lines = [line(item) for item in found.problems]
    lines.append(
        f"{found.batch.id}\n{found.boxes} boxes on {found.frames} frames, "
        f"{found.moved} frames changed; {len(found.problems)} problems"
    )
    door.give(value, "\n".join(lines))
    return EXIT_SOME_REFUSED if refused else 0


@command(labels)
@click.argument("dataset")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(door: Door, dataset: str, file: Path) -> None:
    """Write the annotations of a dataset version as COCO into FILE."""
    with opened(door) as workspace:
        artifact = dataset_of(workspace, dataset)
        data = export_labels(workspace, artifact)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    door.give(
        {"file": str(file), "bytes": len(data), "dataset": artifact.id},
        f"{file}: {len(data) / 1e3:.1f} kB of COCO boxes",
    )


@command(labels)
@click.argument("batches", nargs=-1)
def agreement(door: Door, batches: tuple[str, ...]) -> None:
    """How well blind answers agree: of BATCHES, or of every labelling so far."""
    with opened(door) as workspace:
        found = _compared(workspace, batches) if batches else _recorded(workspace)
    lines = [
        f"{row['id'][:24]}  {row['frames']} frames, {row['boxes']} boxes: "
        f"matched {_share(row['matched'])}, mean IoU {_figure(row['mean_iou'])}, "
        f"kappa {_figure(row['kappa_category'])}, alpha {_figure(row['alpha'])}"
        for row in found
    ]
    door.give({"agreement": found}, "\n".join(lines) or "nothing was labelled twice yet")


def line(problem: Problem) -> str:
    """A problem in one line, with its remedy."""
    remedy = f" ({problem.remedy})" if problem.remedy else ""
    return f"set aside {problem.place}: {problem.what}{remedy}"


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        theirs, equals, ours = pair.partition("=")
        if not (theirs and equals and ours):
            raise click.UsageError(f"--map {pair!r}: say THEIRS=OURS, such as bicyclist=cyclist")
        found[theirs] = ours
    return found


def _recorded(workspace: Workspace) -> list[dict[str, Any]]:
    return [
        {"id": item.id, **workspace.json(item)["agreement"]}
        for item in workspace.catalog.artifacts("labelling")
    ]


def _compared(workspace: Workspace, batches: tuple[str, ...]) -> list[dict[str, Any]]:
    tables = [table_of(workspace, workspace.find(name)) for name in batches]
    return [{"id": " + ".join(batches), **asdict(agree(tables))}]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
