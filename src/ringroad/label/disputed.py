"""So many looks at each frame; where they differ, somebody decides instead of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ringroad.domain.ids import FrameId
from ringroad.label.looks import ADJUDICATE, ANOTHER, ENOUGH, Look, Verdict
from ringroad.label.rows import Mark
from ringroad.label.things import Thing, things


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedLooks:
    """Looks that agree settle a frame by consensus; any others are adjudicated."""

    looks: int = 2
    min_iou: float = 0.5
    """Likeness from which on two marks are one thing."""

    def __post_init__(self) -> None:
        """Two looks or more: one has nobody to differ from."""
        if self.looks < 2:
            raise ValueError(f"looks is {self.looks}, it must be 2 or more")
        if not 0.0 < self.min_iou <= 1.0:
            raise ValueError(f"min_iou is {self.min_iou}, it must lie in (0, 1]")

    @property
    def first(self) -> int:
        """All of them."""
        return self.looks

    def after(
        self, frame: FrameId, looks: Sequence[Look], qualities: Mapping[str, float]
    ) -> Verdict:
        """Another until there are enough, then who decides."""
        del frame, qualities
        if len(looks) < self.looks:
            return Verdict(next=ANOTHER)
        found = things({look.annotator: look.marks for look in looks}, min_iou=self.min_iou)
        differ = sum(not agreed(thing, len(looks)) for thing in found)
        if not differ:
            return Verdict(next=ENOUGH, reason="all agree")
        return Verdict(next=ADJUDICATE, reason=f"{differ} of {len(found)} things differ")


def agreed(thing: Thing, looks: int) -> bool:
    """Whether all who looked drew it, and say the same of it."""
    return len(thing.marks) == looks and len({said(mark) for mark in thing.marks.values()}) == 1


def said(mark: Mark) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """What a mark says beside where it is: category, state, attributes."""
    return mark.category, mark.light_state, tuple(sorted(mark.attributes.items()))


def places_of(looks: Sequence[Sequence[Mark]], *, min_iou: float = 0.5) -> list[tuple[int, ...]]:
    """Things on a frame: of each the place of its mark in every look, -1 where there is none."""
    named = {str(n): [replace(mark) for mark in marks] for n, marks in enumerate(looks)}
    places = {id(mark): place for marks in named.values() for place, mark in enumerate(marks)}
    return [
        tuple(places[id(thing.marks[name])] if name in thing.marks else -1 for name in named)
        for thing in things(named, min_iou=min_iou)
    ]
