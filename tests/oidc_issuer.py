"""A small OpenID Connect issuer: discovery, keys, codes with PKCE, tokens signed by RSA.

It is ours; the protocol that it speaks is not. `bend` changes what it does wrong.
"""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

CLIENT, SECRET = "ringroad", "a secret: of the client"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
EXPONENT = 65537


@dataclass(frozen=True)
class Key:
    """An RSA key."""

    kid: str
    n: int
    d: int

    def public(self) -> dict[str, Any]:
        size = (self.n.bit_length() + 7) // 8
        numbers = {"n": text_of(self.n.to_bytes(size)), "e": text_of(EXPONENT.to_bytes(3))}
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, **numbers}

    def sign(self, head: dict[str, Any], claims: dict[str, Any]) -> str:
        """A token by RFC 7515 and RFC 8017, 8.2.1."""
        signed = ".".join(text_of(json.dumps(part).encode()) for part in (head, claims))
        end = DIGEST_INFO + sha256(signed.encode()).digest()
        size = (self.n.bit_length() + 7) // 8
        block = b"\0\1" + b"\xff" * (size - len(end) - 3) + b"\0" + end
        return f"{signed}.{text_of(pow(int.from_bytes(block), self.d, self.n).to_bytes(size))}"


@cache
def key(kid: str, bits: int = 2048) -> Key:
    """Made of chance that is the same every time: it signs for tests alone."""
    chance = random.Random(f"{kid} {bits}")
    p, q = (prime(chance, bits // 2) for _ in range(2))
    return Key(kid=kid, n=p * q, d=pow(EXPONENT, -1, (p - 1) * (q - 1)))


def prime(chance: random.Random, bits: int) -> int:
    while True:
        number = chance.getrandbits(bits) | (3 << (bits - 2)) | 1
        small = all(number % part for part in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43))
        if small and number % EXPONENT != 1 and all(passes(number, chance) for _ in range(12)):
            return number


def passes(number: int, chance: random.Random) -> bool:
    """One round of Miller and Rabin."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    value = pow(chance.randrange(2, number - 1), odd, number)
    if value in {1, number - 1}:
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Issuer:
    """What the issuer says, and what it was asked."""

    address: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    head: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=lambda: [key("one")])
    signs: Key = field(default_factory=lambda: key("one"))
    token: str | None = None
    """Instead of one that is made."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        } | self.document

    def authorise(self, query: dict[str, str]) -> str:
        """Somebody agrees at once: where to send the browser back to."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """A code is good once, for who began it, with the word behind its challenge."""
        asked = self.codes.pop(form.get("code", ""), None)
        name, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if asked is None or (unquote(name), unquote(secret)) != (CLIENT, SECRET):
            return None
        challenge = text_of(sha256(form["code_verifier"].encode()).digest())
        same = form["redirect_uri"] == asked["redirect_uri"]
        if not same or challenge != asked["code_challenge"] or form["client_id"] != CLIENT:
            return None
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"]} | self.claims  # fmt: skip
        head = {"alg": "RS256", "kid": self.signs.kid} | self.head
        return {"token_type": "Bearer", "id_token": self.token or self.signs.sign(head, claims)}


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer on loopback, in a thread."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            issuer.asked.append(parts.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/.well-known/openid-configuration":
                self.give(issuer.discovery())
            elif parts.path == "/keys":
                self.give({"keys": [one.public() for one in issuer.keys]})
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorise(query))
                self.end_headers()
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            found = issuer.exchange(form, self.headers.get("Authorization", ""))
            if found is None:
                self.give({"error": "invalid_grant"}, 400)
            else:
                self.give(found)

        def give(self, value: Any, status: int = 200) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
