"""`ringroad status`: what a workspace holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.funnel import funnel
from ringroad.report.funnel import funnel_picture


@command()
@click.option(
    "--funnel",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Count what is raw, useful, labelled and used instead, and draw it: FILE.png or .svg.",
)
def status(door: Door, picture: Path | None) -> None:
    """Count recordings, artifacts by kind, names, and rows not indexed yet."""
    if picture is not None:
        _funnel(door, picture)
        return
    with opened(door) as workspace:
        catalog = workspace.catalog
        names = dict(catalog.names())
        kinds = Counter(item.kind for item in catalog.artifacts())
        behind = {table: len(catalog.unindexed(table)) for table in catalog.batch_tables()}
        value = {
            "workspace": str(workspace.folder),
            "recordings": len(catalog.recordings()),
            "refused": len(catalog.refusals()),
            "artifacts": dict(kinds),
            "aliases": names,
            "batches_not_indexed": behind,
        }
    lines = [
        f"workspace   {value['workspace']}",
        f"recordings  {value['recordings']}, refused {value['refused']}",
        *(f"{kind:11} {count}" for kind, count in sorted(kinds.items())),
        *(f"{name} -> {target}" for name, target in sorted(names.items())),
        *(f"{table}: {count} batches not indexed yet" for table, count in behind.items() if count),
    ]
    door.give(value, "\n".join(lines))


def _funnel(door: Door, picture: Path) -> None:
    with opened(door) as workspace:
        stages = funnel(workspace)
    counts = [(stage.name, stage.frames, stage.size_bytes) for stage in stages]
    data = funnel_picture(counts, format=picture.suffix.removeprefix(".").lower())
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(data)
    lines = [
        f"{name:9} {frames:>12,} frames  {size / 1e9:12.3f} GB" for name, frames, size in counts
    ]
    value = {"funnel": [asdict(stage) for stage in stages], "picture": str(picture)}
    door.give(value, "\n".join([*lines, f"drawn in  {picture}"]))
