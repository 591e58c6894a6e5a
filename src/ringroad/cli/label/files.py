"""`ringroad labels import` and `export`: annotations in the formats of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ringroad.cli.datasets.telling import SPLITS_HELP, splits_named
from ringroad.cli.doors import EXIT_SOME_REFUSED, Door, command
from ringroad.cli.opening import opened
from ringroad.domain.dataset import SPLITS
from ringroad.domain.problem import Problem
from ringroad.label.formats.losses import Loss
from ringroad.pipelines.label.export import export_labels, foresee, format_for, leaving_of
from ringroad.pipelines.label.labelling import Wanted, bring_in

UNMAPPED = "unmapped-category"
SHOWN = 20
"""Problems that are shown one by one; --json has all that were listed."""


@command(name="import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "format_", default="", help="Guessed where it is clear.")
@click.option("--map", "mapping", multiple=True, help="THEIRS=OURS; other categories stay out.")
@click.option("--author", default="", help="Who drew them.  [default: the format's name]")
@click.option("--guideline", default="", help="Version of the guideline they were made under.")
@click.option("--channel", default="", help="RECORDING/CHANNEL, where a file only counts frames.")
@click.option(
    "--revision",
    type=click.IntRange(0),
    help="Refuse where a frame's annotations are not at this revision; 0 means none yet.",
)
@click.option("--dry-run", is_flag=True, help="Read and compare, make nothing current.")
def import_(door: Door, path: Path, mapping: tuple[str, ...], **how: Any) -> int:
    """Take in annotations from PATH (a file, a folder, a ZIP) as the current ones of its frames.

    Pictures are matched by frame id, path, or base name where it is unique. A picture that is
    listed without annotations is a frame that holds nothing. What comes back unchanged stays as
    it was: importing the same file again changes nothing.
    """
    wanted = Wanted(
        format=how["format_"],
        categories=mapping_of(mapping),
        author=how["author"],
        guideline=how["guideline"],
        channel=how["channel"],
        revision=how["revision"],
        dry_run=how["dry_run"],
    )
    with opened(door) as workspace:
        found = bring_in(workspace, path, wanted)
    refused = [item for item in found.problems if not (mapping and item.code == UNMAPPED)]
    value = {
        "annotations": found.batch.id,
        "format": found.format,
        "frames": found.frames,
        "boxes": found.boxes,
        "moved": found.moved,
        "kept": found.kept,
        "dry_run": wanted.dry_run,
        "problems": [asdict(item) for item in found.problems],
        "losses": [asdict(item) for item in found.losses],
    }
    lines = [line(item) for item in found.problems[:SHOWN]]
    if len(found.problems) > SHOWN:
        lines.append(f"and {len(found.problems) - SHOWN} more problems; --json lists them")
    lines += loss_lines(found.losses)
    changed = "would change" if wanted.dry_run else "changed"
    stayed = f", {found.kept} stayed that {found.format} cannot hold" if found.kept else ""
    lines.append(
        f"{found.batch.id}\n{found.boxes} annotations on {found.frames} frames, "
        f"{found.moved} frames {changed}{stayed}; {len(found.problems)} problems"
    )
    door.give(value, "\n".join(lines))
    return EXIT_SOME_REFUSED if refused else 0


@command()
@click.argument("what")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "format_", default="", help="By the suffix where it is left out.")
@click.option("--splits", default=",".join(SPLITS), help="Of a dataset version. " + SPLITS_HELP)
@click.option("--dry-run", is_flag=True, help="Say what would be lost, write nothing.")
def export(door: Door, what: str, path: Path, format_: str, *, splits: str, dry_run: bool) -> None:
    """Write annotations of WHAT to PATH, with a list of losses beside it.

    WHAT is a dataset version, a selection, a recording, a batch of annotations, or `all` for the
    current annotations of every frame. An export that was killed goes on where it stood.
    """
    chosen = format_for(path, format_)
    with opened(door) as workspace:
        leaving = leaving_of(workspace, what, splits_named(splits))
        if dry_run:
            seen = foresee(leaving, chosen)
            value = {**asdict(seen), "dry_run": True}
            lines = loss_lines(seen.losses)
            lines.append(
                f"{seen.annotations} annotations on {seen.pictures} pictures would be written"
            )
            door.give(value, "\n".join(lines))
            return
        made = export_labels(workspace, leaving, path, chosen)
    value = {
        "file": str(path),
        "format": chosen.name,
        "bytes": made.size_bytes,
        "annotations": made.annotations,
        "pictures": made.pictures,
        "resumed": made.resumed,
        "losses": [asdict(item) for item in made.losses],
    }
    lines = loss_lines(made.losses)
    resumed = ", taken up where it stood" if made.resumed else ""
    lines.append(
        f"{path}: {made.annotations} annotations on {made.pictures} pictures, "
        f"{made.size_bytes / 1e3:.1f} kB of {chosen.title}{resumed}"
    )
    door.give(value, "\n".join(lines))


def line(problem: Problem) -> str:
    """A problem in one line, with its remedy."""
    remedy = f" ({problem.remedy})" if problem.remedy else ""
    return f"set aside {problem.place}: {problem.what}{remedy}"


def loss_lines(losses: Sequence[Loss]) -> list[str]:
    """Losses, one per line."""
    return [
        f"lost {item.what}: {item.count}{f', becomes {item.becomes}' if item.becomes else ''}"
        f" ({item.why}; {', '.join(item.examples)})"
        for item in losses
    ]


def mapping_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """THEIRS=OURS as a map."""
    found = {}
    for pair in pairs:
        theirs, equals, ours = pair.partition("=")
        if not (theirs and equals and ours):
            raise click.UsageError(f"--map {pair!r}: say THEIRS=OURS, such as bicyclist=cyclist")
        found[theirs] = ours
    return found
