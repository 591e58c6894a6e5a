"""`ringroad labels gold`: answers that a person declared right; honeypots are made of them."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.ids import FrameId
from ringroad.pipelines.label import desk


@click.group()
def gold() -> None:
    """Answers that a person declared right. No program promotes any."""


@command(gold, name="list")
def list_(door: Door) -> None:
    """Frames with a gold answer, and who stands behind it."""
    with opened(door) as workspace:
        found = workspace.catalog.gold()
    lines = [f"{item.frame}  {item.by}  {item.reason}".rstrip() for item in found.values()]
    value = {"gold": [asdict(item) for item in found.values()]}
    door.give(value, "\n".join(lines) or "no gold answers")


@command(gold)
@click.argument("frame")
@click.option("--by", required=True, help="The person who has looked and is sure.")
@click.option("--revision", type=click.IntRange(1), help="Which; the current one without.")
@click.option("--reason", default="", help="Why.")
def promote(door: Door, frame: str, by: str, revision: int | None, reason: str) -> None:
    """Declare the annotations of FRAME right."""
    with opened(door) as workspace:
        found = desk.promote(workspace, FrameId(frame), by=by, reason=reason, revision=revision)
    door.give(asdict(found), f"{frame}: gold, says {by}")


@command(gold)
@click.argument("frame")
@click.option("--by", required=True, help="Who takes it back.")
@click.option("--reason", default="", help="Why.")
def withdraw(door: Door, frame: str, by: str, reason: str) -> None:
    """Take back that the annotations of FRAME are right."""
    with opened(door) as workspace:
        desk.withdraw(workspace, FrameId(frame), by=by, reason=reason)
    door.give({"frame": frame, "withdrawn": True}, f"{frame}: no longer gold, says {by}")
