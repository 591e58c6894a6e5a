"""The labelling queue: take a frame, say that work goes on, answer, skip, judge.

Who asks is who holds: nobody takes or answers a task in another's name.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Path, Query, Response

from ringroad.domain.order import LabelOrder
from ringroad.domain.task import LabelTask
from ringroad.pipelines.label.answers import submit
from ringroad.pipelines.label.desk import assign, cancel, review
from ringroad.pipelines.label.progress import progress_of
from ringroad.pipelines.label.turns import (
    DRAWING,
    JUDGING,
    Turn,
    beat,
    held_task,
    skip,
    take,
    told_kind,
    waiting_for,
)
from ringroad.service import blind
from ringroad.service.access import Principal
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.listing import Paging, fields, page
from ringroad.service.pages import Pinned, pinned_of
from ringroad.service.problems import Declined
from ringroad.service.roles import REVIEWER, ROLES
from ringroad.service.schemas.bodies import PageOf
from ringroad.service.schemas.labelling import (
    Beat,
    Because,
    Held,
    HeldTask,
    OrderItem,
    ReviewedTold,
    ReviewGiven,
    Skip,
    Submit,
    SubmittedTold,
    TakeTurn,
    TaskAssigned,
    TaskGiven,
    TaskItem,
    TurnTaken,
    TurnTold,
    WaitingTold,
)
from ringroad.service.state import Here, Service

router = router_of("label")
Id = Annotated[str, Path(max_length=100)]
Words = Annotated[str, Query(max_length=200)]
TAKEN = "task.json"
"""The file that a task is worked on in at the command line."""


@router.get("/labelling/orders")
def list_orders(here: Here, response: Response, asked: Paging) -> PageOf[OrderItem]:
    """What was ordered to be labelled, oldest first, and how far it is."""

    def tell(item: LabelOrder) -> OrderItem:
        return OrderItem(
            name=item.name,
            state=item.state,
            looks=item.looks,
            guideline=item.guideline,
            progress=progress_of(here.workspace, item.name),
        )

    def make() -> Pinned:
        found = here.workspace.catalog.orders()
        return pinned_of(found, key=lambda item: f"{item.id} {item.state}", tell=tell)

    return PageOf[OrderItem](
        **fields(page(here, {"list": "orders"}, asked, make)),
        cli=say_cli(response, command("labels", "orders")),
    )


@router.get("/labelling/tasks")
def list_tasks(
    here: Here,
    response: Response,
    asked: Paging,
    order: Words = "",
    state: Literal["", "open", "done", "parked", "cancelled"] = "",
    annotator: Words = "",
) -> PageOf[TaskItem]:
    """Tasks as they were opened. For reviewers: looks are blind to those who draw."""
    catalog = here.workspace.catalog
    ordered = catalog.order(order).id if order else ""

    def make() -> Pinned:
        found = catalog.tasks(order=ordered, state=state, annotator=annotator)
        return pinned_of(found, key=lambda item: f"{item.id} {item.version}", tell=_task)

    bound = {"list": "tasks", "order": ordered, "state": state, "annotator": annotator}
    return PageOf[TaskItem](
        **fields(page(here, bound, asked, make)),
        cli=say_cli(response, command("labels", "tasks", *_narrowed(order, state, annotator))),
    )


@router.get("/labelling/waiting")
def show_waiting(here: Here, who: Who, response: Response) -> WaitingTold:
    """What who asks holds, and what they could take."""
    found = waiting_for(here.workspace, who.who, kinds=_kinds(who))
    return WaitingTold(
        held=None if found.held is None else _held(here, found.held),
        open=blind.waiting_for(who, found.open),
        more=found.more and not blind.is_blind(who),
        hidden=blind.hidden_from(who),
        cli=say_cli(response, command("labels", "tasks", "--by", who.who)),
    )


@router.post("/labelling/turns")
def take_turn(here: Here, who: Who, response: Response, body: TakeTurn) -> TurnTaken:
    """Hold the next task that one may have; who holds one already gets the same again."""
    allowed = _kinds(who)
    kinds = body.kinds or allowed
    if denied := sorted(set(kinds) - set(allowed)):
        raise Declined(
            "not-allowed", f"tasks to {denied[0]} take role {REVIEWER}", subject=who.who,
            remedy="leave `kinds` out",
        )  # fmt: skip
    turn = take(here.workspace, who.who, kinds=blind.kinds_taken(who, kinds), order=body.order)
    return TurnTaken(
        turn=None if turn is None else _turn(turn),
        cli=say_cli(response, command("labels", "take", "--by", who.who, "--out", TAKEN)),
    )


@router.post("/labelling/tasks/{id}:beat")
def beat_task(here: Here, who: Who, response: Response, id: Id, body: Beat) -> Held:
    """Say that work goes on."""
    say_cli(response, command("labels", "beat", TAKEN))
    held = held_task(here.workspace, id, body.token, who.who)
    return Held(task=held.id, expires_ns=beat(here.workspace, held.id, body.token))


@router.post("/labelling/tasks/{id}:skip")
def skip_task(here: Here, who: Who, response: Response, id: Id, body: Skip) -> TaskGiven:
    """Give a task back for others, and say why; nobody gets it twice."""
    say_cli(response, command("labels", "skip", TAKEN, "--reason", body.reason))
    task = skip(here.workspace, id, body.token, by=who.who, reason=body.reason)
    return TaskGiven(task=task.id, state=task.state)


@router.post("/labelling/tasks/{id}:submit")
def submit_task(here: Here, who: Who, response: Response, id: Id, body: Submit) -> SubmittedTold:
    """Answer a task; the same answer under the same token once more changes nothing."""
    marks = [mark.mark() for mark in body.marks]
    say_cli(response, command("labels", "submit", TAKEN))
    done = submit(here.workspace, id, body.token, by=who.who, marks=marks)
    if blind.is_blind(who):  # what follows tells whether others agree, and what a honeypot is
        done = replace(done, next="", revision=0)
    return SubmittedTold(**asdict(done), hidden=blind.hidden_from(who))


@router.post("/labelling/tasks/{id}:assign")
def assign_task(here: Here, who: Who, response: Response, id: Id, body: TaskAssigned) -> TaskItem:
    """Give a task to one person alone, or to anybody; whoever holds it loses it."""
    found = assign(here.workspace, id, body.to, by=who.who)
    say_cli(response, command("labels", "assign", id, *(("--to", body.to) if body.to else ())))
    return _task(found)


@router.post("/labelling/tasks/{id}:cancel")
def cancel_task(here: Here, who: Who, response: Response, id: Id, body: Because) -> TaskItem:
    """Want a task no more; a frame that waited for it alone goes on."""
    found = cancel(here.workspace, id, by=who.who, reason=body.reason)
    say_cli(response, command("labels", "cancel", id, "--reason", body.reason))
    return _task(found)


@router.post("/labelling/tasks/{id}:review")
def review_task(
    here: Here, who: Who, response: Response, id: Id, body: ReviewGiven
) -> ReviewedTold:
    """Accept annotations, or send them back with comments."""
    comments = [word for comment in body.comments for word in ("--comment", comment)]
    verdict = "--accept" if body.accept else "--reject"
    say_cli(response, command("labels", "review", TAKEN, verdict, *comments))
    done = review(
        here.workspace, id, body.token, by=who.who, accept=body.accept, comments=body.comments
    )
    return ReviewedTold(**asdict(done))


def _kinds(who: Principal) -> tuple[str, ...]:
    judges = ROLES.index(who.role) >= ROLES.index(REVIEWER)
    return (*DRAWING, *JUDGING) if judges else DRAWING


def _narrowed(order: str, state: str, annotator: str) -> list[str]:
    """Options of the command line for what is asked for."""
    asked = {"--order": order, "--state": state, "--by": annotator}
    return [word for option, value in asked.items() if value for word in (option, value)]


def _turn(turn: Turn) -> TurnTold:
    return TurnTold(
        task=turn.task,
        token=turn.token,
        kind=turn.kind,
        frame=turn.frame,
        picture=f"/api/v1/pictures/{quote(turn.frame)}",
        order=turn.order,
        expires_ns=turn.expires_ns,
        guideline=None if turn.guideline is None else asdict(turn.guideline),
        marks=turn.marks,
        looks=turn.looks,
        things=turn.things,
        note=turn.note,
    )


def _held(here: Service, task: LabelTask) -> HeldTask:
    return HeldTask(
        task=task.id,
        order=here.workspace.catalog.order(task.order).name,
        frame=task.frame,
        kind=told_kind(task),
        expires_ns=task.expires_ns,
    )


def _task(item: LabelTask) -> TaskItem:
    return TaskItem(**{name: getattr(item, name) for name in TaskItem.model_fields})
