"""Shapes of access. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict


class AuditPage(TypedDict):
    """The chain of what was written and refused."""

    cli: str
    items: Sequence[Entry]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class AuditVerified(TypedDict):
    """A chain that is whole."""

    cli: str
    entries: int
    head: str


class CreateToken(TypedDict):
    """A token for a person or a program."""

    who: str
    role: str
    scopes: NotRequired[Sequence[str] | None]
    days: NotRequired[float]


class Entry(TypedDict):
    """One link."""

    number: int
    at_ns: int
    who: str
    operation: str
    subject: str
    status: int
    code: str
    request_id: str
    before: str
    hash: str
    count: NotRequired[int]
    peer: NotRequired[str]


class PageOfSessionItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[SessionItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfToken(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[Token]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class SessionItem(TypedDict):
    """A browser that is signed in."""

    id: str
    who: str
    role: str
    how: str
    created_ns: int
    expires_ns: int
    used_ns: int | None
    own: bool


class SessionsEnded(TypedDict):
    """Browsers that were signed out."""

    cli: str
    who: str
    ended: int


class Token(TypedDict):
    """What is known of a secret; never the secret."""

    id: str
    who: str
    role: str
    scopes: Sequence[str]
    kind: str
    created_ns: int
    expires_ns: int
    used_ns: NotRequired[int | None]
    revoked_ns: NotRequired[int | None]
    how: NotRequired[str]


class TokenMade(TypedDict):
    """A new token; its secret is told this once."""

    cli: str
    token: Token
    secret: str
