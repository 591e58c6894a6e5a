"""`ringroad tracks`: things over time, from a tracker or from annotations."""

from __future__ import annotations

from pathlib import Path

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.scenarios import TRACKS, import_tracks
from ringroad.pipelines.finding import table_of


@click.group()
def tracks() -> None:
    """Tracks of things around the vehicle."""


@command(tracks, name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--recording", default="", help="Whose they are, where the file does not say.")
def import_(door: Door, file: Path, recording: str) -> None:
    """Take in tracks from FILE: .parquet, .feather, .arrow, .csv, or annotations of Argoverse 2.

    Columns: recording_id, track_id, category, time_ns, x_m and y_m (ahead and to the left of the
    rear axle); vx_mps and vy_mps over ground, heading_rad, length_m, width_m and visible where
    they are known. Tracks that a recording had are replaced.
    """
    with opened(door) as workspace:
        counts = import_tracks(workspace, file, recording=recording)
    lines = [f"{name}  {count:,} rows" for name, count in counts.items()]
    door.give({"recordings": counts}, "\n".join(lines))


@command(tracks, name="list")
def list_(door: Door) -> None:
    """Recordings that have tracks."""
    with opened(door) as workspace:
        found = {
            name.removeprefix(f"{TRACKS}:"): table_of(workspace, workspace.catalog.artifact(at))
            for name, at in workspace.catalog.names(f"{TRACKS}:").items()
        }
    value = {
        name: {"rows": rows.num_rows, "tracks": len(rows["track_id"].unique())}
        for name, rows in found.items()
    }
    lines = [f"{name}  {row['tracks']} tracks, {row['rows']:,} rows" for name, row in value.items()]
    door.give(value, "\n".join(lines) or "no tracks; take some in: ringroad tracks import FILE")
