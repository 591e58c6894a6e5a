"""`ringroad selections`: selections of frames by hand, and what they hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.curate.selection import from_bytes
from ringroad.pipelines.curation import QUERY, SELECTION, add_by_hand, freeze, query_of
from ringroad.pipelines.scope import frames_named, named_selection
from ringroad.pipelines.unlike import ALL, drop_alike


@click.group()
def selections() -> None:
    """Selections of frames."""


@command(selections, name="list")
def list_(door: Door) -> None:
    """Names and how many frames each holds; living ones hold what their query finds."""
    with opened(door) as workspace:
        names = workspace.catalog.names(f"{SELECTION}:")
        held = {
            name: from_bytes(workspace.blobs.get(workspace.catalog.artifact(target).digest))
            for name, target in names.items()
        }
        living = {
            name: query_of(workspace, name.removeprefix(f"{QUERY}:"))
            for name in workspace.catalog.names(f"{QUERY}:")
        }
    value: dict[str, Any] = {
        name: {"frames": len(item.frames), "query": item.query} for name, item in held.items()
    }
    value |= {name: {"living": True, "query": query} for name, query in living.items()}
    lines = [f"{name}  {len(item.frames)} frames  {item.query}" for name, item in held.items()]
    lines += [f"{name}  living  {query}" for name, query in living.items()]
    door.give(value, "\n".join(lines) or "no selections; make one: ringroad search ... --save NAME")


@command(selections)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """The frames of one selection, in order; of a living one as of now."""
    with opened(door) as workspace:
        artifact = named_selection(workspace, name)
        item = from_bytes(workspace.blobs.get(artifact.digest))
    lines = [artifact.id, *([f"query: {item.query}"] if item.query else []), *item.frames]
    door.give({"id": artifact.id, **asdict(item)}, "\n".join(lines))


@command(selections, name="freeze")
@click.argument("name")
@click.option("--into", default="", help="Name of the frozen selection; the same without.")
def freeze_(door: Door, name: str, into: str) -> None:
    """Keep what the living selection NAME finds now, with its query and what was searched."""
    with opened(door) as workspace:
        artifact, found = freeze(workspace, name, into=into)
    value = {
        "id": artifact.id,
        "frames": len(found.frames),
        "query": found.query,
        "versions": dict(found.versions),
    }
    text = f"{SELECTION}:{into or name} holds {len(found.frames)} frames ({artifact.id})"
    door.give(value, text)


@command(selections)
@click.argument("name")
@click.argument("frames", nargs=-1, required=True)
@click.option("--reason", default="", help="Why these frames.")
def add(door: Door, name: str, frames: tuple[str, ...], reason: str) -> None:
    """Add FRAMES by hand to the selection NAME; it is made where there is none."""
    with opened(door) as workspace:
        artifact, count = add_by_hand(workspace, name, frames, reason=reason)
    door.give({"id": artifact.id, "frames": count}, f"selection:{name} holds {count} frames")


@command(selections)
@click.argument("name")
@click.option(
    "--radius",
    type=click.FloatRange(0, 2, min_open=True),
    default=0.1,
    show_default=True,
    help="Distance up to which two frames are alike.",
)
@click.option("--in", "space", default="", help="Which embeddings; layout-64 without.")
@click.option("--within-recording", is_flag=True, help="Only frames of one recording are alike.")
@click.option("--save", required=True, help="Name of the new selection.")
def thin(
    door: Door, name: str, radius: float, space: str, within_recording: bool, save: str
) -> None:
    """Leave near-duplicates out of the selection NAME, or of `all`: the earliest of each stays.

    On roads at 25 frames a second, frames half a second apart lie about 0.09 apart in layout-64,
    frames two seconds apart 0.2.
    """
    with opened(door) as workspace:
        frames = None if name == ALL else frames_named(workspace, name)
        found = drop_alike(
            workspace,
            name,
            frames,
            radius=radius,
            space=space,
            within_recording=within_recording,
            save=save,
            seed=door.seed,
        )
    value = {
        "id": found.selection.id,
        "before": found.before,
        "after": found.after,
        "without_embedding": found.unseen,
        "effective_before": asdict(found.diversity_before),
        "effective_after": asdict(found.diversity_after),
    }
    old, new = found.diversity_before, found.diversity_after
    held = f"{SELECTION}:{save} holds {found.after:,} of {found.before:,} frames"
    effective = (
        f"effective number of different frames: {old.vendi:.0f} before, {new.vendi:.0f} now "
        f"(of {old.sample:,} and {new.sample:,} looked at)"
    )
    lines = [f"{held} ({found.selection.id})", effective]
    if found.unseen:
        lines.append(f"{found.unseen:,} frames were not embedded and stay")
    door.give(value, "\n".join(lines))
