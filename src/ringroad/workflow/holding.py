"""Leases that one runner holds, and the thread that renews them while steps run long."""

from __future__ import annotations

import logging
import threading

from ringroad.domain.artifact import Lease
from ringroad.domain.errors import LeaseLost, RingroadError
from ringroad.domain.ids import ExecutionId
from ringroad.domain.time import SECOND_NS
from ringroad.protocols.catalog import Leases
from ringroad.protocols.clock import Clock
from ringroad.workflow.owner import is_gone

LOG = logging.getLogger(__name__)


class Holding:
    """Takes keys, keeps them, gives them back. Safe to call from threads.

    A third of the time to live after it was taken, a lease is renewed; the thread that does so
    starts with the first lease and ends when a look finds nothing held.
    """

    def __init__(self, leases: Leases, clock: Clock, *, owner: str, ttl_ns: int) -> None:
        self._leases = leases
        self._clock = clock
        self._owner = owner
        self._ttl_ns = ttl_ns
        self._held: dict[ExecutionId, Lease] = {}
        self._changing = threading.Lock()
        self._renewing = False

    def take(self, key: ExecutionId) -> bool:
        """Take a key that is free, expired, or held by a process that has ended."""
        lease = self._acquire(key)
        if lease is None and self._freed_from_the_dead(key):
            lease = self._acquire(key)
        if lease is None:
            return False
        with self._changing:
            self._held[key] = lease
            if not self._renewing:
                self._renewing = True
                threading.Thread(target=self._renew_while_held, daemon=True).start()
        return True

    def lease(self, key: ExecutionId) -> Lease:
        """The lease as it was renewed last."""
        with self._changing:
            return self._held[key]

    def give_back(self, key: ExecutionId) -> None:
        """Let go of a key; nothing happens where it is not held."""
        with self._changing:
            lease = self._held.pop(key, None)
        if lease is not None:
            self._leases.release(lease)

    def give_back_all(self) -> None:
        """Let go of everything."""
        for key in list(self._held):
            self.give_back(key)

    def renew_due(self) -> None:
        """Renew leases of which a third of the time has passed; a lost one shows at its commit."""
        now_ns = self._clock.now_ns()
        with self._changing:
            due = [
                (key, lease)
                for key, lease in self._held.items()
                if lease.expires_ns - now_ns < self._ttl_ns * 2 // 3
            ]
        for key, lease in due:
            try:
                renewed = self._leases.renew(lease, now_ns=now_ns, ttl_ns=self._ttl_ns)
            except LeaseLost:
                LOG.warning("lease lost while the step runs: %s", key)
                continue
            with self._changing:
                if self._held.get(key) is lease:
                    self._held[key] = renewed

    def _acquire(self, key: ExecutionId) -> Lease | None:
        now_ns = self._clock.now_ns()
        return self._leases.acquire(key, self._owner, now_ns=now_ns, ttl_ns=self._ttl_ns)

    def _freed_from_the_dead(self, key: ExecutionId) -> bool:
        held = self._leases.holder(key)
        if held is None or not is_gone(held.owner):
            return held is None
        LOG.info("taking %s over from %s, which has ended", key, held.owner)
        self._leases.release(held)
        return True

    def _renew_while_held(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(self._ttl_ns / 3 / SECOND_NS)
            with self._changing:
                if not self._held:
                    self._renewing = False
                    return
            try:
                self.renew_due()
            except RingroadError:  # the catalog is busy or full: the commit will tell
                LOG.warning("leases could not be renewed", exc_info=True)
