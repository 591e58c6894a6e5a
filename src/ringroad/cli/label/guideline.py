"""`ringroad labels guideline`: taxonomies and the text that says how to draw, versioned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.taxonomy import Guideline
from ringroad.domain.time import to_iso
from ringroad.label.guidelines import document_of, read_guideline
from ringroad.pipelines.label.guidelines import (
    ChangePreview,
    apply_change,
    create_guideline,
    guideline_history,
    guideline_named,
    guideline_names,
    preview_change,
)

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def guideline() -> None:
    """What annotators may draw, and how."""


@command(guideline)
@click.argument("file", type=FILE)
@click.option("--text", type=FILE, help="Markdown that says how to draw; else `text` in FILE.")
@click.option("--reason", default="", help="Why.")
def create(door: Door, file: Path, text: Path | None, reason: str) -> None:
    """Keep the guideline of the TOML FILE under its name."""
    found = read_guideline(file, text=text)
    with opened(door) as workspace:
        kept = create_guideline(workspace, found, reason=reason)
    names = ", ".join(found.taxonomy.names)
    door.give(
        {"name": found.name, "version": kept.digest, "categories": list(found.taxonomy.names)},
        f"guideline {found.name} ({kept.digest[:12]}): {names}",
    )


@command(guideline, name="list")
def list_(door: Door) -> None:
    """Names and their newest versions."""
    with opened(door) as workspace:
        names = guideline_names(workspace)
    value = {name.partition(":")[2]: at.partition(":")[2] for name, at in names.items()}
    lines = [f"{name}  {version[:12]}" for name, version in value.items()]
    door.give(
        value, "\n".join(lines) or "no guidelines; make one: ringroad labels guideline create FILE"
    )


@command(guideline)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """The taxonomy and the text of a guideline, by name or version."""
    with opened(door) as workspace:
        found, artifact = guideline_named(workspace, name)
    door.give(
        {"version": artifact.digest, **document_of(found)},
        f"{found.name} ({artifact.digest[:12]})\n{_listed(found)}\n{found.text}".rstrip(),
    )


@command(guideline)
@click.argument("name")
def history(door: Door, name: str) -> None:
    """All versions of a guideline, oldest first."""
    with opened(door) as workspace:
        found = guideline_history(workspace, name)
    versions = [(move.artifact.partition(":")[2], move.moved_ns, move.reason) for move in found]
    lines = [f"{version[:12]}  {to_iso(at)[:19]}Z  {why}" for version, at, why in versions]
    value = [{"version": at, "moved_ns": when, "why": why} for at, when, why in versions]
    door.give({"name": name, "versions": value}, "\n".join(lines))


@command(guideline)
@click.argument("name")
@click.argument("file", type=FILE)
@click.option("--text", type=FILE, help="Markdown that says how to draw; else `text` in FILE.")
@click.option("--map", "mapping", multiple=True, help="OLD=NEW, or OLD= for what is drawn no more.")
@click.option("--unnamed", is_flag=True, help="Also annotations that name no guideline.")
@click.option("--by", default="", help="Who changes it.")
@click.option("--reason", default="", help="Why.")
@click.option("--dry-run", is_flag=True, help="Say what it touches, and change nothing.")
def change(
    door: Door,
    name: str,
    file: Path,
    text: Path | None,
    mapping: tuple[str, ...],
    unnamed: bool,
    by: str,
    reason: str,
    dry_run: bool,
) -> None:
    """Let the guideline NAME become that of FILE, and annotations under it new revisions.

    Nothing is changed in place: annotations before stay as revisions, dataset versions as they
    are, and tasks ordered under the old version go on under it.
    """
    after = read_guideline(file, text=text)
    with opened(door) as workspace:
        preview = preview_change(workspace, name, after, _pairs(mapping), unnamed=unnamed)
        door.say(_told(preview))
        if dry_run:
            door.give(_value(preview, applied=False))
            return
        if not (door.yes or door.json or door.quiet):
            click.confirm("change it", abort=True)
        apply_change(workspace, preview, after, author=by, reason=reason)
    door.give(_value(preview, applied=True), f"{preview.name} is now {preview.after[:12]}")


def _pairs(mapping: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in mapping:
        old, equals, new = pair.partition("=")
        if not (old and equals):
            raise click.UsageError(f"--map {pair!r}: say OLD=NEW, or OLD= to drop it")
        found[old] = new
    return found


def _listed(found: Guideline) -> str:
    lines = []
    for item in found.taxonomy.categories:
        parent = f" (a kind of {item.parent})" if item.parent else ""
        attributes = "; ".join(
            f"{name}: {', '.join(values) or 'any text'}" for name, values in item.attributes.items()
        )
        lines.append(f"  {item.name}{parent}  {', '.join(item.shapes)}  {attributes}".rstrip())
    return "\n".join(lines)


def _told(preview: ChangePreview) -> str:
    lines = [
        f"{item.category} -> {item.becomes or 'drawn no more'}: {item.annotations} annotations "
        f"on {item.frames} frames, {item.open_tasks} open tasks"
        for item in preview.categories
    ]
    lines.append(f"{len(preview.frames)} frames get a new revision")
    if preview.unrevised:
        lines.append(f"{preview.unrevised} frames without revisions stay as they are")
    if preview.datasets:
        lines.append(f"dataset versions that stay as they are: {', '.join(preview.datasets)}")
    if preview.open_tasks:
        lines.append(f"{preview.open_tasks} open tasks go on under {preview.before[:12]}")
    return "\n".join(lines)


def _value(preview: ChangePreview, *, applied: bool) -> Mapping[str, Any]:
    return {
        "name": preview.name,
        "before": preview.before,
        "after": preview.after,
        "categories": [asdict(item) for item in preview.categories],
        "frames": len(preview.frames),
        "unrevised": preview.unrevised,
        "datasets": list(preview.datasets),
        "open_tasks": preview.open_tasks,
        "applied": applied,
    }
