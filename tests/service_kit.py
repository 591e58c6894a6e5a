"""A service on a workspace, with a real server in a thread; and somebody who may do everything."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from ringroad.app import Settings, open_workspace
from ringroad.backends.clock_system import SystemClock
from ringroad.pipelines.workspace import Workspace
from ringroad.service.build import application, open_service
from ringroad.service.operations import OVER, Told
from ringroad.service.roles import SCOPES
from ringroad.service.serving import authority, listen, server_of
from ringroad.service.settings import DAY_NS, ServiceSettings
from ringroad.service.state import Service
from ringroad.service.store import Store
from ringroad.service.tokens import Tokens
from ringroad.workflow.bench import SilentTracker
from ringroad.workflow.runner import StepEvent

API = "/api/v1"


@dataclass(frozen=True)
class Served:
    """A service, and somebody who may do everything."""

    service: Service
    client: httpx.Client
    folder: Path

    @property
    def host(self) -> str:
        return self.service.authority[0]

    @property
    def stranger(self) -> httpx.Client:
        """A client without a token."""
        return httpx.Client(base_url=f"http://{self.host}", trust_env=False)

    def token(self, role: str = "admin", *, scopes: tuple[str, ...] = SCOPES, who: str = "") -> str:
        now_ns = self.service.workspace.clock.now_ns()
        _, secret = self.service.access.tokens.create(
            who or role, role, expires_ns=now_ns + DAY_NS, scopes=scopes
        )
        return secret

    def ask(self, method: str, path: str, *, token: str = "", **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        return self.client.request(method, API + path, headers=headers, **options)

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self.client.get(API + path, params=parameters or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def done(self, answer: httpx.Response) -> dict[str, Any]:
        """Wait for an operation."""
        assert answer.status_code == 202, answer.text
        at = answer.json()["operation"]["id"]
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.service.operations.get(at).state in OVER:
                found: dict[str, Any] = self.get(f"/operations/{at}")["operation"]
                return found
            time.sleep(0.01)
        raise AssertionError("the operation does not end")


def silent(what: object) -> None:
    """Nobody listens."""


def open_here(
    folder: Path,
    *,
    listener: Callable[[StepEvent], None] = silent,
    say: Callable[[str], None] = silent,
) -> Workspace:
    return open_workspace(
        Settings(folder=folder), tracker=SilentTracker(), listener=listener, say=say, create=False
    )


def open_worker_of(folder: Path) -> Any:
    def open_worker(told: Told) -> Workspace:
        return open_workspace(
            Settings(folder=folder), tracker=told, listener=told.step, say=told.say, create=False
        )

    return open_worker


def copied(source: Path, target: Path) -> None:
    """A workspace of one's own; blobs never change, so they are the same files."""
    shutil.copytree(source, target, ignore=lambda *_: {"blobs"})
    shutil.copytree(source / "blobs", target / "blobs", copy_function=os.link)


def open_token(folder: Path, role: str) -> str:
    """A token as the command line makes it, before anybody serves."""
    store = Store(folder, serving=False)
    try:
        clock = SystemClock()
        _, secret = Tokens(store, clock).create(role, role, expires_ns=clock.now_ns() + DAY_NS)
    finally:
        store.close()
    return secret


def serve(folder: Path, settings: ServiceSettings | None = None) -> Iterator[Served]:
    """Serve until the test is over."""
    settings = settings or ServiceSettings(port=0)
    with ExitStack() as closing:
        workspace = open_here(folder)
        closing.callback(workspace.close)
        service = open_service(workspace, settings, open_worker=open_worker_of(folder), say=silent)
        closing.callback(service.close)
        taken = closing.enter_context(listen(settings))
        service.authority[0] = authority(taken, settings)
        server = server_of(application(service), settings, unreadable=service.unreadable)
        thread = threading.Thread(target=lambda: server.run(sockets=[taken]))
        thread.start()
        closing.callback(thread.join)
        closing.callback(setattr, server, "should_exit", True)
        client = httpx.Client(base_url=f"http://{service.authority[0]}", trust_env=False)
        closing.enter_context(client)
        if settings.local:
            client.headers["authorization"] = f"Bearer {service.access.server_token()}"
        yield Served(service=service, client=client, folder=folder)
