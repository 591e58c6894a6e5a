"""What a conversion could not carry: counted, with examples and the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One kind of thing that the other side cannot hold."""

    what: str
    """`shape polyline`, `attributes`, `track_id` ..."""
    count: int
    why: str
    becomes: str = ""
    """What stands in its place; empty where nothing does."""
    examples: tuple[str, ...] = ()
    """Ids of the first annotations, or places in the file."""


class LossCount:
    """Counts losses while rows pass; memory grows with kinds, not with rows."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], tuple[int, tuple[str, ...]]] = {}

    def add(
        self,
        what: str,
        why: str,
        *,
        becomes: str = "",
        count: int = 1,
        examples: Iterable[str] = (),
    ) -> None:
        """Count some more of one kind."""
        if count:
            before, known = self._found.get((what, why, becomes), (0, ()))
            if len(known) < EXAMPLES:
                known = (*known, *examples)[:EXAMPLES]
            self._found[what, why, becomes] = (before + count, known)

    def listed(self) -> tuple[Loss, ...]:
        """All of them, in the order in which they were met first."""
        return tuple(
            Loss(what=what, count=count, why=why, becomes=becomes, examples=examples)
            for (what, why, becomes), (count, examples) in self._found.items()
        )
