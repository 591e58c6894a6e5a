"""Secrets of people, programs and browsers: made, stored hashed, looked up, taken back."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from ringroad.domain.errors import UnknownName, UsageError
from ringroad.protocols.clock import Clock
from ringroad.service.roles import ROLES, SCOPES
from ringroad.service.store import Store

PREFIX = "rr_"
SECRET_BYTES = 32
PROGRAM, BROWSER, SERVER = "token", "session", "server"
"""Kinds: of a person or program; what a cookie holds; of the server that printed it."""
BY_ADDRESS, BY_TOKEN, BY_ISSUER = "printed address", "token", "single sign-on"
"""How the browser of a session signed in."""
USED_EVERY_NS = 60_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a secret; never the secret."""

    id: str
    who: str
    role: str
    scopes: tuple[str, ...]
    kind: str
    created_ns: int
    expires_ns: int
    used_ns: int | None = None
    revoked_ns: int | None = None
    how: str = ""
    """Of a session, how its browser signed in; empty for sessions older than this was kept."""


class Tokens:
    """All secrets of one workspace."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        who: str,
        role: str,
        *,
        expires_ns: int,
        scopes: Iterable[str] = SCOPES,
        kind: str = PROGRAM,
        how: str = "",
    ) -> tuple[Token, str]:
        """Make a token; its secret is told this once.

        Args:
            who: whose it is, as the audit chain names them.
            role: one of `ROLES`.
            expires_ns: from when on it opens nothing.
            scopes: which of the things that the role may do.
            kind: what it is for.
            how: a browser signed in, for a session.

        Raises:
            UsageError: an unknown role or scope, no name, or an end that has passed.
        """
        now_ns, wanted = self._clock.now_ns(), tuple(sorted(set(scopes)))
        if role not in ROLES or not wanted or not set(wanted) <= set(SCOPES):
            raise UsageError(
                "no such role or scope",
                subject=f"{role}, {', '.join(wanted)}",
                remedy=f"roles: {', '.join(ROLES)}; scopes: {', '.join(SCOPES)}",
            )
        if not who.strip() or not who.isprintable():
            raise UsageError("a token is somebody's", remedy="say whose it is")
        if expires_ns <= now_ns:
            raise UsageError("would be over before it begins", subject=who)
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        token = Token(
            id=secrets.token_hex(8),
            who=who.strip(),
            role=role,
            scopes=wanted,
            kind=kind,
            created_ns=now_ns,
            expires_ns=expires_ns,
            how=how,
        )
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)",
                (token.id, hashed(secret), token.who, role, " ".join(wanted), kind, now_ns,
                 expires_ns, how),
            )  # fmt: skip
        return token, secret

    def find(self, secret: str) -> Token | None:
        """Whose secret it is; None where it is unknown, over or taken back."""
        if not secret.startswith(PREFIX) or len(secret) > 100:
            return None
        digest = hashed(secret)
        with self._store.reading() as db:
            row = db.execute("SELECT * FROM token WHERE hash = ?", (digest,)).fetchone()
        if row is None or not hmac.compare_digest(row["hash"], digest):
            return None
        token = _token_of(row)
        now_ns = self._clock.now_ns()
        if token.revoked_ns is not None or token.expires_ns <= now_ns:
            return None
        if token.used_ns is None or now_ns - token.used_ns > USED_EVERY_NS:
            with self._store.writing(durable=False) as db:
                db.execute("UPDATE token SET used_ns = ? WHERE id = ?", (now_ns, token.id))
        return token

    def good(self, id: str) -> bool:
        """Whether a token is neither over nor taken back."""
        with self._store.reading() as db:
            row = db.execute("SELECT * FROM token WHERE id = ?", (id,)).fetchone()
        if row is None or row["revoked_ns"] is not None:
            return False
        return bool(row["expires_ns"] > self._clock.now_ns())

    def all(self, *, kind: str = PROGRAM) -> list[Token]:
        """Tokens by when they were made."""
        with self._store.reading() as db:
            asked = "SELECT * FROM token WHERE kind = ? ORDER BY created_ns, id"
            return [_token_of(row) for row in db.execute(asked, (kind,))]

    def alive(self) -> bool:
        """Whether anybody's token opens anything now."""
        now_ns = self._clock.now_ns()
        return any(item.revoked_ns is None and item.expires_ns > now_ns for item in self.all())

    def revoke(self, id: str) -> Token:
        """Take a token back, and the browsers that signed in with it. Raises UnknownName."""
        with self._store.writing() as db:
            row = db.execute("SELECT * FROM token WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise UnknownName(
                    "no token has this id", subject=id, remedy="see them: ringroad tokens list"
                )
            now_ns = self._clock.now_ns()
            db.execute(
                "UPDATE token SET revoked_ns = ? WHERE revoked_ns IS NULL"
                " AND (id = ? OR kind = ? AND who = ?)",
                (now_ns, id, BROWSER, row["who"]),
            )
            row = db.execute("SELECT * FROM token WHERE id = ?", (id,)).fetchone()
        return _token_of(row)

    def sessions(self, *, who: str = "") -> list[Token]:
        """Browsers that are signed in now, of one person or of all, by when they signed in."""
        found = self.all(kind=BROWSER)
        now_ns = self._clock.now_ns()
        good = [item for item in found if item.revoked_ns is None and item.expires_ns > now_ns]
        return [item for item in good if who in {"", item.who}]

    def end_session(self, id: str) -> Token:
        """Sign a browser out, at once. Raises UnknownName where no session is called so."""
        found = next((item for item in self.sessions() if item.id == id), None)
        if found is None:
            raise UnknownName(
                "no browser is signed in under this id",
                subject=id,
                remedy="see them: ringroad sessions list",
            )
        self.revoke_one(id)
        return found

    def end_sessions(self, *, who: str = "", how: str = "", but_role: str = "") -> int:
        """Sign browsers out: of one person or of all, signed in in one way or in any.

        Those with `but_role` stay. Returns how many were signed out.
        """
        ended = [
            item
            for item in self.sessions(who=who)
            if how in {"", item.how} and item.role != but_role
        ]
        for item in ended:
            self.revoke_one(item.id)
        return len(ended)

    def revoke_one(self, id: str) -> None:
        """Take one back, whatever its kind; nothing happens where it is gone already."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE token SET revoked_ns = ? WHERE id = ? AND revoked_ns IS NULL",
                (self._clock.now_ns(), id),
            )

    def end_of_server(self) -> None:
        """Take back what the last server of this workspace printed."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE token SET revoked_ns = ? WHERE kind = ? AND revoked_ns IS NULL",
                (self._clock.now_ns(), SERVER),
            )


def hashed(secret: str) -> str:
    """What is stored: 256 random bits need no salt and no slow hash."""
    return sha256(secret.encode()).hexdigest()


def _token_of(row: sqlite3.Row) -> Token:
    return Token(
        id=row["id"],
        who=row["who"],
        role=row["role"],
        scopes=tuple(row["scopes"].split()),
        kind=row["kind"],
        created_ns=row["created_ns"],
        expires_ns=row["expires_ns"],
        used_ns=row["used_ns"],
        revoked_ns=row["revoked_ns"],
        how=row["how"],
    )
