"""`ringroad init`: make an empty workspace."""

from __future__ import annotations

from ringroad.app import create_workspace
from ringroad.cli.doors import Door, command


@command()
def init(door: Door) -> None:
    """Make an empty workspace; nothing happens where there is one already."""
    made = create_workspace(door.workspace)
    text = "made" if made else "was there already"
    door.give({"workspace": str(door.workspace), "made": made}, f"{door.workspace}: {text}")
