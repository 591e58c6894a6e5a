"""`ringroad plugins`: exchangeable parts by name."""

from __future__ import annotations

import click

from ringroad.cli.doors import Door, command
from ringroad.plugins import ALL, LAYOUTS, READERS


@click.group()
def plugins() -> None:
    """Exchangeable parts by name, built in and installed."""


@command(plugins, name="list")
def list_(door: Door) -> None:
    """All kinds of parts and the names in each."""
    found = {table.kind: table.names() for table in ALL}
    lines = [f"{kind:12} {', '.join(names)}" for kind, names in sorted(found.items())]
    door.give(found, "\n".join(lines))


@command(plugins)
def readers(door: Door) -> None:
    """Readers of recordings, and what each was checked against."""
    found = {
        name: getattr(table.load(name), "verified", "")
        for table in (READERS, LAYOUTS)
        for name in table.names()
    }
    lines = [f"{name:14} {verified or 'UNVERIFIED'}" for name, verified in sorted(found.items())]
    door.give(found, "\n".join(lines))
