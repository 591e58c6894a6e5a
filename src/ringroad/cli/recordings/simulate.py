"""`ringroad simulate`: write synthetic recordings."""

from __future__ import annotations

from pathlib import Path

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.recordings.fleet import fleet, simulate_fleet


@click.group()
def simulate() -> None:
    """Synthetic recordings for tests, demos and rare scenes."""


@command(simulate)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--day", type=click.IntRange(0), default=2, show_default=True)
@click.option("--dusk", type=click.IntRange(0), default=1, show_default=True)
@click.option("--night", type=click.IntRange(0), default=1, show_default=True)
@click.option("--duration-s", type=click.FloatRange(0.5), default=8.0, show_default=True)
@click.option("--rate-hz", type=click.FloatRange(1, 30), default=5.0, show_default=True)
def recordings(
    door: Door, folder: Path, day: int, dusk: int, night: int, duration_s: float, rate_hz: float
) -> None:
    """Write MCAP recordings of a synthetic fleet into FOLDER. Equal seeds give equal bytes.

    They open in Foxglove. Their truth stays in the workspace, where only simulated annotators
    and scoring read it.
    """
    counts = {"day": day, "dusk": dusk, "night": night}
    specs = fleet(door.seed, counts=counts, duration_s=duration_s, rate_hz=rate_hz)
    with opened(door, create=True) as workspace:
        truth = simulate_fleet(workspace, specs, folder)
    names = [f"{spec.name}.mcap" for spec in specs]
    door.give(
        {"folder": str(folder), "files": names, "truth": {k: v.id for k, v in truth.items()}},
        f"{len(names)} synthetic recordings in {folder}; take them in: ringroad ingest {folder}",
    )
