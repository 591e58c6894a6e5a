"""Bodies about labelling orders that are placed, and the guidelines they are drawn under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ringroad.domain.order import LabelLot
from ringroad.domain.taxonomy import Guideline
from ringroad.pipelines.label.wanted import OrderPreview
from ringroad.service.schemas.bodies import Given, Name, Told
from ringroad.service.schemas.labelling import OrderItem

Words = Annotated[str, Field(max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
People = Annotated[tuple[Name, ...], Field(max_length=200)]
Option = int | float | bool | str


class Lots(Given):
    """Frames that are accepted together, and how they are inspected."""

    size: Annotated[int, Field(ge=1, le=1_000_000)]
    aql: Share = 0.01
    ltpd: Share = 0.1


class OrderGiven(Given):
    """What is to be labelled, by names."""

    name: Name
    selection: Name
    guideline: Words = ""
    looks: Words = "fixed"
    looks_options: Annotated[dict[Name, Option], Field(max_length=20)] = Field(default_factory=dict)
    consensus: Words = "marks"
    model: Words = ""
    """Pre-label with this model version."""
    min_score: Share = 0.3
    prelabels: Words = ""
    priority: Words = ""
    lots: Lots | None = None
    review_share: Share = 0.0
    honeypot_share: Share = 0.0
    annotators: People = ()
    reviewers: People = ()
    in_turns: bool = False
    seed: Annotated[int, Field(ge=0, le=2**53)] = 0
    reason: Annotated[str, Field(max_length=1000)] = ""


class OrderAsked(OrderGiven):
    """The same, to be told what it costs."""

    per_hour: Annotated[float, Field(ge=0, le=1e6)] | None = None


class OrderPreviewed(Told):
    """What an order would open and take; nothing was placed."""

    preview: OrderPreview


class OrderTurned(Given):
    """Hand out tasks, not for now, or not any more."""

    state: Literal["active", "paused", "closed"]


class OrderTold(Told):
    """One order with all that was ordered."""

    order: OrderItem
    guideline: Guideline | None
    looks_options: Mapping[str, Any]
    lots: Sequence[LabelLot]
    prelabels: str
    annotators: Sequence[str]
    reviewers: Sequence[str]
    review_share: float
    honeypot_share: float
    by: str
    reason: str
    created_ns: int


class GuidelineItem(BaseModel):
    """A guideline by name."""

    name: str
    version: str
    categories: Sequence[str]


class GuidelineTold(Told):
    """One version of a guideline."""

    version: str
    guideline: Guideline
    toml: str = Field("", description="The same as TOML, without its text: to be edited.")
