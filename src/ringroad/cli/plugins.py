"""`ringroad plugins`: exchangeable parts by name."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.plugins import ALL


@click.group()
def plugins() -> None:
    """Exchangeable parts by name, built in and installed."""


@command(plugins, name="list")
def list_(door: Door) -> None:
    """All kinds of parts and the names in each."""
    found = {table.kind: table.names() for table in ALL}
    lines = [f"{kind:12} {', '.join(names)}" for kind, names in sorted(found.items())]
    door.give(found, "\n".join(lines))
