"""`ringroad coverage`: what frames cover of the operational domain, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.covering import campaign_text, cover, read_odd

MOST = 12


@command()
@click.argument("what", default="all")
@click.option("--odd", type=click.Path(path_type=Path), help="ODD.toml; a default one without.")
@click.option("--against", default="", help="A reference: all, a selection, a dataset version.")
@click.option("--in", "space", default="", help="Embeddings to compare by; layout-64 without.")
@click.option("--campaign", type=click.Path(path_type=Path), help="Write what to record here.")
def coverage(
    door: Door, what: str, odd: Path | None, against: str, space: str, campaign: Path | None
) -> None:
    """Cells of the domain that WHAT covers: `all`, a selection or a dataset version.

    Recordings are what is counted with: frames of one recording resemble each other. A cell is
    covered by three recordings that have alike many frames of it.
    """
    domain = read_odd(odd)
    with opened(door) as workspace:
        told = cover(workspace, what, odd=domain, against=against, space=space, seed=door.seed)
    text, untold = campaign_text(told, campaign.stem if campaign else "coverage")
    lines = _lines(told)
    if campaign is not None:
        if text:
            campaign.write_text(text, encoding="utf-8")
            lines.append(f"wrote {campaign}; try it: ringroad campaigns replay {campaign}")
        else:
            lines.append("no campaign was written: no trigger asks for what is missing")
        lines += [f"  no trigger asks for {cell}" for cell in untold]
    del told["road_cells"]
    door.give(told | {"campaign": text, "no_trigger_for": untold}, "\n".join(lines))


def _lines(told: dict[str, Any]) -> list[str]:
    head = (
        f"{told['what']}: {told['frames']:,} frames of {told['recordings']} recordings cover "
        f"{told['single']['covered']} of {told['single']['of']} cells and "
        f"{told['pairs']['covered']} of {told['pairs']['of']} pairs"
    )
    lines = [head]
    lines += [
        f"  {name} is not known of {share:.0%} of the frames"
        for name, share in told["unknown"].items()
        if share > 0
    ]
    for row in told["cells"]:
        if ", " not in row["cell"]:
            span = "" if row["low"] is None else f" ({row['low']:.1%} to {row['high']:.1%})"
            lines.append(
                f"  {row['cell']:24} {row['share']:6.1%}{span:22} {row['frames']:>9,} frames, "
                f"{row['effective_recordings']:6.1f} effective recordings"
            )
    if told["gaps"]:
        lines.append("thin, most missing first:")
        lines += [_gap(row) for row in told["gaps"][:MOST]]
        if len(told["gaps"]) > MOST:
            lines.append(f"  and {len(told['gaps']) - MOST} more; --json tells all")
    for row in told.get("holes", []):
        lines.append(
            f"lacking against {told['against']}: {row['cell']}, {row['share']:.1%} against "
            f"{row['reference']:.1%} (p {row['p']:.4f}) {' '.join(row['examples'])}"
        )
    if told.get("holes") == []:
        lines.append(f"nothing is lacking against {told['against']} beyond chance")
    return lines


def _gap(row: dict[str, Any]) -> str:
    hours = "" if row["missing_hours"] is None else f", {row['missing_hours']:.2f} h"
    return (
        f"  {row['cell']:44} {row['share']:6.1%} of {row['wanted']:.1%} wanted; missing "
        f"{row['missing_frames']:,} frames{hours}, {row['missing_recordings']} recordings"
    )
