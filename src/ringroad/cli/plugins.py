"""`ringroad plugins`: exchangeable parts by name."""

from __future__ import annotations

from typing import Any

import click

from ringroad.cli.doors import Door, command
from ringroad.plugins import ALL, LABEL_FORMATS, LAYOUTS, READERS


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


@command(plugins)
def formats(door: Door) -> None:
    """Annotation formats: what each can hold, and what it was checked against."""
    from ringroad.label.formats.known import ALIASES, format_of  # costs more than the other lists

    found: dict[str, dict[str, Any]] = {}
    for name in LABEL_FORMATS.names():
        item = format_of(name)
        held = item.holds.shapes.items()
        found[name] = {
            "title": item.title,
            "aliases": sorted(alias for alias, to in ALIASES.items() if to == name),
            "reads": item.read is not None,
            "writes": item.writer is not None,
            "shapes": {shape: becomes or "as it is" for shape, becomes in held},
            "fields": sorted(item.holds.fields),
            "verified": item.verified,
        }
    lines = []
    for name, row in found.items():
        ways = [way for way in ("reads", "writes") if row[way]]
        shapes = [shape for shape, becomes in row["shapes"].items() if becomes == "as it is"]
        lines.append(f"{name:13} {' and '.join(ways)}; holds {', '.join(shapes) or 'nothing'}")
        lines.append(f"{'':13} checked against: {row['verified'] or 'UNVERIFIED'}")
    door.give(found, "\n".join(lines))
