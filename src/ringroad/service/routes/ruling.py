"""Tokens, sessions of browsers and the audit chain: for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from ringroad.domain.errors import UnknownName
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.roles import SCOPES
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.workspace import (
    AuditPage,
    AuditVerified,
    CreateToken,
    SessionItem,
    SessionsEnded,
    TokenMade,
)
from ringroad.service.settings import DAY_NS
from ringroad.service.state import Here
from ringroad.service.tokens import Token

router = router_of("access")


@router.get("/tokens")
def list_tokens(here: Here, response: Response, asked: Paging) -> PageOf[Token]:
    """Tokens of people and programs; never their secrets."""

    def make() -> Pinned:
        found = here.access.tokens.all()
        return pinned_of(found, key=lambda item: f"{item.id} {item.revoked_ns} {item.used_ns}")

    return PageOf[Token](
        **fields(page(here, {"list": "tokens"}, asked, make)),
        cli=say_cli(response, command("tokens", "list")),
    )


@router.post("/tokens", status_code=201)
def create_token(here: Here, response: Response, body: CreateToken) -> TokenMade:
    """Make a token; its secret is told this once, and kept as a hash alone."""
    token, secret = here.access.tokens.create(
        body.who,
        body.role,
        expires_ns=here.workspace.clock.now_ns() + round(body.days * DAY_NS),
        scopes=body.scopes or SCOPES,
    )
    scopes = [word for scope in body.scopes or () for word in ("--scope", scope)]
    cli = command(
        "tokens", "create", body.who, "--role", body.role, *scopes, "--days", f"{body.days:g}"
    )
    response.headers["location"] = "/api/v1/tokens"
    return TokenMade(token=token, secret=secret, cli=say_cli(response, cli))


@router.delete("/tokens/{id}")
def revoke_token(here: Here, response: Response, id: Annotated[str, Path(max_length=100)]) -> Token:
    """Take a token back, and the browsers that its owner is signed in with, at once."""
    say_cli(response, command("tokens", "revoke", id))
    return here.access.tokens.revoke(id)


@router.get("/sessions")
def list_sessions(here: Here, who: Who, response: Response, asked: Paging) -> PageOf[SessionItem]:
    """Browsers that are signed in now: whose, since and until when, how, when they asked last."""

    def make() -> Pinned:
        found = here.access.tokens.sessions()
        items = [_session(item, who.token) for item in found]
        return pinned_of(items, key=lambda item: f"{item.id} {item.used_ns} {item.own}")

    return PageOf[SessionItem](
        **fields(page(here, {"list": "sessions", "of": who.token}, asked, make)),
        cli=say_cli(response, command("sessions", "list")),
    )


@router.delete("/sessions/{id}")
def end_session(
    here: Here, who: Who, response: Response, id: Annotated[str, Path(max_length=100)]
) -> SessionItem:
    """Sign a browser out, at once. Whoever still may sign in can do so again."""
    say_cli(response, command("sessions", "end", id))
    return _session(here.access.tokens.end_session(id), who.token)


@router.post("/sessions/{name:path}:end")
def end_sessions(
    here: Here, response: Response, name: Annotated[str, Path(max_length=200)]
) -> SessionsEnded:
    """Sign all browsers of one person out, at once; their tokens stay."""
    ended = here.access.tokens.end_sessions(who=name)
    if not ended:
        raise UnknownName(
            "no browser is signed in under this name",
            subject=name,
            remedy="see who is: ringroad sessions list",
        )
    cli = say_cli(response, command("sessions", "end", "--who", name))
    return SessionsEnded(who=name, ended=ended, cli=cli)


@router.get("/audit")
def list_audit(here: Here, response: Response, asked: Paging) -> AuditPage:
    """What was written and refused, oldest first."""

    def make() -> Pinned:
        count, head = here.audit.end()
        return Pinned(
            version=head,
            count=count,
            take=lambda start, most: here.audit.entries(
                after=start, limit=max(0, min(most, count - start))
            ),
        )

    return AuditPage(
        **fields(page(here, {"list": "audit"}, asked, make)),
        cli=say_cli(response, command("audit", "list")),
    )


@router.get("/audit/verification")
def verify_audit(here: Here, response: Response) -> AuditVerified:
    """Follow the chain from its start; a chain that is broken is a problem that names the place."""
    found = here.audit.verify()
    return AuditVerified(
        entries=found.entries, head=found.head, cli=say_cli(response, command("audit", "verify"))
    )


def _session(item: Token, own: str) -> SessionItem:
    return SessionItem(
        id=item.id,
        who=item.who,
        role=item.role,
        how=item.how,
        created_ns=item.created_ns,
        expires_ns=item.expires_ns,
        used_ns=item.used_ns,
        own=item.id == own,
    )
