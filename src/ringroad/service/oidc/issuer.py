"""What an issuer is asked: where its endpoints are, its keys, a token for a code.

Nothing else is asked, redirects are not followed, and no proxy of the environment is used.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ringroad.service.oidc.settings import Oidc, check_endpoint, client_secret
from ringroad.service.problems import Declined

DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT_S, MOST_BYTES = 10.0, 1 << 20
KEPT_S, SOONEST_S = 3600.0, 30.0
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Issuer:
    """One issuer, whose document and keys are kept for an hour. Safe to call from threads."""

    def __init__(self, oidc: Oidc) -> None:
        self.oidc = oidc
        self._turn = threading.Lock()
        self._document: dict[str, str] = {}
        self._keys: list[dict[str, Any]] = []
        self._read_at = float("-inf")

    def endpoint(self, name: str) -> str:
        """Where something is. Raises Declined where the issuer does not say so."""
        with self._turn:
            if time.monotonic() - self._read_at > KEPT_S:
                self._read()
            return self._document[name]

    def key(self, kid: str | None) -> dict[str, Any]:
        """The public key of a token; keys are read again where it is a new one. Raises Declined."""
        with self._turn:
            since = time.monotonic() - self._read_at
            if since > KEPT_S or (since > SOONEST_S and not self._named(kid)):
                self._read()
            found = self._named(kid)
        if len(found) != 1:
            raise _refused("the token is signed with a key that the issuer does not publish")
        return found[0]

    def token(self, code: str, verifier: str) -> str:
        """The identity token for a code. Raises Declined."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.oidc.back,
            "client_id": self.oidc.client_id,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret := client_secret():
            pair = f"{quote(self.oidc.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        answer = asked(self.endpoint("token_endpoint"), headers=headers, form=form)
        found = answer.get("id_token")
        if not isinstance(found, str):
            raise _refused("the issuer gave no identity token for the code")
        return found

    def _named(self, kid: str | None) -> list[dict[str, Any]]:
        use = [key for key in self._keys if key.get("use", "sig") == "sig"]
        return [key for key in use if kid is None or key.get("kid") == kid]

    def _read(self) -> None:
        issuer = self.oidc.issuer
        document = asked(issuer.rstrip("/") + DISCOVERY)
        if document.get("issuer") != issuer:
            raise _refused("the issuer's document is of another issuer")
        self._document = {
            name: check_endpoint(self.oidc, name, document.get(name)) for name in ENDPOINTS
        }
        keys = asked(self._document["jwks_uri"]).get("keys")
        self._keys = (
            [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
        )
        self._read_at = time.monotonic()


def asked(
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """JSON from an address. Raises Declined for anything but a small object with status 200."""
    parts = urlsplit(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connect(parts.scheme, parts.hostname or "", parts.port)
    try:
        connection.request(
            "GET" if form is None else "POST",
            target,
            body=None if form is None else urlencode(form),
            headers={"Accept": "application/json", **(headers or {})},
        )
        answer = connection.getresponse()
        data = answer.read(MOST_BYTES + 1)
        found = json.loads(data) if answer.status == 200 and len(data) <= MOST_BYTES else None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _refused(f"the issuer does not answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if not isinstance(found, dict):
        raise _refused(f"the issuer refuses with status {answer.status}")
    return found


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)


def _refused(what: str) -> Declined:
    return Declined("not-signed-in", what, remedy="sign in again; an admin finds why in the log")
