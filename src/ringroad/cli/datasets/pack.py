"""`ringroad datasets pack`: a version as a folder that the loader reads."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from ringroad.cli.datasets.telling import SPLITS_HELP, splits_named
from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.dataset import TRAIN, VAL
from ringroad.domain.errors import UsageError
from ringroad.pipelines.datasets.pack_version import FORMS, PackOptions, pack_version
from ringroad.pipelines.finding import dataset_of


@command()
@click.argument("name")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--width", type=click.IntRange(16), help="Of the pictures; as recorded by default.")
@click.option("--height", type=click.IntRange(16), help="Of the pictures; give both or none.")
@click.option("--proxy", type=click.Choice(["none", "half"]), default="none", show_default=True,
              help="Store every picture at half size too.")  # fmt: skip
@click.option("--form", type=click.Choice(FORMS), default=FORMS[0], show_default=True,
              help="video: H.264 in groups of ten frames.")  # fmt: skip
@click.option("--quality", type=click.IntRange(1, 100), default=95, show_default=True,
              help="Of JPEG.")  # fmt: skip
@click.option("--splits", default=f"{TRAIN},{VAL}", show_default=True,
              help=SPLITS_HELP)  # fmt: skip
def pack(
    door: Door,
    name: str,
    folder: Path,
    width: int | None,
    height: int | None,
    proxy: str,
    form: str,
    quality: int,
    splits: str,
) -> None:
    """Pack a version into FOLDER, new or empty, for the loader."""
    if (width is None) != (height is None):
        raise click.UsageError("give both --width and --height, or none")
    chosen = splits_named(splits)
    if form != FORMS[0] and (proxy != "none" or (width or 2) % 2 or (height or 2) % 2):
        raise UsageError(
            "video has even sides and no half-size proxies",
            remedy="leave --proxy out (half size is made of the decoded frame), or use --form jpeg",
        )
    options = PackOptions(
        size=(width, height) if width is not None and height is not None else None,
        half=proxy == "half",
        form=form,
        quality=quality,
        splits=chosen,
    )
    with opened(door) as workspace:
        artifact = dataset_of(workspace, name)
        made = pack_version(workspace, artifact, folder, options)
    door.give(
        {"folder": str(folder), "dataset": artifact.id, **asdict(made)},
        f"{made.frames} frames of {made.size[0]}x{made.size[1]}, {made.bytes / 1e6:.1f} MB in "
        f"{folder}\n  pack {made.digest[:16]}",
    )
