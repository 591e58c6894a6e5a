"""The page of label quality: agreement, annotators, drift, disagreements drawn over their frames.

Which disagreements are shown, and what of a network's doubts, is chosen by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from ringroad.report.drawing import DASHES, INK, MARKERS, SERIES, draw
from ringroad.report.page import Column, Fact, Figure, NextStep, Page, Picture, Section, Table
from ringroad.report.pictures import Mark, frame_picture

MOST_CATEGORIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A value and its interval; None where there is none."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    counted: int
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One annotator."""

    name: str
    looks: int
    marks: int
    seen: Bar
    right: Bar
    invented_per_look: float
    mean_iou: float | None
    by_category: tuple[Bar, ...]
    confusion: Mapping[str, Mapping[str, float]]
    few: bool
    accuracy: tuple[float | None, ...]
    """Of parts of their work in order."""
    drifts: bool
    gold: Bar | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disputed:
    """A frame with two looks that differ.

    Attributes:
        frame: its id.
        pixels: (h, w, 3) uint8.
        first: name and marks of one look.
        second: of the other.
        told: what they differ in.
    """

    frame: str
    pixels: np.ndarray
    first: tuple[str, tuple[Mark, ...]]
    second: tuple[str, tuple[Mark, ...]]
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QaView:
    """Everything on the page."""

    subject: str
    unit: str
    units: int
    frames: int
    agreement: tuple[Bar, ...]
    people: tuple[Person, ...]
    kinds: tuple[tuple[str, int], ...]
    """Disagreements by kind."""
    rows: tuple[tuple[str, str, str, str, str], ...]
    """Frame, kind, what was said, what stands, by which rule."""
    disputed: tuple[Disputed, ...]
    synthetic: bool
    simulated: bool
    absent: tuple[str, ...] = ()
    """What could not be shown, and why."""


def qa_page(view: QaView) -> Page:
    """The whole page."""
    sections = (
        _agreement(view),
        _people(view),
        _confusion(view),
        _disagreements(view),
        _told_apart(view),
    )
    matched = next((bar for bar in view.agreement if bar.name == "matched"), None)
    alpha = next((bar for bar in view.agreement if bar.name == "alpha"), None)
    return Page(
        title=f"Label quality of {view.subject}",
        synthetic=view.synthetic,
        summary=_summary(view),
        sections=sections,
        facts=(
            Fact(value=f"{view.frames:,}", label="frames with two looks or more"),
            Fact(value=str(len(view.people)), label="annotators"),
            Fact(value=_share(matched), label="of what one drew, the other drew too",
                 note=_between(matched)),
            Fact(value=_number(alpha), label="Krippendorff's alpha", note=_between(alpha)),
        ),
        next_steps=(
            NextStep(
                command="ringroad labels errors all --model MODEL",
                why="Rank likely errors against a network that was not trained on these labels.",
            ),
            NextStep(
                command="ringroad labels rehearse all --plan REHEARSAL.toml",
                why="Play a campaign with annotators like these before it is paid for.",
            ),
        ),
    )  # fmt: skip


def bars_figure(
    bars: Sequence[Bar], *, x: str, caption: str, low: float = 0.0, wide: bool = False
) -> Figure:
    """Values with intervals, one row each; rows without a value say so."""

    def paint(axes: Axes) -> None:
        for row, bar in enumerate(bars):
            if bar.value is None:
                axes.text(low, row, " not defined", va="center", color=INK)
                continue
            if bar.low is not None and bar.high is not None:
                axes.hlines(row, bar.low, bar.high, color=SERIES[0], lw=2.4, clip_on=False)
                axes.plot(
                    [bar.low, bar.high],
                    [row, row],
                    "|",
                    color=SERIES[0],
                    markersize=9,
                    clip_on=False,
                )
            axes.plot(bar.value, row, "o", color=SERIES[0], markersize=6, clip_on=False)
        axes.set_yticks(range(len(bars)), [bar.name for bar in bars], color=INK)
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(low, 1.0)
        axes.set_xlabel(x)
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)

    told = "; ".join(f"{bar.name} {_number(bar)} {_between(bar)}" for bar in bars)
    return Figure(
        svg=draw(paint, width=9.0 if wide else 5.6, height=0.9 + 0.3 * len(bars)),
        alt=f"{x}: {told}.",
        caption=caption,
        wide=wide,
    )


