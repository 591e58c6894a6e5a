"""`ringroad tokens`: who may use the service of a workspace, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.domain.errors import WorkspaceError
from ringroad.domain.time import to_iso
from ringroad.plugins import CLOCKS
from ringroad.protocols.clock import Clock
from ringroad.service.roles import ROLES, SCOPES
from ringroad.service.settings import DAY_NS
from ringroad.service.store import Store
from ringroad.service.tokens import Tokens


@click.group()
def tokens() -> None:
    """Tokens of people and programs; secrets are kept as hashes alone."""


@contextmanager
def store_of(door: Door) -> Iterator[Store]:
    """What the service of a workspace remembers. Raises WorkspaceError where there is none."""
    if not (door.workspace / "ringroad.json").exists():
        raise WorkspaceError(
            "no workspace here", subject=str(door.workspace), remedy="ringroad init --workspace DIR"
        )
    store = Store(door.workspace, serving=False)
    try:
        yield store
    finally:
        store.close()


def clock_of() -> Clock:
    """The clock that tokens and the chain are dated by."""
    clock: Clock = CLOCKS.load("system")()
    return clock


@command(tokens)
@click.argument("who")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="All without.")
@click.option("--days", type=click.FloatRange(0, 3650, min_open=True), default=90.0)
def create(door: Door, who: str, role: str, scopes: tuple[str, ...], days: float) -> None:
    """Make a token for WHO. Its secret is printed this once."""
    with store_of(door) as store:
        clock = clock_of()
        token, secret = Tokens(store, clock).create(
            who, role, expires_ns=clock.now_ns() + round(days * DAY_NS), scopes=scopes or SCOPES
        )
    door.give(
        {"token": asdict(token), "secret": secret},
        f"{secret}\n  {token.id}: {who}, {role}, until {to_iso(token.expires_ns)[:10]}; "
        "it is not shown again",
    )


@command(tokens, name="list")
def list_(door: Door) -> None:
    """All tokens by when they were made."""
    with store_of(door) as store:
        found = Tokens(store, clock_of()).all()
    lines = [
        f"{item.id}  {item.who:20} {item.role:9} until {to_iso(item.expires_ns)[:10]}"
        + (f", used {to_iso(item.used_ns)[:19]}" if item.used_ns else ", never used")
        + (", TAKEN BACK" if item.revoked_ns else "")
        for item in found
    ]
    door.give({"tokens": [asdict(item) for item in found]}, "\n".join(lines) or "no tokens")


@command(tokens)
@click.argument("id")
def revoke(door: Door, id: str) -> None:
    """Take a token back, at once, and the browsers that its owner is signed in with."""
    with store_of(door) as store:
        found = Tokens(store, clock_of()).revoke(id)
    door.give({"token": asdict(found)}, f"{found.id} of {found.who} opens nothing any more")
