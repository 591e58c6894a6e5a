"""`ringroad labels revisions | revert | log`: what was said of frames, by whom, and when."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.ids import FrameId
from ringroad.domain.revision import Revision
from ringroad.domain.time import to_iso
from ringroad.label.answers import marks_to
from ringroad.pipelines.label import revisions as history


@command()
@click.argument("frame")
@click.option("--show", "number", type=click.IntRange(1), help="The annotations of this one.")
def revisions(door: Door, frame: str, number: int | None) -> None:
    """All revisions of FRAME, oldest first; with --show, what one of them holds."""
    at = FrameId(frame)
    with opened(door) as workspace:
        if number is not None:
            one = history.revision(workspace, at, number)
            marks = marks_to(history.revision_marks(workspace, at, number))
            lines = [_line(one), *(f"  {item['category']}  {item['box']}" for item in marks)]
            door.give({**asdict(one), "annotations": marks}, "\n".join(lines))
            return
        found = history.revisions(workspace, at)
    value = {"frame": frame, "revisions": [asdict(item) for item in found]}
    door.give(value, "\n".join(map(_line, found)) or "nobody annotated it yet")


@command()
@click.argument("frame")
@click.option("--to", "number", type=click.IntRange(1), required=True, help="The revision.")
@click.option("--by", required=True, help="Who wants it.")
@click.option("--reason", default="", help="Why.")
@click.option("--revision", type=click.IntRange(1), help="Refuse where another is current.")
def revert(door: Door, frame: str, number: int, by: str, reason: str, revision: int | None) -> None:
    """Make earlier annotations of FRAME current again, as a new revision."""
    with opened(door) as workspace:
        made = history.revert(
            workspace, FrameId(frame), number, by=by, reason=reason, expected=revision
        )
    door.give(asdict(made), _line(made))


@command()
@click.option("--order", "name", default="", help="Of this order; of all without.")
@click.option("--task", default="", help="Of this task.")
@click.option("--after", type=int, default=-1, help="Lines behind this position.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
def log(door: Door, name: str, task: str, after: int, limit: int) -> None:
    """Every move of every task, lot and order, oldest first."""
    with opened(door) as workspace:
        order = workspace.catalog.order(name).id if name else ""
        one = workspace.catalog.task(task).id if task else ""
        found = workspace.catalog.label_log(order=order, task=one, after=after, limit=limit)
    lines = [
        f"{item.position}  {to_iso(item.at_ns)[:19]}Z  {item.event:10} {item.actor or '-'}  "
        f"{item.task[:12]}"
        for item in found
    ]
    door.give({"log": [asdict(item) for item in found]}, "\n".join(lines) or "nothing happened")


def _line(item: Revision) -> str:
    who = f"{item.author or 'somebody'} ({item.source or 'unknown source'})"
    why = f"  {item.reason}" if item.reason else ""
    return f"revision {item.number}  {to_iso(item.made_ns)[:19]}Z  {who}{why}"
