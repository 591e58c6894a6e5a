"""`ringroad arena`: strategies of mining against each other, at equal label cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import InputError
from ringroad.pipelines.arena.arena import KIND, run_arena
from ringroad.pipelines.arena.config import read_arena
from ringroad.pipelines.workspace import Workspace


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
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page with curves, tables and what each arm chose.",
)
def show(door: Door, name: str, html: Path | None) -> None:
    """The verdict of an arena that ran."""
    with opened(door) as workspace:
        artifact = workspace.find(name if ":" in name else f"{KIND}:{name}")
        told = workspace.json(artifact)
        if artifact.kind != KIND or "choices" not in told:
            raise InputError(
                "is no verdict of an arena, or one of an earlier version",
                subject=artifact.id,
                remedy="run the arena again: ringroad arena run ARENA.toml",
            )
        if html is not None:
            _write_page(workspace, artifact, html)
    lines = _lines(told)
    lines += [f"page: {html}"] if html is not None else []
    door.give(
        {"id": artifact.id, **told} | ({"html": str(html)} if html is not None else {}),
        "\n".join(lines),
    )


def _write_page(workspace: Workspace, artifact: Artifact, html: Path) -> None:
    """Plots are imported here: every other command would wait half a second for them."""
    from ringroad.pipelines.arena.page import page_of
    from ringroad.report.render import render

    html.write_bytes(render(page_of(workspace, artifact)))


def _lines(told: dict[str, Any]) -> list[str]:
    """One stage as a table, then the next."""
    synthetic = " (synthetic)" if told["synthetic"] else ""
    test = told["test"]
    head = (
        f"{told['name']}{synthetic}: {len(told['arms'])} arms x {len(told['seeds'])} seeds; "
        f"tested on about {test['frames']:.0f} frames in {test['units']:.0f} units "
        f"({told['unit']}); intervals over seeds, each with a split of its own"
    )
    lines = [head, *_table(told)]
    if told.get("full"):
        lines += ["", *_lines(told["full"])]
    return lines


def _table(told: dict[str, Any]) -> list[str]:
    rare = told["rare"]
    slice_ = rare["category"] + ("" if rare["condition"] == "all" else f" in {rare['condition']}")
    columns = ("boxes", "mean AP50", "share of labels", f"{slice_} AP50", "gain / manual gain")
    widths = (7, 24, 24, 24, 24)
    lines = [f"{'arm':18} {_row(columns, widths)} p"]
    order = sorted(told["arms"], key=lambda arm: -told["arms"][arm]["mean"]["area"]["value"])
    for arm in order:
        mean, scarce = told["arms"][arm]["mean"], told["arms"][arm]["rare"]
        against = scarce.get("against_rule")
        cells = (
            f"{told['arms'][arm]['boxes']:.0f}",
            _value(mean["curve"][-1]),
            _share(mean["share_to_reach"]),
            _value(scarce["curve"][-1]),
            _ratio(against["ratio_of_gains"]) if against else "",
        )
        p = f"{against['p']:.3f}" if against else ""
        lines.append(f"{arm:18} {_row(cells, widths)} {p}")
    whole = told["whole"]
    lines.append(
        f"all of the pool: {whole['boxes']:.0f} boxes, mean AP50 {_value(whole['mean'])}, "
        f"rare {_value(whole['rare'])}; share of labels: to {told['reach']:.0%} of its mean AP50"
    )
    return lines


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return " ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))


def _value(found: dict[str, Any]) -> str:
    if found["low"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"


def _share(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "not reached"
    high = "beyond" if found["high"] is None else f"{found['high']:.0%}"
    low = "" if found["low"] is None else f"{found['low']:.0%} to "
    return f"{found['value']:.0%} ({low}{high})"


def _ratio(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "not defined"
    return f"{found['value']:.1f} ({found['low']:.1f} to {found['high']:.1f})"
