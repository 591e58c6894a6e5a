"""Verbs of workflow. Written by tools/openapi.py."""

from __future__ import annotations

from typing import Literal

from ringroad.client.shapes.shared import OperationTold
from ringroad.client.shapes.workflow import (
    ExecutionTold,
    LineageTold,
    PageOfExecutionItem,
    PageOfOperation,
)
from ringroad.client.wire import Wire


class Workflow(Wire):
    """Verbs of workflow."""

    def list_executions(
        self,
        *,
        step: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> PageOfExecutionItem:
        """Steps that ran, newest first."""
        found: PageOfExecutionItem = self._json(
            "GET",
            "/executions",
            query={"step": step, "limit": limit, "cursor": cursor, "offset": offset},
        )
        return found

    def show_execution(self, id: str) -> ExecutionTold:
        """One execution with all that its key holds."""
        found: ExecutionTold = self._json("GET", "/executions/{id}", path={"id": id})
        return found

    def show_lineage(
        self, id: str, *, direction: Literal["up", "down"] | None = None
    ) -> LineageTold:
        """All that something was made from, or made into: an artifact, a recording or an alias."""
        found: LineageTold = self._json(
            "GET", "/lineage/{id}", path={"id": id}, query={"direction": direction}
        )
        return found

    def list_operations(
        self,
        *,
        state: Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> PageOfOperation:
        """Long work, newest first."""
        found: PageOfOperation = self._json(
            "GET",
            "/operations",
            query={"state": state, "limit": limit, "cursor": cursor, "offset": offset},
        )
        return found

    def show_operation(self, id: str) -> OperationTold:
        """One piece of long work: how far it is, what came of it."""
        found: OperationTold = self._json("GET", "/operations/{id}", path={"id": id})
        return found

    def cancel_operation(self, id: str, *, idempotency_key: str | None = None) -> OperationTold:
        """Stop it at its next sign of life; steps that are done stay done."""
        found: OperationTold = self._json(
            "POST",
            "/operations/{id}:cancel",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
        )
        return found
