"""`ringroad campaigns`: what vehicles record on, tried on past recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.curate.scope import scope_of
from ringroad.pipelines.recordings.campaigning import (
    read_campaign,
    read_truth,
    replay_over,
    replayed,
    replays,
    together,
)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def campaigns() -> None:
    """Collection campaigns: declared triggers, tried on what was recorded before."""


@command(campaigns, name="list")
def list_(door: Door) -> None:
    """Campaigns that were replayed here, by priority."""
    with opened(door) as workspace:
        found = replays(workspace)
    lines = [
        f"{name}  priority {told['priority']}  keeps {told['kept_gb_per_hour']:.3f} of "
        f"{told['recorded_gb_per_hour']:.3f} GB/h ({told['share']:.1%})"
        for name, told in found.items()
    ]
    nothing = "no campaigns; try one: ringroad campaigns replay CAMPAIGN.toml"
    door.give(found, "\n".join(lines) or nothing)


@command(campaigns)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """The declaration of one campaign, and what its last replay told."""
    with opened(door) as workspace:
        told = replayed(workspace, name)
    door.give(told, "\n".join([told["declared"].rstrip(), "", *_lines(told)]))


@command(campaigns)
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--on", "where", default="all", help="A recording, a selection, or all.")
@click.option("--truth", type=FILE, help="CSV of the events that [[wanted]] looks for.")
def replay(door: Door, files: tuple[Path, ...], where: str, truth: Path | None) -> None:
    """Run the triggers of each of FILES over past recordings.

    The same code decides here and on a vehicle. What no frame was decoded for and no network
    looked at, triggers do not see.
    """
    declared = [read_campaign(path) for path in files]
    wanted = read_truth(truth) if truth is not None else None
    with opened(door) as workspace:
        taken = scope_of(workspace, where).taken
        told = [
            workspace.json(replay_over(workspace, item, taken, truth=wanted)) for item in declared
        ]
    shared = together(told) if len(told) > 1 else []
    lines = [line for item in told for line in _lines(item)]
    lines += [_shared_line(row) for row in shared]
    door.give({"replays": told, "together": shared}, "\n".join(lines))


def _lines(told: dict[str, Any]) -> list[str]:
    fired = ", ".join(f"{name} {count}" for name, count in told["firings"].items())
    rate = f"{told['kept_gb_per_hour']:.4f} of {told['recorded_gb_per_hour']:.4f} GB/h"
    share = f"{told['share']:.2%}"
    lines = [
        f"{told['campaign']}: {len(told['captures'])} captures of {told['vehicles']} vehicles",
        f"  keeps     {told['kept_s']:.1f} of {told['recorded_s']:.1f} s, {rate}",
        f"  1 TB/h    becomes {told['of_a_car_of_1000_gb_per_hour']:.1f} GB/h, {share}",
        f"  firings   {fired}",
    ]
    for row in told["recall"]:
        names = ", ".join(row["events"])
        found = f"{row['kept'] / row['wanted']:.1%}" if row["wanted"] else "not evaluated, none"
        lines.append(f"  recall    {names}: {row['kept']} of {row['wanted']} kept whole ({found})")
    if not told["recall"]:
        lines.append("  recall    not evaluated: the campaign declares no [[wanted]]")
    for name, share in told["quota_use"].items():
        lines.append(f"  quota     {name}: {share:.1%} used by the vehicle that used most")
    if told["refused"]:
        lines.append(f"  refused   {told['refused']} firings, for the quota was used up")
    return lines


def _shared_line(row: dict[str, Any]) -> str:
    head = f"{row['campaign']}, priority {row['priority']}: {row['kept_s']:.1f} s"
    return f"{head}, of which {row['added_s']:.1f} s no campaign before it keeps"
