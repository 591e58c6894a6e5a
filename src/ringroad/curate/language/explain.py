"""How a query was answered, part by part: rows, time, exact or not."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a query."""

    text: str
    how: str
    """`columns`, `intervals`, `place`, `likeness`, `words`, or how parts were joined."""
    rows: int
    """Frames that hold it, or that it ranked."""
    seconds: float
    note: str = ""
    """Such as how much of the exact answer an approximate part is measured to find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """All parts in the order in which they were evaluated."""

    query: str
    parts: tuple[Part, ...]
    seconds: float
    notes: tuple[str, ...] = field(default=())


def render(explain: Explain) -> str:
    """As lines of text."""
    width = max((len(part.how) for part in explain.parts), default=0)
    lines = [explain.query or "all frames"]
    for part in explain.parts:
        lines.append(
            f"  {part.how:{width}}  {part.rows:>11,} frames  {1e3 * part.seconds:>9.1f} ms  "
            f"{part.text}"
        )
        if part.note:
            lines.append(f"  {'':{width}}  {part.note}")
    lines += [f"  note: {note}" for note in explain.notes]
    lines.append(f"  {1e3 * explain.seconds:.1f} ms in all")
    return "\n".join(lines)