def drift_figure(people: Sequence[Person]) -> Figure:
    """Accuracy over the parts of each annotator's work."""

    def paint(axes: Axes) -> None:
        for number, person in enumerate(people[: len(SERIES)]):
            known = [(at + 1, v) for at, v in enumerate(person.accuracy) if v is not None]
            axes.plot(
                [at for at, _ in known],
                [value for _, value in known],
                color=SERIES[number],
                marker=MARKERS[number],
                linestyle=DASHES[number],
                label=person.name,
            )
        axes.set_xticks(range(1, 1 + max((len(p.accuracy) for p in people), default=1)))
        axes.set_xlabel("part of their work, in order")
        axes.set_ylabel("chance of being right")
        lowest = min((v for p in people for v in p.accuracy if v is not None), default=1.0)
        axes.set_ylim(min(0.8, lowest - 0.05), 1.0)
        axes.grid(axis="y")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))

    told = "; ".join(
        f"{p.name} {', '.join('none' if v is None else f'{v:.2f}' for v in p.accuracy)}"
        for p in people
    )
    drifting = [person.name for person in people if person.drifts]
    note = f" Beyond chance: {', '.join(drifting)}." if drifting else " Nobody beyond chance."
    more = len(people) - len(SERIES)
    note += f" {more} more annotators are in the table alone." if more > 0 else ""
    return Figure(
        svg=draw(paint), alt=f"Accuracy by part of the work: {told}.",
        caption=f"Does anybody become better or worse?{note}",
    )  # fmt: skip


def _agreement(view: QaView) -> Section:
    rows = tuple(
        (bar.name, bar.value, bar.low, bar.high, bar.counted, bar.what) for bar in view.agreement
    )
    least = min((bar.low or bar.value or 0.0 for bar in view.agreement), default=0.0)
    figure = bars_figure(
        view.agreement,
        x="agreement",
        caption="Figures and intervals.",
        low=min(0.0, least),
        wide=True,
    )
    columns = ("figure", "value", "low", "high", "counted", "over")
    return Section(
        title="Agreement",
        text=f"Before anybody decided anything. Intervals of 95 % come from resampling whole "
        f"units; a unit is a {view.unit}, and there are {view.units:,}.",
        figures=(figure,),
        tables=(
            Table(
                caption="All figures of agreement.",
                columns=tuple(Column(name=name) for name in columns),
                rows=rows,
            ),
        ),
    )


def _people(view: QaView) -> Section:
    few = [person.name for person in view.people if person.few]
    text = (
        "Rates come out of the answers alone (Dawid and Skene, 1979): each annotator is held "
        "against what all of them together make likely. `seen` is the share of things that they "
        "draw, `right` the share of drawn things whose category is right."
    )
    if few:
        text += (
            f"\n\nThere is little of {', '.join(few)}: these rates are held near the mean of all, "
            "and are no ground for a judgement."
        )
    seen = [
        Bar(name=p.name, value=p.seen.value, low=p.seen.low, high=p.seen.high, counted=p.marks)
        for p in view.people
    ]
    categories = [bar.name for bar in view.people[0].by_category] if view.people else []
    return Section(
        title="Annotators",
        text=text,
        figures=(
            bars_figure(seen, x="share of things seen", caption="What each annotator sees.",
                        low=min((bar.low or 0.0 for bar in seen), default=0.0)),
            drift_figure(view.people),
        ),
        tables=(
            Table(
                caption="One line per annotator.",
                columns=(
                    Column(name="annotator"), Column(name="looks"), Column(name="marks"),
                    Column(name="seen"), Column(name="right"),
                    Column(name="invented", unit="per look"), Column(name="mean IoU"),
                    Column(name="gold found"), Column(name="note"),
                ),
                rows=tuple(_person(person) for person in view.people),
            ),
            Table(
                caption="How often each category is drawn, and called so.",
                columns=(
                    Column(name="annotator"),
                    *(Column(name=name) for name in categories[:MOST_CATEGORIES]),
                ),
                rows=tuple(
                    (
                        person.name,
                        *(_with_interval(bar) for bar in person.by_category[:MOST_CATEGORIES]),
                    )
                    for person in view.people
                ),
            ),
        ),
    )  # fmt: skip


