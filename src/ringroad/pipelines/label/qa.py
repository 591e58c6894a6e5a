"""Gathers the page of label quality: figures, annotators, and the worst frames with their looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import numpy as np

from ringroad.domain.annotation import Box
from ringroad.domain.errors import RingroadError
from ringroad.domain.ids import FrameId, frame_parts
from ringroad.label.agreement_figures import figures_of
from ringroad.label.consensus import Disagreement, settle
from ringroad.label.quality import AnnotatorRates, GoldScore, annotator_rates, gold_scores
from ringroad.label.rows import Mark, answers_by_frame
from ringroad.label.things import things
from ringroad.media.annotation_rows import box_rows, joined
from ringroad.media.pictures.images import decode_image
from ringroad.metrics.intervals import Interval
from ringroad.pipelines.label.pictures import picture_of
from ringroad.pipelines.label.quality import answers_of, gold_of
from ringroad.pipelines.workspace import Workspace
from ringroad.report.label_qa import Bar, Disputed, Person, QaView
from ringroad.report.pictures import Mark as Drawn

MOST_PICTURES = 8
MOST_ROWS = 24
WEIGHT = {"existence": 2.0, "category": 2.0, "light_state": 1.5}
"""How much a disagreement of a kind counts when frames are ranked; 1 for the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreeing:
    """A frame on which looks differ, and the two that share the least."""

    frame: FrameId
    kinds: Mapping[str, int]
    """Disagreements by kind, most first."""
    first: str
    second: str
    marks: Mapping[str, Sequence[Mark]]
    """Annotator -> what they drew."""
    alone: Mapping[str, tuple[int, ...]]
    """Of these two -> places of marks that the other lacks, or calls something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QaFigures:
    """All that is known of the quality of labels, without any pixels."""

    subject: str
    unit: str
    units: int
    frames: int
    agreement: tuple[Bar, ...]
    people: tuple[Person, ...]
    kinds: tuple[tuple[str, int], ...]
    """Disagreements by kind."""
    rows: tuple[Disagreement, ...]
    """Of the worst frame first."""
    worst: tuple[Disagreeing, ...]
    """Frames with the most to settle first."""
    synthetic: bool
    simulated: bool


def qa_figures(
    workspace: Workspace, names: Sequence[str], *, worst: int = MOST_PICTURES, seed: int = 0
) -> QaFigures:
    """Figures of blind answers.

    Args:
        workspace: where from.
        names: orders, labellings or batches; all of them where it is empty.
        worst: frames to tell in full.
        seed: of resampling.

    Raises:
        InputError: no frame was looked at twice.
    """
    rows = joined([box_rows(table) for table in answers_of(workspace, names)])
    looks = answers_by_frame(rows)
    found = figures_of(looks, seed=seed)
    _, disagreements = settle(looks)
    categories = sorted({mark.category for by_author in looks.values()
                         for marks in by_author.values() for mark in marks})  # fmt: skip
    scores = {score.name: score for score in gold_scores(looks, gold_of(workspace), seed=seed)}
    ranked = worst_frames(disagreements)
    return QaFigures(
        subject=", ".join(names) or "all labelling",
        unit=found.unit,
        units=found.units,
        frames=found.frames,
        agreement=tuple(_bar(f.name, f.interval, f.counted, f.what) for f in found.figures),
        people=tuple(
            _person(rates, scores.get(rates.name))
            for rates in annotator_rates(looks, categories=categories)
        ),
        kinds=tuple(Counter(item.kind for item in disagreements).most_common()),
        rows=tuple(_worst(disagreements, ranked)),
        worst=tuple(_disagreeing(at, looks[at], disagreements) for at in ranked[:worst]),
        synthetic=_synthetic(workspace, list(looks)),
        simulated="simulated" in rows["source"].to_pylist(),
    )


def qa_view(
    workspace: Workspace, names: Sequence[str], *, pictures: int = MOST_PICTURES, seed: int = 0
) -> QaView:
    """Everything of the page.

    Args:
        workspace: where from.
        names: orders, labellings or batches; all of them where it is empty.
        pictures: of the worst frames.
        seed: of resampling.

    Raises:
        InputError: no frame was looked at twice.
    """
    found = qa_figures(workspace, names, worst=pictures, seed=seed)
    disputed, absent = _disputed(workspace, found.worst)
    return QaView(
        subject=found.subject,
        unit=found.unit,
        units=found.units,
        frames=found.frames,
        agreement=found.agreement,
        people=found.people,
        kinds=found.kinds,
        rows=tuple(map(_row, found.rows[:MOST_ROWS])),
        disputed=tuple(disputed),
        synthetic=found.synthetic,
        simulated=found.simulated,
        absent=tuple(absent),
    )


def worst_frames(disagreements: Sequence[Disagreement]) -> list[FrameId]:
    """Frames with the most to settle first."""
    weight: Counter[FrameId] = Counter()
    for item in disagreements:
        weight[item.frame] += round(10 * WEIGHT.get(item.kind, 1.0))
    return sorted(weight, key=lambda frame: (-weight[frame], frame))


def _worst(disagreements: Sequence[Disagreement], ranked: Sequence[FrameId]) -> list[Disagreement]:
    """Those of the worst frame first."""
    rank = {frame: at for at, frame in enumerate(ranked)}
    return sorted(disagreements, key=lambda item: rank[item.frame])


def _disagreeing(
    frame: FrameId,
    by_author: Mapping[str, Sequence[Mark]],
    disagreements: Sequence[Disagreement],
) -> Disagreeing:
    """One frame with its two looks that differ most."""
    first, second = _most_unlike(by_author)
    unlike = {id(mark) for mark in _alone(by_author, first, second)}
    counts = Counter(item.kind for item in disagreements if item.frame == frame)
    return Disagreeing(
        frame=frame,
        kinds=dict(counts.most_common()),
        first=first,
        second=second,
        marks=by_author,
        alone={
            who: tuple(at for at, mark in enumerate(by_author[who]) if id(mark) in unlike)
            for who in (first, second)
        },
    )


def _disputed(
    workspace: Workspace, worst: Sequence[Disagreeing]
) -> tuple[list[Disputed], list[str]]:
    """The two looks of each frame that differ most, over its pixels."""
    shown: list[Disputed] = []
    absent: list[str] = []
    for item in worst:
        try:
            pixels = decode_image(picture_of(workspace, item.frame))
        except RingroadError as error:
            absent.append(f"{item.frame} cannot be shown: {error}.")
            continue
        shown.append(
            Disputed(
                frame=unquote(item.frame),
                pixels=np.ascontiguousarray(pixels),
                first=(item.first, _drawn(item, item.first)),
                second=(item.second, _drawn(item, item.second)),
                told=", ".join(f"{count} of {kind}" for kind, count in item.kinds.items()),
            )
        )
    return shown, absent


def _most_unlike(by_author: Mapping[str, Sequence[Mark]]) -> tuple[str, str]:
    """The two annotators who share the least."""
    names = list(by_author)
    pairs = [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]
    return max(pairs, key=lambda pair: len(_alone(by_author, *pair)))


def _alone(by_author: Mapping[str, Sequence[Mark]], first: str, second: str) -> list[Mark]:
    """Marks of either that the other did not draw, or calls something else."""
    found = things({first: by_author[first], second: by_author[second]}, min_iou=0.5)
    return [
        mark
        for thing in found
        for mark in thing.marks.values()
        if len(thing.marks) < 2 or len({m.category for m in thing.marks.values()}) > 1
    ]


def _drawn(item: Disagreeing, who: str) -> tuple[Drawn, ...]:
    """One look; only what the other sees differently is named, so that texts do not hide it."""
    return tuple(
        Drawn(
            box=Box(x=mark.x, y=mark.y, w=mark.w, h=mark.h),
            text=" ".join(part for part in (mark.category, mark.light_state) if part)
            if at in item.alone[who]
            else "",
        )
        for at, mark in enumerate(item.marks[who])
    )


def _bar(name: str, interval: Interval, counted: int, what: str = "") -> Bar:
    return Bar(
        name=name,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        counted=counted,
        what=what,
    )


def _person(rates: AnnotatorRates, gold: GoldScore | None) -> Person:
    return Person(
        name=rates.name,
        looks=rates.looks,
        marks=rates.marks,
        seen=_bar("seen", rates.seen, rates.marks),
        right=_bar("right", rates.right, rates.marks),
        invented_per_look=rates.invented_per_look,
        mean_iou=rates.mean_iou,
        by_category=tuple(_bar(name, i, rates.marks) for name, i in rates.by_category.items()),
        confusion=rates.confusion,
        few=rates.few,
        accuracy=rates.drift.accuracy,
        drifts=rates.drift.noticed,
        gold=_bar("gold", gold.found, gold.frames) if gold is not None else None,
    )


def _row(item: Disagreement) -> tuple[str, str, str, str, str]:
    said = ", ".join(f"{who}: {what or 'nothing'}" for who, what in item.said.items())
    return unquote(item.frame), item.kind, said, item.decided or "nothing", item.by


def _synthetic(workspace: Workspace, frames: Sequence[FrameId]) -> bool:
    rendered = {item.id for item in workspace.catalog.recordings() if item.synthetic}
    return any(frame_parts(frame)[0] in rendered for frame in frames)
