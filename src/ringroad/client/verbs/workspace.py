"""Verbs of workspace. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Sequence

from ringroad.client.shapes.workspace import (
    About,
    Funnel,
    LoopTold,
    Me,
    ProblemKind,
    Status,
    Storage,
)
from ringroad.client.wire import Wire


class Workspace(Wire):
    """Verbs of workspace."""

    def about(self) -> About:
        """Which server this is."""
        found: About = self._json("GET", "")
        return found

    def show_funnel(self) -> Funnel:
        """How much is raw, useful, labelled and used; nothing where usefulness is not known yet."""
        found: Funnel = self._json("GET", "/funnel")
        return found

    def show_loop(self) -> LoopTold:
        """The stops of the loop, what waits at each, and what to do next."""
        found: LoopTold = self._json("GET", "/loop")
        return found

    def who_am_i(self) -> Me:
        """Who asks, and which operations they may use."""
        found: Me = self._json("GET", "/me")
        return found

    def show_metrics(self) -> bytes:
        """Figures of the server, for Prometheus."""
        return self._bytes("GET", "/metrics")

    def list_problems(self) -> Sequence[ProblemKind]:
        """Every code that a problem may have. Codes stay."""
        found: Sequence[ProblemKind] = self._json("GET", "/problems")
        return found

    def show_status(self) -> Status:
        """Count recordings, artifacts by kind, names, operations, and rows not indexed yet."""
        found: Status = self._json("GET", "/status")
        return found

    def show_storage(self) -> Storage:
        """Bytes by kind of artifact, in place and copied, and what is free."""
        found: Storage = self._json("GET", "/storage")
        return found
