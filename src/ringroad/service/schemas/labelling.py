"""Bodies about labelling: orders, turns at frames, answers and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ringroad.label.progress import Progress
from ringroad.label.rows import Mark
from ringroad.service.schemas.bodies import Count, Given, Hidden, Name, Told

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e7, le=1e7)]
Corners = Annotated[int, Field(ge=0, le=100_000)]
Kind = Literal["draw", "honeypot", "adjudicate", "review", "rework"]
Words = Annotated[str, Field(max_length=200)]


class MarkGiven(Given):
    """A `Mark` as it comes in."""

    category: Name
    x: Number
    y: Number
    w: Number
    h: Number
    light_state: Words = ""
    shape: Literal["box", "rotated-box", "polygon", "polyline", "point", "mask", "cuboid"] = "box"
    points: Annotated[tuple[Number, ...], Field(max_length=100_000)] = ()
    parts: Annotated[
        tuple[Annotated[int, Field(ge=0, le=100_000)], ...], Field(max_length=1000)
    ] = ()
    mask: Annotated[str, Field(max_length=4_000_000)] = ""
    space: Words = ""
    attributes: Annotated[dict[Name, Words], Field(max_length=100)] = Field(default_factory=dict)
    track: Words = ""
    key: bool = True
    guideline: Words = ""
    id: Words = ""

    def mark(self) -> Mark:
        """The same as a noun."""
        return Mark(**self.model_dump())


class OrderItem(BaseModel):
    """What was ordered, and how far it is."""

    name: str
    state: str
    looks: str
    guideline: str
    progress: Progress


class TaskItem(BaseModel):
    """A labelling task: for reviewers, since who answered what is seen here."""

    id: str
    order: str
    frame: str
    kind: str
    look: int
    round: int
    state: str
    priority: float
    assigned: str
    annotator: str
    answer: str | None
    marks: Count
    score: float | None
    note: str
    holder: str
    expires_ns: int


class TakeTurn(Given):
    """Which tasks; those that the role may have without."""

    kinds: Annotated[tuple[Kind, ...], Field(max_length=5)] = ()
    order: Words = ""


class TurnTold(BaseModel):
    """All that the holder of a task is shown. Answers of others are not among it."""

    task: str
    token: int
    kind: str
    frame: str
    picture: str
    order: str
    expires_ns: int
    guideline: Mapping[str, Any] | None
    marks: Sequence[Mark]
    looks: Sequence[Sequence[Mark]] = Field(description="To adjudicate: without names.")
    things: Sequence[Sequence[int]] = Field(
        description="To adjudicate: what is one thing, by its place in each look; -1 for none."
    )
    note: str


class HeldTask(BaseModel):
    """A task under the lease of who asks."""

    task: str
    order: str
    frame: str
    kind: str
    expires_ns: int


class WaitingTold(Told):
    """What somebody holds, and what they could take."""

    held: HeldTask | None
    open: Mapping[str, Count] = Field(
        description="Kind -> tasks that they may have; 1 for some where `hidden` says so."
    )
    more: bool = Field(description="There are more than were counted.")
    hidden: Hidden = ""


class TaskAssigned(Given):
    """Who alone may take a task; anybody where it is empty."""

    to: Words = ""


class TurnTaken(Told):
    """The task that was taken; null where there is none."""

    turn: TurnTold | None


class Beat(Given):
    """A sign of life."""

    token: Annotated[int, Field(ge=1, le=2**53)]


class Held(BaseModel):
    """Until when a task is held."""

    task: str
    expires_ns: int


class TaskGiven(BaseModel):
    """A task that was given back."""

    task: str
    state: str


class Because(Given):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class Skip(Beat, Because):
    """Why it is given back."""


class Submit(Beat):
    """What was drawn; no marks where the frame holds nothing."""

    marks: Annotated[tuple[MarkGiven, ...], Field(max_length=10_000)]


class SubmittedTold(BaseModel):
    """What became of an answer."""

    task: str
    answer: str
    marks: Count
    again: bool = Field(description="It was here before; nothing was written.")
    next: str = Field(description="What follows; empty where `hidden` says so.")
    revision: Count
    hidden: Hidden = ""


class ReviewGiven(Beat):
    """Accept annotations, or send them back with comments."""

    accept: bool
    comments: Annotated[
        tuple[Annotated[str, Field(max_length=1000)], ...], Field(max_length=50)
    ] = ()


class ReviewedTold(BaseModel):
    """A verdict, and the task that mends what it rejects."""

    task: str
    accepted: bool
    again: bool
    rework: str
