"""Labelling tasks: one person's turn at one frame, and each move of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringroad.domain.ids import ArtifactId, FrameId

DRAW = "draw"
HONEYPOT = "honeypot"
ADJUDICATE = "adjudicate"
REVIEW = "review"
REWORK = "rework"
KINDS = (DRAW, HONEYPOT, ADJUDICATE, REVIEW, REWORK)
"""What a task asks for: marks on an untouched frame; the same where the answer is known; one
answer out of several; a verdict on annotations; the mending of annotations that were rejected."""

DRAWN = (DRAW, ADJUDICATE, REWORK)
"""Tasks that a frame waits for; reviews and honeypots are looked at beside it."""

OPEN = "open"
DONE = "done"
PARKED = "parked"
CANCELLED = "cancelled"
STATES = (OPEN, DONE, PARKED, CANCELLED)
"""A task waits or is held, was answered, was skipped too often, or is wanted no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTask:
    """One turn at one frame, for one annotator.

    It moves by compare-and-set on `version`; the lease of whoever works on it (`holder` to
    `active_ns`) is changed by `protocols.labelling.Queue` alone, without a new version.
    """

    id: str
    order: str
    frame: FrameId
    kind: str = DRAW
    look: int = 0
    """Which of the looks at the frame; they are blind to one another."""
    round: int = 0
    """How often the frame was sent back before."""
    lot: int = -1
    """The lot of the order it belongs to; -1 where there are none."""
    state: str = OPEN
    priority: float = 0.0
    """Higher goes first; equal ones in the order they were opened."""
    assigned: str = ""
    """Who alone may take it; anybody where it is empty."""
    barred: tuple[str, ...] = ()
    """Who must not take it, by name: they had another look, or skipped it."""
    skips: int = 0
    annotator: str = ""
    """Who answered."""
    answer: ArtifactId | None = None
    """The annotations batch that holds the answer, once there is one."""
    marks: int = 0
    """Annotations in the answer."""
    score: float | None = None
    """Of a honeypot: how well the answer fits the known one, 0 to 1."""
    about: ArtifactId | None = None
    """Annotations to review or to mend, or those to begin with."""
    note: str = ""
    """Why it was skipped, what a review says, what is to be mended."""
    version: int = 1
    holder: str = ""
    token: int = 0
    """Of the lease; 0 while nobody has it."""
    expires_ns: int = 0
    taken_ns: int = 0
    beat_ns: int = 0
    """The last sign of life of the holder."""
    active_ns: int = 0
    """Time worked under this lease, idle time left out."""

    def __post_init__(self) -> None:
        """Kind and state are known, names sorted."""
        if self.kind not in KINDS or self.state not in STATES:
            raise ValueError(f"no task of kind {self.kind!r} in state {self.state!r}")
        if list(self.barred) != sorted(set(self.barred)):
            raise ValueError("barred names stand once, in order")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMove:
    """A task as it becomes, and what made it so: written and logged together, or not at all.

    `task.version` is that of before plus one, or 1 for a task that is new.
    """

    task: LabelTask
    event: str
    at_ns: int
    actor: str = ""
    """Who did it; empty for what follows by rule."""
    detail: Mapping[str, object] = field(default_factory=dict)
    token: int = 0
    """The lease under which it is done; refused where another one stands. 0 asks for none."""
    ends_lease: bool = False
    idle_ns: int = 0
    """Longest stretch without a sign of life that counts as work, where the lease ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEvent:
    """One line of the log of labelling; lines are added and never changed."""

    position: int
    order: str
    task: str
    """Empty where it is about a lot, or the order."""
    event: str
    actor: str
    at_ns: int
    active_ns: int
    """Work under the lease that ended with it."""
    detail: Mapping[str, object]
