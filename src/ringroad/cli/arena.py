"""`ringroad arena`: strategies of mining against each other, at equal label cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.pipelines.arena import KIND, run_arena
from ringroad.pipelines.arena_config import read_arena


@click.group()
def arena() -> None:
    """Strategies of mining, compared on recordings with truth."""


@command(arena)
@click.argument("file", metavar="ARENA.toml", type=click.Path(path_type=Path))
def run(door: Door, file: Path) -> None:
    """Let the strategies of an ARENA.toml compete: seeds x rounds, then the verdict.

    What ran before is not run again: another strategy costs what it alone needs.
    """
    config = read_arena(file)
    with opened(door, create=True) as workspace:
        contest = run_arena(workspace, config, folder=file.resolve().parent)
        told = workspace.json(contest.result)
    door.give({"id": contest.result.id, **told}, "\n".join(_lines(told)))


@command(arena)
@click.argument("name")
def show(door: Door, name: str) -> None:
    """The verdict of an arena that ran."""
    with opened(door) as workspace:
        artifact = workspace.find(name if ":" in name else f"{KIND}:{name}")
        told = workspace.json(artifact)
    door.give({"id": artifact.id, **told}, "\n".join(_lines(told)))


def _lines(told: dict[str, Any]) -> list[str]:
    rare = f"{told['rare']['category']} in {told['rare']['condition']}"
    test = told["test"]
    synthetic = " (synthetic)" if told["synthetic"] else ""
    head = (
        f"{told['name']}{synthetic}: {len(told['arms'])} arms x {len(told['seeds'])} seeds; "
        f"tested on {test['frames']} frames in {test['units']} units ({told['unit']}); "
        "intervals over seeds, each with a split of its own"
    )
    columns = ("mean AP50", "share of labels", f"{rare} AP50", "gain / manual gain")
    lines = [head, f"{'arm':18} " + " ".join(f"{name:24}" for name in columns) + " p"]
    order = sorted(told["arms"], key=lambda arm: -told["arms"][arm]["mean"]["area"]["value"])
    for arm in order:
        mean, scarce = told["arms"][arm]["mean"], told["arms"][arm]["rare"]
        share = mean["share_to_target"]
        against = scarce.get("against_rule")
        cells = [
            _value(mean["curve"][-1]),
            "not reached" if share is None else f"{share:.0%}",
            _value(scarce["curve"][-1]),
            _ratio(against["ratio_of_gains"]) if against else "",
        ]
        p = f"{against['p']:.3f}" if against else ""
        lines.append(f"{arm:18} " + " ".join(f"{cell:24}" for cell in cells) + f" {p}")
    whole = told["arms"][order[0]]
    lines.append(
        f"all of the pool: mean AP50 {whole['mean']['pool']:.3f}, "
        f"rare {whole['rare']['pool']:.3f}; share of labels: to {told['reach']:.0%} of it"
    )
    return lines


def _value(found: dict[str, Any]) -> str:
    if found["low"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"


def _ratio(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "not defined"
    return f"{found['value']:.1f} ({found['low']:.1f} to {found['high']:.1f})"
