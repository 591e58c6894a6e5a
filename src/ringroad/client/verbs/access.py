"""Verbs of access. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Sequence

from ringroad.client.shapes.access import (
    AuditPage,
    AuditVerified,
    PageOfSessionItem,
    PageOfToken,
    SessionItem,
    SessionsEnded,
    Token,
    TokenMade,
)
from ringroad.client.wire import Wire


class Access(Wire):
    """Verbs of access."""

    def list_audit(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> AuditPage:
        """What was written and refused, oldest first."""
        found: AuditPage = self._json(
            "GET", "/audit", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def verify_audit(self) -> AuditVerified:
        """Follow the chain from its start; a chain that is broken is a problem that names the place."""
        found: AuditVerified = self._json("GET", "/audit/verification")
        return found

    def list_sessions(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfSessionItem:
        """Browsers that are signed in now: whose, since and until when, how, when they asked last."""
        found: PageOfSessionItem = self._json(
            "GET", "/sessions", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def end_session(self, id: str) -> SessionItem:
        """Sign a browser out, at once. Whoever still may sign in can do so again."""
        found: SessionItem = self._json("DELETE", "/sessions/{id}", path={"id": id})
        return found

    def end_sessions(self, name: str, *, idempotency_key: str | None = None) -> SessionsEnded:
        """Sign all browsers of one person out, at once; their tokens stay."""
        found: SessionsEnded = self._json(
            "POST",
            "/sessions/{name}:end",
            path={"name": name},
            header={"Idempotency-Key": idempotency_key},
        )
        return found

    def list_tokens(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfToken:
        """Tokens of people and programs; never their secrets."""
        found: PageOfToken = self._json(
            "GET", "/tokens", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def create_token(
        self,
        *,
        who: str,
        role: str,
        idempotency_key: str | None = None,
        scopes: Sequence[str] | None = None,
        days: float | None = None,
    ) -> TokenMade:
        """Make a token; its secret is told this once, and kept as a hash alone."""
        found: TokenMade = self._json(
            "POST",
            "/tokens",
            header={"Idempotency-Key": idempotency_key},
            body={"who": who, "role": role, "scopes": scopes, "days": days},
        )
        return found

    def revoke_token(self, id: str) -> Token:
        """Take a token back, and the browsers that its owner is signed in with, at once."""
        found: Token = self._json("DELETE", "/tokens/{id}", path={"id": id})
        return found
