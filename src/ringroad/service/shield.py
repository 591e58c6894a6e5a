"""Around every request: its id, whom it was sent to, from which page, how large; safe headers."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringroad.service import problems
from ringroad.service.problems import Declined
from ringroad.service.settings import ServiceSettings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""Nothing leaves: no other origin is named."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_LENGTHS = frozenset({"content-length", "transfer-encoding"})
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Shield:
    """ASGI middleware. `told` gets scope, status and seconds of each request."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServiceSettings,
        refused: Callable[[Request, Declined], Any],
        told: Callable[[Scope, int, float], None],
    ) -> None:
        self.app = app
        self.settings = settings
        self.refused = refused
        self.told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it before anything reads it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        request = Request(scope, receive)
        request.state.id = _request_id(request.headers)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _harden(MutableHeaders(scope=message), scope, request.state.id)
            await send(message)

        try:
            check(request, self.settings)
            await self.app(scope, _bounded(receive, self.settings), answer)
        except Declined as error:
            if status:
                raise
            await self.refused(request, error)
            response = problems.respond(error, request_id=request.state.id, instance=_path(scope))
            response.headers["connection"] = "close"  # what is left of it is no next request
            await response(scope, receive, answer)
        finally:
            self.told(scope, status, time.perf_counter() - begun)


def check(request: Request, settings: ServiceSettings) -> None:
    """Host, origin and announced size. Raises Declined."""
    hosts = request.headers.getlist("host")
    if len(hosts) != 1 or bare_host(hosts[0]) not in settings.hosts:
        raise Declined(
            "unknown-host",
            "the name that was asked for is not this server's",
            subject=", ".join(hosts)[:100],
            remedy="use the address it printed, or start it with --name NAME",
        )
    if request.method not in SAFE:
        _check_origin(request.headers, hosts[0])
    if len(_LENGTHS.intersection(request.headers)) > 1:
        raise Declined(
            "bad-request",
            "the body says in two ways how long it is",
            remedy="send Content-Length or Transfer-Encoding",
        )
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > settings.body_bytes:
        raise _too_large(settings.body_bytes)


def bare_host(host: str) -> str:
    """A `Host` without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower().rstrip(".")


def _check_origin(headers: Headers, host: str) -> None:
    """A browser says which page sent a write; programs say nothing, and have no cookie."""
    site = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin")
    same = origin is None or origin.partition("://")[2].lower() == host.lower()
    if site not in {"same-origin", "none"} or not same:
        raise Declined(
            "other-origin",
            "a page of another origin sent this",
            subject=(origin or site)[:100],
            remedy="send it from the application's own pages, or from a program with a token",
        )


def _bounded(receive: Receive, settings: ServiceSettings) -> Receive:
    """Stop reading a body that is larger than it may be, or slower, whatever it announced."""
    held, whole = 0, False
    until = time.monotonic() + settings.body_s

    async def bounded() -> Message:
        nonlocal held, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await receive()
        except TimeoutError as error:
            raise _too_slow(settings.body_s) from error
        held += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if held > settings.body_bytes:
            raise _too_large(settings.body_bytes)
        return message

    return bounded


def _too_slow(seconds: float) -> Declined:
    return Declined(
        "too-slow",
        f"the body did not come within {seconds:g} s",
        remedy="send less at once",
    )


def _too_large(most: int) -> Declined:
    return Declined(
        "too-large",
        f"the body has more than {most:,} bytes, or does not say how many",
        remedy="send it in parts; recordings are taken in on the server: ringroad ingest PATH",
    )


def _harden(headers: MutableHeaders, scope: Scope, request_id: str) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers["x-request-id"] = request_id
    if _path(scope).startswith("/api/"):
        headers.setdefault("cache-control", "no-store")


def _request_id(headers: Headers) -> str:
    """The client's own where it is a plain word."""
    given = headers.get("x-request-id", "")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def _path(scope: Scope) -> str:
    return str(scope.get("path", ""))
