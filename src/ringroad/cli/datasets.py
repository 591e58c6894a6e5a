"""`ringroad datasets`: versions of datasets, listed, compared, made and written out."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.datasets.diff import diff as compare
from ringroad.datasets.version import header_of
from ringroad.pipelines.finding import dataset_of, find_named, table_of
from ringroad.pipelines.scope import frames_named, scope_of
from ringroad.pipelines.version_folder import export_version
from ringroad.pipelines.versions import create_version
from ringroad.pipelines.workspace import Workspace

PREFIX = "dataset:"


@click.group()
def datasets() -> None:
    """Dataset versions: frames, their annotations, their splits."""


@command(datasets, name="list")
def list_(door: Door) -> None:
    """All versions, oldest first, and the names that point at them."""
    with opened(door) as workspace:
        names = {at: name for name, at in workspace.catalog.names(PREFIX).items()}
        told = [
            {"name": names.get(item.id), **_told(workspace, item.id)}
            for item in workspace.catalog.artifacts("dataset")
        ]
    lines = [
        f"{row['id'][:20]}  {row['header']['name']}: {_counted(row['splits'])}"
        + (f"  <- {row['name']}" if row["name"] else "")
        for row in told
    ]
    door.give(
        {"datasets": told},
        "\n".join(lines) or "no dataset versions; make one: ringroad datasets create NAME",
    )


@command(datasets)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """What one version claims and holds."""
    with opened(door) as workspace:
        told = _told(workspace, dataset_of(workspace, name).id)
    header = told["header"]
    lines = [
        f"{told['id']}{'  (synthetic)' if header['synthetic'] else ''}",
        f"  name        {header['name']}",
        f"  annotated   {', '.join(header['categories'])}; tasks {', '.join(header['tasks'])}",
        f"  unit        {header['unit']}",
        f"  query       {header['query'] or '-'}",
        *(f"  {split:11} {_conditions(parts)}" for split, parts in told["splits"].items()),
        *(f"  made from   {parent}" for parent in header["parents"]),
    ]
    door.give(told, "\n".join(lines))


@command(datasets)
@click.argument("before")
@click.argument("after")
def diff(door: Door, before: str, after: str) -> None:
    """What changed from the version BEFORE to the version AFTER."""
    with opened(door) as workspace:
        tables = [table_of(workspace, dataset_of(workspace, name)) for name in (before, after)]
    found = compare(*tables)
    counts = {
        "added": len(found.added),
        "removed": len(found.removed),
        "moved to another split": len(found.moved),
        "annotated anew": len(found.reannotated),
        "weighted anew": len(found.reweighted),
        "grouped anew": len(found.regrouped),
    }
    lines = [f"{count:6} frames {what}" for what, count in counts.items() if count]
    for split, parts in found.frames.items():
        for condition, shift in parts.items():
            if shift.before != shift.after:
                lines.append(
                    f"  {split} {condition or 'unknown'}: {shift.before} -> {shift.after} frames"
                )
    lines += [f"  {name}: {old} -> {new}" for name, (old, new) in found.claims.items()]
    door.give(asdict(found), "\n".join(lines) or "no difference")


@command(datasets)
@click.argument("name")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--width", type=click.IntRange(16), help="Of the pictures; as decoded by default.")
@click.option("--height", type=click.IntRange(16), help="Of the pictures; give both or none.")
def export(door: Door, name: str, folder: Path, width: int | None, height: int | None) -> None:
    """Write a version into FOLDER: COCO boxes and JPEG pictures per split."""
    if (width is None) != (height is None):
        raise click.UsageError("give both --width and --height, or none")
    size = (width, height) if width is not None and height is not None else None
    with opened(door) as workspace:
        artifact = dataset_of(workspace, name)
        files = export_version(workspace, artifact, folder, size=size)
    door.give(
        {"folder": str(folder), "files": [str(file) for file in files], "dataset": artifact.id},
        f"{len(files)} files in {folder}",
    )


@command(datasets)
@click.argument("name")
@click.option("--from", "source", required=True, help="A selection, a recording, or all.")
@click.option("--labels", multiple=True, help="Batches of annotations; the current ones else.")
@click.option("--categories", default="", help="What was looked for, with commas between.")
@click.option("--test-fraction", type=click.FloatRange(0, 0.9), default=0.2, show_default=True)
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
    unit: str,
    block: int,
    gap: int,
) -> None:
    """Make a version NAME of labelled frames. Whole units are kept for the test.

    With few recordings say --unit block: blocks of consecutive frames stand in for them.
    """
    with opened(door) as workspace:
        frames = _frames(workspace, source)
        made, unlabelled = create_version(
            workspace,
            name,
            frames,
            labels=[
                find_named(workspace, item, ("annotations", "truth"), prefix="") for item in labels
            ],
            categories=[part.strip() for part in categories.split(",") if part.strip()],
            unit=unit,
            block=block,
            gap=gap,
            test_fraction=test_fraction,
            query=source,
            seed=door.seed,
        )
        told = _told(workspace, made.id)
    labelled = len(frames) - unlabelled
    rows = sum(sum(parts.values()) for parts in told["splits"].values())
    between = labelled - rows
    door.give(
        {**told, "unlabelled": unlabelled, "dropped": between},
        f"{PREFIX}{name} -> {made.id}\n  {_counted(told['splits'])}"
        + (f"; {unlabelled} frames left out: not labelled" if unlabelled else "")
        + (f"; {between} frames left out: between blocks" if between else ""),
    )


def _frames(workspace: Workspace, source: str) -> list[Any]:
    scope = scope_of(workspace, source)
    if scope.frames is not None:
        return list(frames_named(workspace, source))
    return [
        frame
        for item in scope.taken
        for frame in table_of(workspace, item.frames)["frame_id"].to_pylist()
    ]


def _told(workspace: Workspace, id: str) -> dict[str, Any]:
    artifact = workspace.find(id)
    table = table_of(workspace, artifact)
    splits: dict[str, dict[str, int]] = {}
    pairs = zip(table["split"].to_pylist(), table["condition"].to_pylist(), strict=True)
    for (split, condition), count in sorted(Counter(pairs).items()):
        splits.setdefault(split, {})[condition] = count
    return {"id": artifact.id, "header": asdict(header_of(table)), "splits": splits}


def _counted(splits: dict[str, dict[str, int]]) -> str:
    return ", ".join(f"{split} {sum(parts.values())} frames" for split, parts in splits.items())


def _conditions(parts: dict[str, int]) -> str:
    named = ", ".join(f"{condition or 'unknown'} {count}" for condition, count in parts.items())
    return f"{sum(parts.values())} frames: {named}"
