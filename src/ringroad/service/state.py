"""All parts of one server, in one frozen bundle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from ringroad.domain.errors import UsageError
from ringroad.pipelines.evaluate.run_kpis import Scored
from ringroad.pipelines.workspace import Workspace
from ringroad.service.access import Access
from ringroad.service.audit import Audit
from ringroad.service.door import service_of
from ringroad.service.idempotency import Keys
from ringroad.service.metrics import Metrics
from ringroad.service.operations import Operations
from ringroad.service.pages import Lists
from ringroad.service.problems import Declined
from ringroad.service.promotions import Promotions
from ringroad.service.recent import Recent
from ringroad.service.refused import Refusal, Refusals
from ringroad.service.settings import ServiceSettings
from ringroad.service.store import Store
from ringroad.service.traces import Traces


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """One server on one workspace."""

    workspace: Workspace
    """For reads from any thread. Its runner has one user at a time: `found_only`, `writing`."""
    settings: ServiceSettings
    store: Store
    access: Access
    audit: Audit
    refusals: Refusals
    keys: Keys
    lists: Lists
    operations: Operations
    promotions: Promotions
    metrics: Metrics
    traces: Traces | None
    pictures: Recent[bytes]
    tables: Recent[Any]
    known: Recent[Any]
    """Small things that never change once they are there, such as the model behind a KPI."""
    say: Callable[[str], None]
    """Receives lines for who started it."""
    authority: list[str]
    """Host and port as an address has them; known once it listens."""
    runner: threading.Lock = field(default_factory=threading.Lock)

    def address(self) -> str:
        """An address that opens one browser, once. Raises UsageError as `Access.code`."""
        return f"http://{self.authority[0]}/enter?code={self.access.code()}"

    def entered(self) -> None:
        """The printed address was used: the next browser needs another."""
        self.say(f"signed in; for another browser: {self.address()}")

    def refused(
        self,
        request: Request,
        *,
        operation: str,
        status: int,
        code: str,
        who: str = "",
        subject: str = "",
        kind: str = "",
    ) -> None:
        """Note a refusal; repeats within a minute become one entry."""
        self.refusals.add(
            Refusal(
                who=who,
                peer=request.client.host if request.client else "",
                operation=operation,
                subject=subject or request.url.path,
                status=status,
                code=code,
                request_id=request.state.id,
                kind=kind,
            )
        )

    def unreadable(self, peer: str = "") -> None:
        """Bytes came that are no request."""
        self.refusals.add(
            Refusal(peer=peer, operation="unreadable", subject="", status=400, code="bad-request")
        )

    def close(self) -> None:
        """Interrupt what runs, and give the store back. The workspace is the caller's."""
        self.refusals.close()
        self.operations.close()
        if self.traces is not None:
            self.traces.close()
        self.store.close()

    def scored(self, at: str, make: Callable[[], Scored]) -> Scored:
        """An evaluation with the model behind it: once told, it stays so."""
        found: Scored = self.known.get(f"scored {at}", make)
        return found

    @contextmanager
    def writing(self) -> Iterator[Workspace]:
        """The workspace with its runner, for short writes; others wait."""
        with self.runner:
            yield self.workspace

    @contextmanager
    def found_only(self, operation: str) -> Iterator[Workspace]:
        """The workspace with a runner that finds what was made, and makes nothing.

        Raises:
            Declined: something has to be computed first; `operation` does it.
        """
        with self.runner:
            self.workspace.runner.reuse_only("this is answered")
            try:
                yield self.workspace
            except UsageError as error:
                if type(error) is not UsageError:
                    raise
                raise Declined(
                    "not-made-yet", error.what, subject=error.subject, remedy=f"send {operation}"
                ) from error
            finally:
                self.workspace.runner.reuse_only("")


Here = Annotated[Service, Depends(service_of)]
