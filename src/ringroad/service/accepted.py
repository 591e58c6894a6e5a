"""Long work that is taken in: 202, where to look, and the command line that does the same."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from pydantic import BaseModel

from ringroad.service.access import Principal
from ringroad.service.door import say_cli
from ringroad.service.operations import Operation
from ringroad.service.schemas.workspace import OperationTold
from ringroad.service.state import Service

ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": OperationTold,
        "description": "Taken in.",
        "headers": {"Location": {"description": "Of the operation.", "schema": {"type": "string"}}},
    }
}


def accepted(
    here: Service,
    who: Principal,
    response: Response,
    kind: str,
    body: BaseModel,
    *,
    cli: str,
    more: dict[str, Any] | None = None,
) -> OperationTold:
    """Hand work to the thread that does it."""
    given = body.model_dump(mode="json") | (more or {})
    operation = here.operations.submit(kind, given, who.who)
    response.headers["location"] = address(operation)
    return told(operation, cli=say_cli(response, cli))


def told(operation: Operation, *, cli: str) -> OperationTold:
    """An operation on the wire."""
    return OperationTold(operation=operation, events=f"{address(operation)}/events", cli=cli)


def address(operation: Operation) -> str:
    """Where an operation is found."""
    return f"/api/v1/operations/{operation.id}"
