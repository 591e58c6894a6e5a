"""`ringroad workflows`: executions of steps."""

from __future__ import annotations

from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.opening import opened
from ringroad.domain.time import SECOND_NS, to_iso


@click.group()
def workflows() -> None:
    """What has run."""


@command(workflows, name="list")
@click.option("--step", default="", help="Of one step only.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
def list_(door: Door, step: str, limit: int) -> None:
    """Executions, newest first."""
    with opened(door) as workspace:
        found = workspace.catalog.executions(step, limit=limit)
    value: list[dict[str, Any]] = [
        {
            "id": item.id,
            "step": item.key.step,
            "seed": item.key.seed,
            "started": to_iso(item.started_ns),
            "seconds": (item.ended_ns - item.started_ns) / SECOND_NS,
            "outputs": dict(item.outputs),
        }
        for item in found
    ]
    lines = [
        f"{row['started'][:19]}  {row['seconds']:8.2f} s  {row['step']:20} "
        + ", ".join(target[:24] for target in row["outputs"].values())
        for row in value
    ]
    door.give(value, "\n".join(lines) or "nothing has run yet")
