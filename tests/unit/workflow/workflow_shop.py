"""A small workspace: real catalog, blobs and clock. Importable from spawned workers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ringroad.backends.blobs_local import LocalBlobs
from ringroad.backends.catalog_sqlite import SqliteCatalog
from ringroad.backends.clock_system import SystemClock
from ringroad.backends.executor_inline import InlineExecutor
from ringroad.backends.sandbox_inline import InlineSandbox
from ringroad.domain.ids import Digest
from ringroad.domain.recording import Location
from ringroad.protocols.clock import Clock
from ringroad.protocols.executor import Executor
from ringroad.workflow.bench import Kit
from ringroad.workflow.owner import this_process
from ringroad.workflow.runner import Runner, StepEvent


class NoSources:
    """No recordings lie anywhere; the steps of these tests read artifacts alone."""

    def read_range(
        self, source: Digest, offset: int, length: int, *, xxh3: int | None = None
    ) -> bytes:
        raise NotImplementedError

    def location(self, source: Digest) -> Location | None:
        raise NotImplementedError


@dataclass
class Shop:
    """One catalog and blobs, and runners over them."""

    catalog: SqliteCatalog
    blobs: LocalBlobs
    clock: Clock = field(default_factory=SystemClock)
    events: list[StepEvent] = field(default_factory=list)

    def runner(
        self,
        executor: Executor | None = None,
        *,
        owner: str = "",
        threads: int = 1,
        catalog: SqliteCatalog | None = None,
    ) -> Runner:
        kit = Kit(
            blobs=self.blobs,
            sources=NoSources(),
            sandbox=InlineSandbox(),
            clock=self.clock,
            threads=threads,
        )
        return Runner(
            catalog or self.catalog,
            kit,
            executor or InlineExecutor(),
            owner=owner or this_process(),
            listener=self.events.append,
        )

    def at(self, clock: Clock) -> Shop:
        """The same shop by another clock."""
        return replace(self, clock=clock)
