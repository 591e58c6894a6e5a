"""Labelling orders: what is to be labelled, and how; and the lots it is accepted in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringroad.domain.ids import ArtifactId

ACTIVE = "active"
PAUSED = "paused"
CLOSED = "closed"
ORDER_STATES = (ACTIVE, PAUSED, CLOSED)
"""Tasks are handed out, for now not, or never again."""

DRAWING = "drawing"
INSPECTING = "inspecting"
ACCEPTED = "accepted"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPlan:
    """How lots are accepted: see `label.sampling`. Frames with an error are what is counted."""

    size: int
    """Frames of a lot."""
    aql: float
    """Share of bad frames that shall pass but for `producer_risk`."""
    ltpd: float
    """Share of bad frames that shall fail but for `consumer_risk`."""
    producer_risk: float = 0.05
    consumer_risk: float = 0.10

    def __post_init__(self) -> None:
        """Good is better than bad."""
        if self.size < 1 or not 0.0 <= self.aql < self.ltpd <= 1.0:
            raise ValueError("a lot has frames, and 0 <= aql < ltpd <= 1")
        if not (0.0 < self.producer_risk < 1.0 and 0.0 < self.consumer_risk < 1.0):
            raise ValueError("risks lie between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOrder:
    """What was ordered. Nothing of it changes but its state."""

    id: str
    """Digest of all the rest but state and time."""
    name: str
    selection: ArtifactId
    """Frames in the order they are wanted."""
    guideline: str = ""
    """Version of the guideline; anything may be drawn where it is empty."""
    looks: str = "fixed"
    """Policy by its name in `plugins.LOOKS`."""
    looks_options: Mapping[str, object] = field(default_factory=dict)
    consensus: str = "marks"
    """How answers become one, by its name in `plugins.CONSENSUS`."""
    consensus_options: Mapping[str, object] = field(default_factory=dict)
    prelabels: ArtifactId | None = None
    """A batch of annotations of source `model`, to begin with."""
    priority: str = ""
    """Where priorities come from: the order of the selection, or an artifact of scores."""
    lots: LotPlan | None = None
    review_share: float = 0.0
    """Chance of a settled frame to be reviewed, where there are no lots."""
    honeypot_share: float = 0.0
    """Chance of a task handed out to be a honeypot."""
    annotators: tuple[str, ...] = ()
    """Who may take tasks; anybody where it is empty."""
    reviewers: tuple[str, ...] = ()
    """Who may review and adjudicate; anybody where it is empty."""
    seed: int = 0
    """Of what is left to chance: reviews, inspected frames, honeypots."""
    by: str = ""
    reason: str = ""
    created_ns: int = 0
    state: str = ACTIVE

    def __post_init__(self) -> None:
        """It has a name, and shares are shares."""
        if not self.name:
            raise ValueError("an order has a name")
        if self.state not in ORDER_STATES:
            raise ValueError(f"state is one of {', '.join(ORDER_STATES)}")
        for share in (self.review_share, self.honeypot_share):
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"{share} is no share: it must lie in [0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLot:
    """Frames of an order that are inspected, and accepted or sent back, together."""

    order: str
    number: int
    frames: int
    round: int = 0
    """How often it was sent back."""
    state: str = DRAWING
    sample: int = 0
    """Frames that are inspected."""
    limit: int = 0
    """Bad frames among them that are let pass."""
    inspected: int = 0
    bad: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMove:
    """An order with a new state, or a new order. Logged with it."""

    order: LabelOrder
    event: str
    at_ns: int
    actor: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotMove:
    """A lot as it becomes; `lot.version` is that of before plus one, or 1. Logged with it."""

    lot: LabelLot
    event: str
    at_ns: int
    actor: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
