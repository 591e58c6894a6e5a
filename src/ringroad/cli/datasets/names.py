"""`ringroad datasets`: names and history of versions."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.time import to_iso
from ringroad.pipelines.datasets.log import log as history_of
from ringroad.pipelines.datasets.log import moves
from ringroad.pipelines.datasets.names import branch as begin_branch
from ringroad.pipelines.datasets.names import named
from ringroad.pipelines.datasets.names import tag as give_tag
from ringroad.pipelines.finding import dataset_of

AT = click.option("--at", default="", help="A version; the current one else.")


@command()
@click.argument("name")
@click.argument("new")
@AT
def branch(door: Door, name: str, new: str, at: str) -> None:
    """Begin a dataset NEW at a version of NAME. Nothing is copied; `merge` brings it back."""
    with opened(door) as workspace:
        start = begin_branch(workspace, name, new, at=at)
    door.give({"id": start.id, "name": new}, f"dataset:{new} -> {start.id}")


@command()
@click.argument("name")
@click.argument("label", metavar="TAG")
@AT
@click.option("--move", is_flag=True, help="From another version, where it stands for one.")
@click.option("--reason", default="", help="Why; it stands in the history.")
def tag(door: Door, name: str, label: str, at: str, move: bool, reason: str) -> None:
    """Give a version of NAME a name that stays: NAME@TAG."""
    with opened(door) as workspace:
        full, target = give_tag(workspace, name, label, at=at, move=move, reason=reason or "tag")
    door.give({"name": full, "id": target.id}, f"dataset:{full} -> {target.id}")


@command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--moves", "shown", is_flag=True, help="Where the name and its tags pointed, too.")
def log(door: Door, name: str, limit: int, shown: bool) -> None:
    """The history of a dataset or version, newest first: what was done, when, on top of what."""
    with opened(door) as workspace:
        start = dataset_of(workspace, name)
        entries = history_of(workspace, start)
        moved = moves(workspace, named(name)) if "@" not in name and ":" not in name else ()
    lines = []
    for entry in entries[:limit]:
        names = f"  <- {', '.join(entry.names)}" if entry.names else ""
        when = to_iso(entry.made_ns)[:19] if entry.made_ns else "unknown"
        lines.append(
            f"{entry.id[8:20]}  {when}  {entry.what:7} {entry.frames} frames"
            f"{', test locked' if entry.locked else ''}{names}"
        )
        if entry.query:
            lines.append(f"    {entry.query}")
        if len(entry.parents) > 1:
            lines.append(f"    joins {' and '.join(at[8:20] for at in entry.parents)}")
    if len(entries) > limit:
        lines.append(f"and {len(entries) - limit} more: --limit")
    if shown:
        lines += ["names:", *(
            f"  {to_iso(move.moved_ns)[:19]}  {move.name} -> {move.artifact[8:20]}  {move.reason}"
            for move in moved
        )]  # fmt: skip
    value = {
        "versions": [asdict(entry) for entry in entries],
        "moves": [asdict(move) for move in moved],
    }
    door.give(value, "\n".join(lines))
