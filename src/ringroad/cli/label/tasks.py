"""`ringroad labels tasks | assign | prioritise | cancel`: the queue, for whoever leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.task import KINDS, STATES, LabelTask
from ringroad.pipelines.label import desk


@command()
@click.option("--state", type=click.Choice(STATES), default=None)
@click.option("--kind", type=click.Choice(KINDS), default=None)
@click.option("--order", "name", default="", help="Of this order; of all without.")
@click.option("--by", default="", help="Held by, assigned to, or answered by.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
def tasks(door: Door, state: str | None, kind: str | None, name: str, by: str, limit: int) -> None:
    """Labelling tasks: who looks at which frame."""
    with opened(door) as workspace:
        order = workspace.catalog.order(name).id if name else ""
        counts = workspace.catalog.task_counts(order=order)
        found = workspace.catalog.tasks(
            order=order, state=state or "", kind=kind or "", annotator=by, limit=limit
        )
    total = sum(item.tasks for item in counts)
    lines = [f"{item.tasks} {item.state} to {item.kind}" for item in counts]
    lines += [f"  {_line(item)}" for item in found]
    if len(found) == limit:
        lines.append("  perhaps more; see --limit")
    value = {
        "tasks": [asdict(item) for item in found],
        "counts": [asdict(item) for item in counts],
        "count": total,
    }
    door.give(value, "\n".join(lines) or "no labelling tasks")


@command()
@click.argument("task")
@click.option("--to", default="", help="Who alone may take it; anybody without.")
@click.option("--by", default="", help="Who says so.")
def assign(door: Door, task: str, to: str, by: str) -> None:
    """Give TASK to one person; whoever holds it loses it."""
    with opened(door) as workspace:
        found = desk.assign(workspace, task, to, by=by)
    _give(door, found, f"for {to or 'anybody'}")


@command()
@click.argument("task")
@click.argument("priority", type=float)
@click.option("--by", default="", help="Who says so.")
def prioritise(door: Door, task: str, priority: float, by: str) -> None:
    """Move TASK up or down the queue: higher goes first."""
    with opened(door) as workspace:
        found = desk.prioritise(workspace, task, priority, by=by)
    _give(door, found, f"priority {priority:g}")


@command()
@click.argument("task")
@click.option("--reason", required=True, help="Why.")
@click.option("--by", default="", help="Who says so.")
def cancel(door: Door, task: str, reason: str, by: str) -> None:
    """Want TASK no more; a frame that waited for it alone goes on."""
    with opened(door) as workspace:
        found = desk.cancel(workspace, task, by=by, reason=reason)
    _give(door, found, found.state)


def _give(door: Door, task: LabelTask, told: str) -> None:
    value: Mapping[str, Any] = asdict(task)
    door.give(value, f"{task.id[:12]} {task.frame}: {told}")


def _line(task: LabelTask) -> str:
    who = task.annotator or task.holder or task.assigned or "-"
    return f"{task.id[:12]}  {task.kind:10} {task.state:9} {who}  {task.frame}"
