"""`ringroad audit`: what was written and refused through the service, and whether it is whole."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.service.tokens import clock_of, store_of
from ringroad.domain.time import to_iso
from ringroad.service.audit import Audit, Entry


@click.group()
def audit() -> None:
    """The chain of what was written and refused."""


@command(audit, name="list")
@click.option("--after", type=click.IntRange(0), default=0, help="Entries behind this number.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
def list_(door: Door, after: int, limit: int) -> None:
    """Entries in order."""
    with store_of(door) as store:
        found = Audit(store, clock_of()).entries(after=after, limit=limit)
    lines = [
        f"{item.number:6}  {to_iso(item.at_ns)[:19]}  {item.status}  "
        f"{item.who or item.peer or '-':16} {item.operation}  {item.subject}{_more(item)}"
        for item in found
    ]
    door.give({"entries": [asdict(item) for item in found]}, "\n".join(lines) or "nothing yet")


def _more(item: Entry) -> str:
    """Its code, and for how many requests it stands."""
    times = f"  {item.count:,} times" if item.count > 1 else ""
    return (f"  ({item.code})" if item.code else "") + times


@command(audit)
def verify(door: Door) -> None:
    """Follow the chain from its start; exit code 1 where it is broken, and where."""
    with store_of(door) as store:
        found = Audit(store, clock_of()).verify()
    door.give(
        {"entries": found.entries, "head": found.head},
        f"{found.entries} entries, whole; head {found.head}",
    )
