"""A browser goes to the issuer and comes back: each way once, by the browser that began it."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from ringroad.protocols.clock import Clock
from ringroad.service.oidc.id_token import SIGNATURES, claims_of
from ringroad.service.oidc.issuer import Issuer
from ringroad.service.oidc.settings import Oidc
from ringroad.service.problems import Declined
from ringroad.service.roles import ROLES

GOOD_S, MOST = 600.0, 1000
HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in that is under way."""

    browser: str
    """What the cookie of the browser that began it holds."""
    nonce: str
    verifier: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who signed in at the issuer."""

    who: str
    role: str
    until_ns: int


class SignIn:
    """Sign-ins at one issuer. Safe to call from threads. Raises MissingExtra when it is made."""

    def __init__(self, oidc: Oidc, clock: Clock) -> None:
        SIGNATURES.load("jwk")  # where its package is missing, the server says so as it starts
        self.oidc = oidc
        self._clock = clock
        self._issuer = Issuer(oidc)
        self._begun: OrderedDict[str, Begun] = OrderedDict()
        self._turn = threading.Lock()

    def begin(self) -> tuple[str, str]:
        """Where to send a browser, and what its cookie is to hold. Raises Declined."""
        state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        at = self._issuer.endpoint("authorization_endpoint")
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code", "client_id": self.oidc.client_id, "scope": self.oidc.scope,
            "redirect_uri": self.oidc.back, "state": state, "nonce": nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        with self._turn:
            self._begun[state] = Begun(
                browser=browser, nonce=nonce, verifier=verifier, at_s=time.monotonic()
            )
            while len(self._begun) > MOST:
                self._begun.popitem(last=False)
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}", browser

    def finish(self, answer: Mapping[str, str], browser: str) -> Person:
        """Who came back with what the issuer answered. Raises Declined."""
        with self._turn:
            begun = self._begun.pop(answer.get("state", ""), None)
        if begun is None or time.monotonic() - begun.at_s > GOOD_S:
            raise _again("this sign-in was not begun here, was used, or took too long")
        if not hmac.compare_digest(begun.browser.encode(), browser.encode()):
            raise _again("another browser began this sign-in")
        if answer.get("iss", self.oidc.issuer) != self.oidc.issuer:
            raise _again("another issuer answered")
        if "error" in answer or not answer.get("code"):
            raise _again(f"the issuer refuses: {answer.get('error', 'no code')[:100]}")
        token = self._issuer.token(answer["code"], begun.verifier)
        now_ns = self._clock.now_ns()
        claims = claims_of(
            token, key_of=self._issuer.key, issuer=self.oidc.issuer,
            client_id=self.oidc.client_id, nonce=begun.nonce, now_s=now_ns / 1e9,
        )  # fmt: skip
        return Person(
            who=who_of(claims, self.oidc),
            role=role_of(claims, self.oidc),
            until_ns=now_ns + round(self.oidc.hours * HOUR_NS),
        )


def who_of(claims: Mapping[str, Any], oidc: Oidc) -> str:
    """What somebody is called. Raises Declined where the issuer does not say, or is not sure."""
    found = claims.get(oidc.who)
    if not isinstance(found, str) or not found.strip() or not found.isprintable():
        raise _again(f"the issuer's token has no {oidc.who}")
    if oidc.who == "email" and claims.get("email_verified") is False:
        raise _again("the issuer has not verified the address")
    return found.strip()[:200]


def role_of(claims: Mapping[str, Any], oidc: Oidc) -> str:
    """The highest role that the claim gives. Raises Declined where it gives none."""
    value: Any = claims
    for part in oidc.claim.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    given = [oidc.roles[one] for one in values if isinstance(one, str) and one in oidc.roles]
    if not given:
        raise Declined(
            "not-allowed",
            f"nothing in {oidc.claim} gives a role here",
            subject=str(claims.get(oidc.who, ""))[:100],
            remedy="ask an admin to add you to a group that [oidc.roles] names",
        )
    return max(given, key=ROLES.index)


def _again(what: str) -> Declined:
    return Declined("not-signed-in", what, remedy="sign in again")
