"""`ringroad sessions`: browsers that are signed in to the service of a workspace."""

from __future__ import annotations

from dataclasses import asdict

import click

from ringroad.cli.doors import Door, command
from ringroad.cli.service.tokens import clock_of, store_of
from ringroad.domain.time import to_iso
from ringroad.service.tokens import Token, Tokens


@click.group()
def sessions() -> None:
    """Browsers that are signed in; programs have tokens."""


@command(sessions, name="list")
def list_(door: Door) -> None:
    """Who is signed in, since and until when, and how."""
    with store_of(door) as store:
        found = Tokens(store, clock_of()).sessions()
    lines = [_line(item) for item in found]
    door.give({"sessions": [asdict(item) for item in found]}, "\n".join(lines) or "nobody")


@command(sessions)
@click.argument("id", required=False)
@click.option("--who", default="", help="All of one person.")
def end(door: Door, id: str | None, who: str) -> None:
    """Sign a browser out, at once; or with --who all of a person. Tokens stay."""
    if bool(id) == bool(who):
        raise click.UsageError("name the ID of one session, or a person: --who NAME")
    with store_of(door) as store:
        tokens = Tokens(store, clock_of())
        if id:
            who, ended = tokens.end_session(id).who, 1
        else:
            ended = tokens.end_sessions(who=who)
    door.give({"who": who, "ended": ended}, f"{ended} of {who} signed out")


def _line(item: Token) -> str:
    used = f", asked {to_iso(item.used_ns)[:16]}" if item.used_ns else ""
    return (
        f"{item.id}  {item.who:20} {item.role:9} since {to_iso(item.created_ns)[:16]} "
        f"until {to_iso(item.expires_ns)[:16]}, by {item.how or 'something older'}{used}"
    )
