"""What a page says, as plain values; `render` turns it into HTML."""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.ids import ArtifactId
from ringroad.domain.kpi import GateResult, Verdict

SHORT = 12
"""Hex characters of a digest that are shown; a unique prefix is enough for every command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A link into lineage."""

    artifact: ArtifactId
    label: str = ""

    @property
    def short(self) -> str:
        """Kind and the first characters of the digest."""
        kind, _, digest = self.artifact.partition(":")
        return f"{kind}:{digest[:SHORT]}"

    @property
    def anchor(self) -> str:
        """Where the page tells how to walk on from it."""
        return "lineage-" + self.short.replace(":", "-")

    @property
    def command(self) -> str:
        """What to type."""
        return f"ringroad lineage {self.short}"


Cell = str | int | float | None | Verdict | Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading, its unit, and how many digits its numbers show after the point."""

    name: str
    unit: str = ""
    digits: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings. None shows as a dash; say in words where something was not evaluated."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells under {len(self.columns)} columns: {row}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing whose colours follow the page, told again in words for those who cannot see it."""

    svg: str
    alt: str
    caption: str
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photograph or rendered frame, encoded."""

    data: bytes
    media: str
    width: int
    height: int
    alt: str
    caption: str
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCard:
    """One verdict, and its interval beside the minimum."""

    result: GateResult
    subject: str
    """What was judged: `champion`, `after mining` ..."""
    figure: Figure
    lineage: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One headline number."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it, in this order."""

    title: str
    text: str = ""
    """Paragraphs parted by blank lines; `code` in backticks."""
    gates: tuple[GateCard, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    lineage: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Something worth typing next, and why."""

    command: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One self-contained page."""

    title: str
    synthetic: bool
    """Whether any figure on it comes from rendered recordings."""
    summary: str
    sections: tuple[Section, ...]
    facts: tuple[Fact, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    lineage: tuple[Ref, ...] = ()


def all_refs(page: Page) -> tuple[Ref, ...]:
    """Every artifact the page links to, once each, in the order of first mention."""
    found: dict[str, Ref] = {}
    for ref in (*page.lineage, *(r for section in page.sections for r in _refs(section))):
        if ref.short not in found or (ref.label and not found[ref.short].label):
            found[ref.short] = ref
    return tuple(found.values())


def _refs(section: Section) -> tuple[Ref, ...]:
    cells = (cell for table in section.tables for row in table.rows for cell in row)
    return (
        *(ref for card in section.gates for ref in card.lineage),
        *section.lineage,
        *(cell for cell in cells if isinstance(cell, Ref)),
    )
