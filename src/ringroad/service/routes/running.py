"""Lineage, executions of steps, and long work as it goes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Header, Path, Query, Response
from starlette.responses import StreamingResponse

from ringroad.domain.artifact import Execution
from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ExecutionId
from ringroad.domain.time import SECOND_NS
from ringroad.pipelines.histories import MOST
from ringroad.pipelines.trace import trace
from ringroad.service import events
from ringroad.service.accepted import told
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.operations import STATES, Operation
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.workspace import (
    ExecutionItem,
    ExecutionTold,
    LineageTold,
    OperationTold,
)
from ringroad.service.state import Here
from ringroad.workflow.lineage import as_json

router = router_of("workflow")
Id = Annotated[str, Path(max_length=300)]
State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]


@router.get("/lineage/{id:path}")
def show_lineage(
    here: Here, response: Response, id: Id, direction: Literal["up", "down"] = "up"
) -> LineageTold:
    """All that something was made from, or made into: an artifact, a recording or an alias."""
    found = as_json(trace(here.workspace, id, up=direction == "up"))
    cli = command("lineage", id, "--down" if direction == "down" else "")
    return LineageTold(**found, cli=say_cli(response, cli))


@router.get("/executions")
def list_executions(
    here: Here,
    response: Response,
    asked: Paging,
    step: Annotated[str, Query(max_length=200)] = "",
) -> PageOf[ExecutionItem]:
    """Steps that ran, newest first."""

    def make() -> Pinned:
        found = here.workspace.catalog.executions(step, limit=MOST)
        return pinned_of(found, key=lambda item: item.id, tell=_execution)

    words = ("--step", step) if step else ()
    return PageOf[ExecutionItem](
        **fields(page(here, {"list": "executions", "step": step}, asked, make)),
        cli=say_cli(response, command("workflows", "list", *words)),
    )


@router.get("/executions/{id}")
def show_execution(here: Here, response: Response, id: Id) -> ExecutionTold:
    """One execution with all that its key holds."""
    found = here.workspace.catalog.execution(ExecutionId(id))
    if found is None:
        raise UnknownName("no execution has this id", subject=id)
    return ExecutionTold(
        execution=_execution(found),
        parameters=dict(found.key.parameters),
        environment=dict(found.key.environment),
        code=dict(found.key.code),
        cli=say_cli(response, command("workflows", "list", "--step", found.key.step)),
    )


@router.get("/operations")
def list_operations(
    here: Here, response: Response, asked: Paging, state: State | None = None
) -> PageOf[Operation]:
    """Long work, newest first."""

    def make() -> Pinned:
        found = here.operations.all(states=(state,) if state else STATES)
        return pinned_of(found, key=lambda item: f"{item.id} {item.state}")

    return PageOf[Operation](
        **fields(page(here, {"list": "operations", "state": state}, asked, make)),
        cli=say_cli(response, command("workflows", "list")),
    )


@router.get("/operations/{id}")
def show_operation(here: Here, response: Response, id: Id) -> OperationTold:
    """One piece of long work: how far it is, what came of it."""
    cli = say_cli(response, command("workflows", "list"))
    return told(here.operations.get(id), cli=cli)


@router.post("/operations/{id}:cancel")
def cancel_operation(here: Here, response: Response, id: Id) -> OperationTold:
    """Stop it at its next sign of life; steps that are done stay done."""
    cli = say_cli(response, command("workflows", "list"))
    return told(here.operations.cancel(id), cli=cli)


@router.get(
    "/operations/{id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {events.MEDIA: {"schema": events.DESCRIBED}}}},
)
def follow_operation(
    here: Here,
    who: Who,
    id: Id,
    last_event_id: Annotated[str | None, Header(max_length=50)] = None,
) -> Any:
    """What happens in it, as server-sent events, until it is over; resumes behind an event."""
    after = events.number_of(last_event_id or "")
    here.operations.get(id)
    return StreamingResponse(
        events.follow(here.operations, id, after, lambda: here.access.still(who)),
        media_type=events.MEDIA,
        headers={"cache-control": "no-store"},
    )


def _execution(item: Execution) -> ExecutionItem:
    return ExecutionItem(
        id=item.id,
        step=item.key.step,
        seed=item.key.seed,
        started_ns=item.started_ns,
        seconds=(item.ended_ns - item.started_ns) / SECOND_NS,
        host=item.host,
        attempts=item.attempts,
        inputs=dict(item.inputs),
        outputs=dict(item.outputs),
    )
