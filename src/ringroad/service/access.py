"""Lets people, programs and browsers in. Who may do what stands in `roles.py`."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from ringroad.domain.errors import UsageError
from ringroad.protocols.clock import Clock
from ringroad.service.oidc.flow import Person, SignIn
from ringroad.service.problems import Declined
from ringroad.service.roles import ADMIN, LABELLER, OPERATIONS, allows, withheld
from ringroad.service.settings import DAY_NS, ServiceSettings
from ringroad.service.tokens import (
    BROWSER,
    BY_ADDRESS,
    BY_ISSUER,
    BY_TOKEN,
    PREFIX,
    SERVER,
    Token,
    Tokens,
)

COOKIE = "ringroad_session"
LOCAL = "local"
"""Who sits at this machine: whoever can read the terminal that `ringroad serve` runs in."""
_TEN_YEARS_NS = 3650 * DAY_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks."""

    who: str
    role: str
    scopes: tuple[str, ...]
    token: str
    """Id of the token, never its secret."""
    browser: bool
    """Whether a cookie said so: then the request's origin counts."""


class Access:
    """The door of one server."""

    def __init__(self, tokens: Tokens, settings: ServiceSettings, clock: Clock) -> None:
        """Raises UsageError where others could reach it and nobody could sign in."""
        self.tokens = tokens
        self._settings = settings
        self._clock = clock
        self._codes: set[str] = set()
        self._turn = threading.Lock()
        self.sign_in = SignIn(settings.oidc, clock) if settings.oidc else None
        if not (settings.local or settings.oidc or tokens.alive()):
            raise UsageError(
                "others can reach this address, and nobody has a token to sign in with",
                subject=settings.host,
                remedy="make one first: ringroad tokens create NAME --role admin; or --oidc FILE",
            )
        tokens.end_of_server()
        if settings.oidc is None:  # nobody vouches for them any more
            tokens.end_sessions(how=BY_ISSUER)

    def code(self) -> str:
        """A word for the address that is printed: it opens one browser, once.

        Raises:
            UsageError: others can reach the address.
        """
        if not self._settings.local:
            raise UsageError("printed words open loopback addresses alone")
        made = secrets.token_urlsafe(32)
        with self._turn:
            self._codes.add(made)
        return made

    def server_token(self) -> str:
        """A secret for programs on this machine, until the server ends."""
        now_ns = self._clock.now_ns()
        _, secret = self.tokens.create(LOCAL, ADMIN, expires_ns=now_ns + _TEN_YEARS_NS, kind=SERVER)
        return secret

    def enter(self, given: str) -> tuple[Token, str]:
        """A browser signs in with the printed word or a token: what its cookie holds.

        Raises:
            Declined: the word was used before, or the token opens nothing.
        """
        if given.startswith(PREFIX):
            token = self.tokens.find(given)
            if token is not None and token.kind != BROWSER:
                return self._session(
                    token.who, token.role, token.scopes, token.expires_ns, BY_TOKEN
                )
        elif self._taken(given):
            return self._session(LOCAL, ADMIN, None, None, BY_ADDRESS)
        raise Declined(
            "not-signed-in",
            "the word or token opens nothing: it is unknown, over, or was used before",
            remedy="use the newest address that `ringroad serve` printed, or another token",
        )

    def welcome(self, person: Person) -> tuple[Token, str]:
        """A session for whoever signed in at the issuer.

        Where the issuer gives another role than before, sessions with the old one end.
        """
        self.tokens.end_sessions(who=person.who, how=BY_ISSUER, but_role=person.role)
        return self._session(person.who, person.role, None, person.until_ns, BY_ISSUER)

    def admit(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Principal:
        """Who asks, by `Authorization: Bearer` or by cookie. Raises Declined for nobody."""
        given = headers.get("authorization", "")
        scheme, _, secret = given.partition(" ")
        browser = not given
        token = None
        if browser:
            token = self.tokens.find(cookies.get(COOKIE, ""))
        elif scheme.lower() == "bearer":
            token = self.tokens.find(secret.strip())
        if token is None or browser != (token.kind == BROWSER):
            raise Declined(
                "not-signed-in",
                "the token opens nothing: it is unknown, over, or was taken back"
                if given or cookies.get(COOKIE)
                else "no token was given",
                remedy="open the address that `ringroad serve` printed, or send "
                "`Authorization: Bearer TOKEN`",
            )
        return Principal(
            who=token.who, role=token.role, scopes=token.scopes, token=token.id, browser=browser
        )

    def still(self, who: Principal) -> bool:
        """Whether the token by which somebody came in opens anything now."""
        return self.tokens.good(who.token)

    def leave(self, cookies: Mapping[str, str]) -> str:
        """A browser signs out: its cookie opens nothing any more. Whose it was; else empty."""
        token = self.tokens.find(cookies.get(COOKIE, ""))
        if token is None or token.kind != BROWSER:
            return ""
        self.tokens.revoke_one(token.id)
        return token.who

    def _session(
        self,
        who: str,
        role: str,
        scopes: tuple[str, ...] | None,
        until_ns: int | None,
        how: str,
    ) -> tuple[Token, str]:
        end_ns = self._clock.now_ns() + self._settings.session_ns
        end_ns = end_ns if until_ns is None else min(end_ns, until_ns)
        options = {} if scopes is None else {"scopes": scopes}
        return self.tokens.create(who, role, expires_ns=end_ns, kind=BROWSER, how=how, **options)

    def _taken(self, given: str) -> bool:
        """Whether the word is one of ours; it is none afterwards. Compared in constant time."""
        with self._turn:
            found = [code for code in self._codes if hmac.compare_digest(code, given)]
            self._codes.difference_update(found)
        return bool(found)


def authorise(who: Principal, operation: str) -> None:
    """Let through what the table allows. Raises Declined for all else."""
    if allows(who.role, who.scopes, operation):
        return
    rule = OPERATIONS.get(operation)
    if withheld(who.role, operation) and rule is not None and rule.scope in who.scopes:
        raise Declined(
            "not-allowed",
            f"{operation} tells of answers or of what was chosen, and role {LABELLER} looks blind",
            subject=who.who,
            remedy="ask a reviewer; docs/service.md says why: Who draws looks blind",
        )
    wanted = f"role {rule.role} and scope {rule.scope}" if rule else "a rule, and there is none"
    raise Declined(
        "not-allowed",
        f"{operation} takes {wanted}; the token has role {who.role}, "
        f"scopes {', '.join(who.scopes)}",
        subject=who.who,
        remedy="ask an admin for a token that may: ringroad tokens create",
    )
