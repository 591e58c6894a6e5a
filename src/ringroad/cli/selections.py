"""`ringroad selections`: selections of frames by hand, and what they hold."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.curate.selection import from_bytes
from ringroad.pipelines.curation import add_by_hand


@click.group()
def selections() -> None:
    """Selections of frames."""


@command(selections, name="list")
def list_(door: Door) -> None:
    """Names and how many frames each holds."""
    with opened(door) as workspace:
        names = workspace.catalog.names("selection:")
        held = {
            name: from_bytes(workspace.blobs.get(workspace.catalog.artifact(target).digest))
            for name, target in names.items()
        }
    value = {name: {"frames": len(item.frames), "query": item.query} for name, item in held.items()}
    lines = [f"{name}  {len(item.frames)} frames  {item.query}" for name, item in held.items()]
    door.give(value, "\n".join(lines) or "no selections; make one: ringroad search ... --save NAME")


@command(selections)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """The frames of one selection, in order."""
    with opened(door) as workspace:
        artifact = workspace.find(name if ":" in name else f"selection:{name}")
        item = from_bytes(workspace.blobs.get(artifact.digest))
    door.give({"id": artifact.id, **asdict(item)}, "\n".join([artifact.id, *item.frames]))


@command(selections)
@click.argument("name")
@click.argument("frames", nargs=-1, required=True)
@click.option("--reason", default="", help="Why these frames.")
def add(door: Door, name: str, frames: tuple[str, ...], reason: str) -> None:
    """Add FRAMES by hand to the selection NAME; it is made where there is none."""
    with opened(door) as workspace:
        artifact, count = add_by_hand(workspace, name, frames, reason=reason)
    door.give({"id": artifact.id, "frames": count}, f"selection:{name} holds {count} frames")
