"""Identity tokens: signed by the issuer, for us, now, for this sign-in; else not believed."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any

from ringroad.plugins import Table
from ringroad.service.problems import Declined

LEEWAY_S = 60
MOST_CHARACTERS = 20_000
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384")
"""Every issuer has the first; a secret that both sides share (HS256) signs nothing here."""
SIGNATURES = Table(
    "signatures", {"jwk": "ringroad.service.oidc.signature:verified"}, extras={"jwk": "sso"}
)


def claims_of(
    token: str,
    *,
    key_of: Callable[[str | None], Mapping[str, Any]],
    issuer: str,
    client_id: str,
    nonce: str,
    now_s: float,
) -> dict[str, Any]:
    """What an identity token says, once all of it was checked. Raises Declined."""
    head, claims, signed, signature = _parts(token)
    algorithm = head.get("alg")
    if algorithm not in ALGORITHMS or "crit" in head:
        raise _no(f"it is signed by {str(algorithm)[:20]}, and {', '.join(ALGORITHMS)} are read")
    kid = head.get("kid")
    key = key_of(kid if isinstance(kid, str) else None)
    verified = SIGNATURES.load("jwk")
    if key.get("alg", algorithm) != algorithm or not verified(key, algorithm, signed, signature):
        raise _no("its signature is not the issuer's")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != issuer:
        raise _no("it is of another issuer")
    if client_id not in audiences or claims.get("azp", client_id) != client_id:
        raise _no("it is for another client")
    if len(audiences) > 1 and "azp" not in claims:
        raise _no("it is for several clients and does not say for which")
    if not _number(claims.get("exp")) > now_s - LEEWAY_S:
        raise _no("it is over")
    if not abs(now_s - _number(claims.get("iat"))) < 600 + LEEWAY_S:
        raise _no("it was not made now")
    if _number(claims.get("nbf", 0)) > now_s + LEEWAY_S:
        raise _no("it is not good yet")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise _no("it is of another sign-in")
    return claims


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MOST_CHARACTERS or not token.isascii():
        raise _no("it is no signed token")
    try:
        head, claims = (json.loads(_bytes(part)) for part in parts[:2])
        signature = _bytes(parts[2])
    except ValueError as error:
        raise _no("it cannot be read") from error
    if not isinstance(head, dict) or not isinstance(claims, dict):
        raise _no("it cannot be read")
    return head, claims, f"{parts[0]}.{parts[1]}".encode(), signature


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(value: object) -> float:
    """A number; what is none was never and is never over."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if good else float("nan")  # type: ignore[arg-type]


def _no(why: str) -> Declined:
    return Declined(
        "not-signed-in",
        f"the issuer's token is refused: {why}",
        remedy="sign in again; an admin compares [oidc] with the issuer",
    )
