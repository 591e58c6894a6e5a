"""The data card of a dataset version as a page: what is in it, where from, what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringroad.domain.dataset import SPLITS, DatasetHeader
from ringroad.domain.ids import ArtifactId
from ringroad.report.page import Cell, Column, Fact, Page, Ref, Section, Table
from ringroad.report.plots import composition

UNKNOWN = "unknown"
SHOWN_CELLS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """Recordings of one kind under one licence."""

    container: str
    synthetic: bool
    licence: str
    """`unknown` where nobody said."""
    vehicles: int
    recordings: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverLine:
    """One cell of the operational domain."""

    cell: str
    frames: int
    recordings: int
    share: float
    low: float | None
    high: float | None
    covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One version in the history."""

    id: ArtifactId
    what: str
    query: str
    frames: int
    made: str
    """ISO 8601, or `unknown`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCard:
    """Plain values of a card."""

    id: ArtifactId
    names: tuple[str, ...]
    header: DatasetHeader
    query: str
    """How the newest frames were found; the history has the others."""
    content: str
    test: str
    """Identity of the test rows; "" where there are none."""
    looks: int
    """At these test rows, in any version."""
    frames: Mapping[str, Mapping[str, int]]
    """Split -> condition -> frames."""
    units: Mapping[str, int]
    """Split -> units."""
    recordings: Mapping[str, int]
    """Split -> recordings."""
    boxes: Mapping[str, Mapping[str, int]]
    """Split -> category -> annotations."""
    empty: Mapping[str, int]
    """Split -> frames that were looked at and hold nothing."""
    origins: Mapping[str, int]
    """Who made annotations -> how many: human, model, import, simulated, consensus."""
    authors: int
    agreement: tuple[tuple[str, Mapping[str, float]], ...]
    """Batch of annotations -> figures of agreement, where two people answered."""
    sources: tuple[SourceLine, ...]
    coverage: tuple[CoverLine, ...]
    uncovered: str
    """Why coverage was not evaluated; "" where it was."""
    history: tuple[HistoryLine, ...]
    limits: tuple[str, ...]


def data_card(card: DataCard) -> Page:
    """The page of a card."""
    total = sum(sum(parts.values()) for parts in card.frames.values())
    return Page(
        title=f"Data card of {card.header.name}",
        synthetic=card.header.synthetic,
        summary=_summary(card),
        facts=(
            Fact(value=f"{total:,}", label="frames", note=_splits(card)),
            Fact(value=f"{_annotations(card):,}", label="annotations", note=_origins(card)),
            Fact(
                value=f"{sum(card.units.values()):,}",
                label="units",
                note=f"a unit is: {card.header.unit}",
            ),
            Fact(
                value="locked" if card.header.locked else "open",
                label="test rows",
                note=f"{card.looks} looks at them so far",
            ),
        ),
        sections=(
            _composition(card),
            _labels(card),
            _origin(card),
            _coverage(card),
            _history(card),
            Section(title="Limits", text="\n\n".join(card.limits)),
        ),
        lineage=(Ref(artifact=card.id, label="this version"),),
    )


def _summary(card: DataCard) -> str:
    header = card.header
    names = f" It is called {', '.join(f'`{name}`' for name in card.names)}." if card.names else ""
    return (
        f"`{card.id[:20]}` holds frames with annotations of {', '.join(header.categories)} "
        f"({', '.join(header.tasks)}): these were looked for in every frame, anything else is "
        f"unknown, not absent.{names}\n\n"
        f"Frames were found by: {card.query or 'not stated'}. Its rows have the content number "
        f"`{card.content[:12]}`: a version with the same number holds the same rows, whatever its "
        "history."
    )


def _splits(card: DataCard) -> str:
    return ", ".join(f"{split} {sum(parts.values()):,}" for split, parts in card.frames.items())


def _annotations(card: DataCard) -> int:
    return sum(sum(parts.values()) for parts in card.boxes.values())


def _origins(card: DataCard) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in card.origins.items())


def _composition(card: DataCard) -> Section:
    splits = [split for split in SPLITS if split in card.frames]
    conditions = sorted({name for parts in card.frames.values() for name in parts})
    by_condition = Table(
        caption="Frames by condition and split",
        columns=(Column(name="condition"), *(Column(name=split) for split in splits)),
        rows=tuple(
            (name or UNKNOWN, *(card.frames[split].get(name, 0) for split in splits))
            for name in conditions
        ),
    )
    by_unit = Table(
        caption=f"Units and recordings by split; a unit is: {card.header.unit}",
        columns=tuple(Column(name=name) for name in ("split", "units", "recordings", "frames")),
        rows=tuple(
            (split, card.units[split], card.recordings[split], sum(card.frames[split].values()))
            for split in splits
        ),
    )
    text = "Units are kept whole: no unit lies in two splits. "
    text += (
        "The test rows are locked: they stay as they are until somebody unlocks them in the "
        "history."
        if card.header.locked
        else "The test rows are not locked: a later version may have others."
    )
    by_what = {
        name or UNKNOWN: {split: card.frames[split].get(name, 0) for split in splits}
        for name in conditions
    }
    by_name = {
        name: {split: card.boxes.get(split, {}).get(name, 0) for split in splits}
        for name in card.header.categories
    }
    figures = tuple(
        composition(counts, unit=unit, splits=splits, caption=caption)
        for counts, unit, caption in (
            (by_what, "frames", "Frames by condition and split."),
            (by_name, "annotations", "Annotations by category and split."),
        )
    )
    return Section(title="Composition", text=text, figures=figures, tables=(by_condition, by_unit))


def _labels(card: DataCard) -> Section:
    splits = [split for split in SPLITS if split in card.frames]
    found = {name for parts in card.boxes.values() for name in parts}
    categories = [*card.header.categories, *sorted(found - set(card.header.categories))]

    def line(name: str) -> tuple[Cell, ...]:
        told = name if name in card.header.categories else f"{name} (not claimed)"
        return (told, *(card.boxes.get(split, {}).get(name, 0) for split in splits))

    by_category = Table(
        caption="Annotations by category and split",
        columns=(Column(name="category"), *(Column(name=split) for split in splits)),
        rows=(
            *map(line, categories),
            ("frames with nothing", *(card.empty.get(split, 0) for split in splits)),
        ),
    )
    by_origin = Table(
        caption="Who made the annotations",
        columns=(Column(name="source"), Column(name="annotations")),
        rows=tuple(card.origins.items()),
    )
    figures = list(dict.fromkeys(name for _, told in card.agreement for name in told))
    agreed = Table(
        caption="Agreement of two answers, by batch of annotations",
        columns=(Column(name="batch"), *(Column(name=name) for name in figures)),
        rows=tuple((at, *(told.get(name) for name in figures)) for at, told in card.agreement),
    )
    text = f"{card.authors} authors signed these annotations. "
    text += (
        "Batches that two people answered blind have figures of agreement below."
        if card.agreement
        else "No figures of agreement: no batch of this version was answered twice here."
    )
    tables = (by_category, by_origin, *((agreed,) if card.agreement else ()))
    return Section(title="Annotations", text=text, tables=tables)


def _origin(card: DataCard) -> Section:
    lines = Table(
        caption="Recordings by kind and licence",
        columns=tuple(
            Column(name=name)
            for name in ("kind", "origin", "licence", "vehicles", "recordings", "frames")
        ),
        rows=tuple(
            (
                line.container,
                "synthetic" if line.synthetic else "recorded",
                line.licence,
                line.vehicles,
                line.recordings,
                line.frames,
            )
            for line in card.sources
        ),
    )
    unknown = sum(line.frames for line in card.sources if line.licence == UNKNOWN)
    text = (
        f"The licence of {unknown:,} frames is unknown: recordings state none, and nobody named "
        "one. Find out before you share them or what was trained on them."
        if unknown
        else "A licence is named for every frame."
    )
    return Section(title="Sources and licences", text=text, tables=(lines,))


def _coverage(card: DataCard) -> Section:
    if card.uncovered:
        return Section(title="Coverage", text=f"Not evaluated: {card.uncovered}")
    rows = tuple(
        (
            line.cell,
            line.frames,
            line.recordings,
            line.share,
            "no interval" if line.low is None else f"{line.low:.3f} to {line.high:.3f}",
            "yes" if line.covered else "thin",
        )
        for line in card.coverage[:SHOWN_CELLS]
    )
    columns = (
        Column(name="cell"),
        Column(name="frames"),
        Column(name="recordings"),
        Column(name="share"),
        Column(name="95 % interval"),
        Column(name="covered"),
    )
    more = len(card.coverage) - len(rows)
    text = "Cells of the operational domain; intervals resample recordings."
    text += f" {more} more cells: `ringroad coverage {card.header.name}`." if more else ""
    return Section(
        title="Coverage",
        text=text,
        tables=(Table(caption="Share of frames by cell", columns=columns, rows=rows),),
    )


def _history(card: DataCard) -> Section:
    rows = tuple(
        (Ref(artifact=line.id), line.made, line.what, line.frames, line.query or "-")
        for line in card.history
    )
    columns = tuple(
        Column(name=name) for name in ("version", "made", "what was done", "frames", "why")
    )
    return Section(
        title="History",
        text="Newest first. Every version stays readable, and can be brought back.",
        tables=(Table(caption="Versions", columns=columns, rows=rows),),
        lineage=tuple(Ref(artifact=at) for at in card.header.parents),
    )
