"""`ringroad datasets`: what leaves the workspace: a folder, a card; and who looked at test rows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from ringroad.cli.datasets.telling import SPLITS_HELP, splits_named
from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.dataset import SPLITS
from ringroad.domain.errors import UsageError
from ringroad.domain.time import to_iso
from ringroad.pipelines.datasets.folder import export_version
from ringroad.pipelines.datasets.looks import is_locked, looks_at
from ringroad.pipelines.finding import dataset_of


@command()
@click.argument("name")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--width", type=click.IntRange(16), help="Of the pictures; as decoded by default.")
@click.option("--height", type=click.IntRange(16), help="Of the pictures; give both or none.")
@click.option("--splits", default=",".join(SPLITS), show_default=True, help=SPLITS_HELP)
def export(
    door: Door, name: str, folder: Path, width: int | None, height: int | None, splits: str
) -> None:
    """Write a version into FOLDER: COCO boxes and JPEG pictures per split."""
    if (width is None) != (height is None):
        raise click.UsageError("give both --width and --height, or none")
    size = (width, height) if width is not None and height is not None else None
    chosen = splits_named(splits)
    with opened(door) as workspace:
        artifact = dataset_of(workspace, name)
        files = export_version(workspace, artifact, folder, size=size, splits=chosen)
    door.give(
        {"folder": str(folder), "files": [str(file) for file in files], "dataset": artifact.id},
        f"{len(files)} files in {folder}",
    )


@command()
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--licences", type=click.Path(dir_okay=False, path_type=Path),
              help="JSON: start of a recording's id -> its licence.")  # fmt: skip
def card(door: Door, name: str, file: Path, licences: Path | None) -> None:
    """Write the data card of a version into FILE: a page (.html) or Markdown (.md)."""
    from ringroad.pipelines.datasets.data_card import describe, read_licences
    from ringroad.report.data_card import data_card
    from ringroad.report.markdown import markdown
    from ringroad.report.render import render

    writers = {".html": render, ".md": markdown}
    if file.suffix not in writers:
        raise UsageError(
            "a card is a page or Markdown", subject=str(file), remedy="name it .html or .md"
        )
    with opened(door) as workspace:
        artifact = dataset_of(workspace, name)
        told = describe(workspace, artifact, licences=read_licences(licences), seed=door.seed)
    data = writers[file.suffix](data_card(told))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    door.give({"file": str(file), "card": asdict(told)}, f"{file}: the card of {artifact.id}")


@command()
@click.argument("name")
def looks(door: Door, name: str) -> None:
    """Every look at the test rows of a version: who, when, why. Scores, gates and exports look."""
    with opened(door) as workspace:
        artifact = dataset_of(workspace, name)
        found, test = looks_at(workspace, artifact)
        locked = is_locked(workspace, artifact)
    same = sum(item.test == test for item in found)
    lines = [
        f"test rows {test[:12] or 'none'}{', locked' if locked else ''}: {same} looks at them"
        + (f", {len(found) - same} at those of earlier versions" if len(found) > same else "")
    ]
    lines += [
        f"  {to_iso(item.at_ns)[:19]}  {item.who}: {item.why}, {item.frames} frames"
        + ("" if item.test == test else f"  (other test rows, {item.test[:12]})")
        for item in found
    ]
    value = {"test": test, "locked": locked, "looks": [asdict(item) for item in found]}
    door.give(value, "\n".join(lines))
