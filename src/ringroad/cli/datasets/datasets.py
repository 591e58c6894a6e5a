"""`ringroad datasets`: versions, listed, shown and compared; the other verbs stand beside."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.datasets.edits import append, create, lock, remove, revert, unlock
from ringroad.cli.datasets.merge import merge
from ringroad.cli.datasets.names import branch, log, tag
from ringroad.cli.datasets.pack import pack
from ringroad.cli.datasets.pages import card, export, looks
from ringroad.cli.datasets.telling import conditions, counted, told, told_diff
from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.datasets.diff import diff_versions
from ringroad.pipelines.datasets.names import names_of
from ringroad.pipelines.finding import dataset_of


@click.group()
def datasets() -> None:
    """Dataset versions: frames, their annotations, their splits."""


for _verb in (
    append, branch, card, create, export, lock, log, looks, merge, pack, remove, revert, tag, unlock
):  # fmt: skip
    datasets.add_command(_verb)


@command(datasets, name="list")
def list_(door: Door) -> None:
    """All versions, oldest first, and the names that point at them."""
    with opened(door) as workspace:
        names = names_of(workspace)
        found = [
            {"names": list(names.get(item.id, ())), **told(workspace, item)}
            for item in workspace.catalog.artifacts("dataset")
        ]
    lines = [
        f"{row['id'][:20]}  {row['header']['name']}: {counted(row['splits'])}"
        + (f"  <- {', '.join(row['names'])}" if row["names"] else "")
        for row in found
    ]
    door.give(
        {"datasets": found},
        "\n".join(lines) or "no dataset versions; make one: ringroad datasets create NAME",
    )


@command(datasets)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """What one version claims and holds."""
    with opened(door) as workspace:
        found: dict[str, Any] = told(workspace, dataset_of(workspace, name))
    header = found["header"]
    lines = [
        f"{found['id']}{'  (synthetic)' if header['synthetic'] else ''}",
        f"  name        {header['name']}",
        f"  annotated   {', '.join(header['categories'])}; tasks {', '.join(header['tasks'])}",
        f"  unit        {header['unit']}",
        f"  query       {header['query'] or '-'}",
        *(f"  {split:11} {conditions(parts)}" for split, parts in found["splits"].items()),
        *(["  test rows   locked"] if header["locked"] else []),
        f"  content     {found['content'][:12]}, layers: {found['layers']}",
        *(f"  made from   {parent}" for parent in header["parents"]),
    ]
    door.give(found, "\n".join(lines))


@command(datasets)
@click.argument("before")
@click.argument("after")
@click.option("--boxes/--no-boxes", default=True, help="Count annotations on what differs.")
def diff(door: Door, before: str, after: str, boxes: bool) -> None:
    """What changed from the version BEFORE to the version AFTER."""
    with opened(door) as workspace:
        found = diff_versions(
            workspace, dataset_of(workspace, before), dataset_of(workspace, after), boxes=boxes
        )
    door.give(asdict(found), "\n".join(told_diff(found)) or "no difference")
