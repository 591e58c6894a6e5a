"""Serves an application on a socket until somebody ends it, and ends cleanly."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from ringroad.domain.errors import UsageError
from ringroad.service.settings import ServiceSettings

WAITING = 1024
GRACE_S = 3
"""How long requests that are under way may take once the server is asked to end."""


class Server(uvicorn.Server):
    """Ends at the first signal, and leaves it to the caller to clean up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn, which would then die of the signal before anything is given back."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(settings: ServiceSettings) -> socket.socket:
    """Take the address; port 0 takes any that is free. Raises UsageError where it cannot be had."""
    bare = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    # The protocol is named so that asyncio sends small answers at once (TCP_NODELAY).
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((bare, settings.port))
        taken.listen(WAITING)
    except OSError as error:
        taken.close()
        raise UsageError(
            f"the address cannot be had: {error.strerror}",
            subject=f"{settings.host}:{settings.port}",
            remedy="name another with --port, or --port 0 for any that is free",
        ) from error
    return taken


def authority(taken: socket.socket, settings: ServiceSettings) -> str:
    """Host and port as an address has them."""
    bare = settings.host.strip("[]")
    host = f"[{bare}]" if ":" in bare else bare
    return f"{host}:{taken.getsockname()[1]}"


class Heads(H11Protocol):
    """Closes a connection that never ends the head of its request: it holds a file open."""

    most_s = 20.0
    unreadable: Callable[[str], None]
    since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self.bell = self.loop.call_later(self.most_s, self.ring)

    def data_received(self, data: bytes) -> None:
        """Count from the first byte of a head until it is whole."""
        if self.since is None and not self.under_way():
            self.since = self.loop.time()
        super().data_received(data)
        if self.under_way():
            self.since = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self.bell.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused before there is a request, and noted all the same."""
        self.loop.run_in_executor(None, self.unreadable, self.client[0] if self.client else "")
        super().send_400_response(msg)

    def under_way(self) -> bool:
        """Whether a request was read that is not answered yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def ring(self) -> None:
        """Look again and again, which costs less than a bell for every request."""
        if self.since is not None and self.loop.time() - self.since >= self.most_s:
            self.transport.close()
            return
        self.bell = self.loop.call_later(self.most_s / 2, self.ring)


def server_of(
    app: FastAPI, settings: ServiceSettings, *, unreadable: Callable[[str], None] = lambda _: None
) -> Server:
    """A server of an application; `run(sockets=[...])` serves until SIGINT or SIGTERM.

    `unreadable` is called for bytes that are no request.
    """
    held = {"most_s": settings.head_s, "unreadable": staticmethod(unreadable)}
    heads = type("Heads", (Heads,), held)
    config = uvicorn.Config(
        app,
        http=heads,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=64 << 10,
    )
    return Server(config)
