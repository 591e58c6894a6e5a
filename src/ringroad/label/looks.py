"""How many looks a frame gets: the question a policy answers after each look, and the plain one.

A policy is named in a labelling order and found in `plugins.LOOKS`; one that weighs how hard a
frame is and how good its annotators are stands in `adaptive.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ringroad.domain.ids import FrameId
from ringroad.label.rows import Mark

ENOUGH = "enough"
ANOTHER = "another"
ADJUDICATE = "adjudicate"
NEXT = (ENOUGH, ANOTHER, ADJUDICATE)
"""What can come after a look: the frame is settled, somebody else looks too, or one decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One annotator's answer to a frame, blind to the others."""

    annotator: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What comes next, and why."""

    next: str
    reason: str = ""

    def __post_init__(self) -> None:
        """It is one of three."""
        if self.next not in NEXT:
            raise ValueError(f"{self.next!r} is none of {', '.join(NEXT)}")


class LooksPolicy(Protocol):
    """Decides after each look. A value: equal arguments, equal verdicts; pickles.

    Made from the options of an order: `plugins.LOOKS.load(name)(**options)`.
    """

    @property
    def first(self) -> int:
        """Looks that are opened with the order, 1 or more; `after` is asked from then on."""
        ...

    def after(
        self, frame: FrameId, looks: Sequence[Look], qualities: Mapping[str, float]
    ) -> Verdict:
        """What comes after these looks, in the order they were opened.

        It is asked when none is open. `qualities` is what is known of annotators, 0 to 1: their
        mean score at honeypots. Whoever has seen none is not in it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedLooks:
    """So many looks at each frame; consensus decides where they differ."""

    looks: int = 1

    def __post_init__(self) -> None:
        """One look or more."""
        if self.looks < 1:
            raise ValueError(f"looks is {self.looks}, it must be 1 or more")

    @property
    def first(self) -> int:
        """All of them."""
        return self.looks

    def after(
        self, frame: FrameId, looks: Sequence[Look], qualities: Mapping[str, float]
    ) -> Verdict:
        """Another until there are enough."""
        del frame, qualities
        return Verdict(next=ENOUGH if len(looks) >= self.looks else ANOTHER)
