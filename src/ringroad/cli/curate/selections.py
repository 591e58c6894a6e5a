"""`ringroad selections`: selections of frames by hand, and what they hold."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.curate.selection import from_bytes
from ringroad.domain.time import from_seconds
from ringroad.pipelines.curate.comparing_selections import compare_selections
from ringroad.pipelines.curate.covering import read_odd
from ringroad.pipelines.curate.curation import QUERY, SELECTION, add_by_hand, freeze, query_of
from ringroad.pipelines.curate.key_picking import pick_key_frames
from ringroad.pipelines.curate.scope import frames_named, named_selection
from ringroad.pipelines.curate.unlike import ALL, drop_alike


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
    searched = ", ".join(f"{table} {at}" for table, at in item.versions)
    told = (
        ("query", item.query),
        ("reason", item.reason),
        ("searched up to batch", searched),
        *(("made from", parent) for parent in item.parents),
    )
    lines = [artifact.id, *(f"{what}: {said}" for what, said in told if said), *item.frames]
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
@click.option("--against", default="", help="What came before: frames like these go as well.")
@click.option("--save", required=True, help="Name of the new selection.")
def thin(
    door: Door,
    name: str,
    radius: float,
    space: str,
    within_recording: bool,
    against: str,
    save: str,
) -> None:
    """Leave near-duplicates out of the selection NAME, or of `all`: the earliest of each stays.

    With --against, frames that a selection or dataset version holds, or that look like one of
    its frames, go too. What came before is not compared with itself again.

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
            against=against,
        )
    value = {
        "alike_within": found.alike_within,
        "alike_before": found.alike_before,
        "compared_with": found.before_frames,
        "cells_taken_up": found.taken_up,
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
    if against:
        lines.insert(
            1,
            f"{found.alike_before:,} are in {against} or like one of its {found.before_frames:,} "
            f"frames, {found.alike_within:,} like an earlier one of {name}",
        )
    if found.unseen:
        lines.append(f"{found.unseen:,} frames were not embedded and stay")
    door.give(value, "\n".join(lines))


@command(selections)
@click.argument("name", default=ALL)
@click.option("--per-track", type=click.IntRange(1), default=2, show_default=True)
@click.option("--per-recording", type=click.IntRange(1), default=20, show_default=True)
@click.option("--min-gap-s", type=click.FloatRange(0), default=0.5, show_default=True)
@click.option("--channel", default="", help="Frames of this camera alone.")
@click.option("--without", multiple=True, help="Leave out what this selection or version holds.")
@click.option("--save", required=True, help="Name of the new selection.")
def pick(
    door: Door,
    name: str,
    per_track: int,
    per_recording: int,
    min_gap_s: float,
    channel: str,
    without: tuple[str, ...],
    save: str,
) -> None:
    """Pick frames of NAME, or of `all`, for labelling: no network is asked.

    First key frames of tracks: where a thing is nearest and seen, then apart in time; frames that
    serve most tracks come first. What is left of a recording's budget is spread in time. Frames
    that have annotations are never picked, nor those of --without.
    """
    with opened(door) as workspace:
        found = pick_key_frames(
            workspace,
            name,
            channel=channel,
            per_track=per_track,
            per_recording=per_recording,
            min_gap_ns=from_seconds(min_gap_s),
            without=without,
            save=save,
        )
    value = asdict(found) | {"selection": found.selection.id}
    held = (
        f"{SELECTION}:{save} holds {found.frames:,} of {found.candidates:,} frames, of "
        f"{found.recordings} recordings ({found.selection.id})"
    )
    served = f"{found.served} of {found.tracks} tracks are on one of them; "
    lines = [held, f"{served if found.tracks else ''}least gap {found.least_gap_s:.2f} s"]
    if found.untracked:
        lines.append(
            f"{found.untracked} recordings have no tracks: there frames are spread in time alone"
        )
    if found.labelled or found.without:
        lines.append(f"left out: {found.labelled} labelled, {found.without} of --without")
    door.give(value, "\n".join(lines))


@command(selections)
@click.argument("one")
@click.argument("other")
@click.option("--odd", type=click.Path(path_type=Path), help="ODD.toml; a default one without.")
@click.option("--in", "space", default="", help="Which embeddings; layout-64 without.")
@click.option("--radius", type=click.FloatRange(0, 2, min_open=True), default=0.1)
def compare(door: Door, one: str, other: str, odd: Path | None, space: str, radius: float) -> None:
    """Set ONE beside OTHER: selections, dataset versions, or `all`.

    What each holds, what both hold, cells of the domain that one has less of than the other
    beyond chance, effective numbers of different frames, and near-duplicates between the two.
    """
    domain = read_odd(odd)
    with opened(door) as workspace:
        told = compare_selections(
            workspace, one, other, odd=domain, space=space, radius=radius, seed=door.seed
        )
    door.give(told, "\n".join(_compared(told)))


def _compared(told: dict[str, Any]) -> list[str]:
    (one, other), (first, second) = told["names"], told["frames"]
    lines = [
        f"{'':28} {one[:24]:>24} {other[:24]:>24}",
        _beside("frames", first, second),
        _beside("recordings", *told["recordings"]),
        f"{told['shared_frames']:,} frames and {told['shared_recordings']} recordings are in both",
    ]
    for column, values in told["composition"].items():
        if set(values) != {"unknown"}:
            lines += [_beside(f"{column} {value}", *pair) for value, pair in values.items()]
    for row in told["cells"]:
        for lacks, than, at in ((one, other, 0), (other, one, 1)):
            if row["lacking"][at]:
                lines.append(
                    f"{lacks} lacks {row['cell']} against {than}: {row['share'][at]:.1%} against "
                    f"{row['share'][1 - at]:.1%} (p {row['p']:.4f})"
                )
    if told["cells"] and not any(any(row["lacking"]) for row in told["cells"]):
        lines.append("neither lacks a cell of the domain against the other beyond chance")
    likeness = told.get("likeness", {})
    if "effective" in likeness:
        sizes = [
            f"{size:.0f} of {of:,}"
            for size, of in zip(likeness["effective"], likeness["of"], strict=True)
        ]
        lines.append(f"{'effective number':28} {sizes[0]:>24} {sizes[1]:>24}")
        lines.append(_beside("like one of the other", *likeness["alike"]))
    return lines


def _beside(what: str, first: int, second: int) -> str:
    return f"{what[:28]:28} {first:>24,} {second:>24,}"