def _confusion(view: QaView) -> Section:
    tables = []
    for person in view.people:
        truths = list(person.confusion)[: MOST_CATEGORIES + 1]
        tables.append(
            Table(
                caption=f"{person.name}: what there is, and what they say of it.",
                columns=(Column(name="there is"), *(Column(name=name) for name in truths)),
                rows=tuple(
                    (truth, *(person.confusion[truth].get(said, 0.0) for said in truths))
                    for truth in truths
                    if truth != "nothing"
                ),
            )
        )
    return Section(
        title="Confusion",
        text="Rows add up to one. `nothing` in a column is a thing overlooked.",
        tables=tuple(tables),
    )


def _disagreements(view: QaView) -> Section:
    text = (
        "Frames on which two looks differ most. The first look is dashed, the second solid; only "
        "what the other sees differently is named."
    )
    if view.absent:
        text += "\n\n" + " ".join(view.absent)
    return Section(
        title="Disagreements",
        text=text if view.disputed or view.absent else "",
        tables=(
            Table(
                caption="How many of each kind.",
                columns=(Column(name="kind"), Column(name="disagreements")),
                rows=view.kinds,
            ),
        ),
        pictures=tuple(_picture(item) for item in view.disputed),
    )


def _told_apart(view: QaView) -> Section:
    columns = ("frame", "kind", "said", "stands", "by")
    return Section(
        title="One by one",
        text="What was said, what stands, and by which rule: `majority`, `adjudicator`, `size`, or "
        "`order` of names where nothing else decides.",
        tables=(
            Table(
                caption="Worst frames first.",
                columns=tuple(Column(name=name) for name in columns),
                rows=view.rows,
            ),
        ),
    )


def _picture(item: Disputed) -> Picture:
    return frame_picture(
        item.pixels,
        truths=item.first[1],
        detections=item.second[1],
        names=(item.first[0], item.second[0]),
        alt=f"{item.frame}: {item.told}",
        caption=f"{item.frame}: {item.told}",
        width=720,
    )


def _person(person: Person) -> tuple[str | int | float | None, ...]:
    notes = [
        *(["little known"] if person.few else []),
        *(["drifts"] if person.drifts else []),
    ]
    return (
        person.name,
        person.looks,
        person.marks,
        _with_interval(person.seen),
        _with_interval(person.right),
        person.invented_per_look,
        person.mean_iou,
        "none seen" if person.gold is None else _with_interval(person.gold),
        ", ".join(notes) or "",
    )


def _summary(view: QaView) -> str:
    people = f"{len(view.people)} annotators" if len(view.people) != 1 else "One annotator"
    text = (
        f"{people} looked at {view.frames:,} frames, two or more at each, blind to one another. "
        f"They disagree {sum(count for _, count in view.kinds):,} times."
    )
    if view.simulated:
        text += " These annotators are simulated: they err as their profiles say."
    return text


def _share(bar: Bar | None) -> str:
    return "\N{EN DASH}" if bar is None or bar.value is None else f"{bar.value:.1%}"


def _number(bar: Bar | None) -> str:
    return "\N{EN DASH}" if bar is None or bar.value is None else f"{bar.value:.3f}"


def _between(bar: Bar | None) -> str:
    if bar is None or bar.low is None or bar.high is None:
        return "no interval"
    return f"{bar.low:.3f} to {bar.high:.3f}"


def _with_interval(bar: Bar) -> str:
    if bar.value is None:
        return "\N{EN DASH}"
    if bar.low is None or bar.high is None:
        return f"{bar.value:.2f}"
    return f"{bar.value:.2f} ({bar.low:.2f} to {bar.high:.2f})"
