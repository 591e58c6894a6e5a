"""Serves an application on a socket until somebody ends it, and ends cleanly."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

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


def server_of(app: FastAPI) -> Server:
    """A server of an application; `run(sockets=[...])` serves until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=64 << 10,
    )
    return Server(config)
