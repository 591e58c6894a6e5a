"""How a query was answered, part by part: rows, time, exact or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a query."""

    text: str
    how: str
    """`columns`, `intervals`, `place`, `likeness`, `words`, `skipped`, or how parts were joined."""
    rows: int | None = None
    """Frames that hold it, or that it ranked; None where it was not asked of frames."""
    stretches: int | None = None
    """Of a part that holds over time, how often it did."""
    seconds: float
    """What it took, its own parts with it."""
    note: str = ""
    """Such as how much of the exact answer an approximate part is measured to find."""
    parts: tuple[Part, ...] = ()
    """What it was made of, in the order in which it was evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """The parts that `and` joins, in the order in which they were evaluated."""

    query: str
    parts: tuple[Part, ...]
    seconds: float
    notes: tuple[str, ...] = field(default=())


def render(explain: Explain) -> str:
    """As lines of text."""
    every = list(_levels(explain.parts, 0))
    width = max((len(part.how) for part, _ in every), default=0)
    lines = [explain.query or "all frames"]
    for part, level in every:
        lines.append(
            f"  {part.how:{width}}  {_count(part):>21}  {1e3 * part.seconds:>9.1f} ms  "
            f"{'  ' * level}{part.text}"
        )
        if part.note:
            lines.append(f"  {'':{width}}  {part.note}")
    lines += [f"  note: {note}" for note in explain.notes]
    lines.append(f"  {1e3 * explain.seconds:.1f} ms in all")
    return "\n".join(lines)


def _levels(parts: Iterable[Part], level: int) -> Iterator[tuple[Part, int]]:
    for part in parts:
        yield part, level
        yield from _levels(part.parts, level + 1)


def _count(part: Part) -> str:
    if part.rows is not None:
        return f"{part.rows:,} frames"
    return "" if part.stretches is None else f"{part.stretches:,} stretches"
