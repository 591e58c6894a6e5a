"""What annotators, and perhaps a network, said of each thing: arrays for `metrics.searched`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.ids import FrameId
from ringroad.label.matching import pair, shares_within
from ringroad.label.middle import middle
from ringroad.label.rows import Mark, boxes_of
from ringroad.label.things import Thing, things
from ringroad.metrics.searched import Searched
from ringroad.models.nms import iou_matrix

NETWORK = "network"
SURE = 0.4
UNSURE = 0.15
"""Scores from which on a network's answer counts as sure, as unsure; below it is a faint one."""
MEDIUM_PX = 48.0
SMALL_PX = 24.0
CROWDED = 0.1
STRATA = ("plain", "medium", "hard")
"""Difficulty: sides from 48 px, from 24 px, below; things that overlap others are one harder."""
MIN_IOU = 0.5
EXPLAINED = 0.6
"""A detection of which so much lies within what was drawn is a part of it."""
NETWORK_IOU = 0.4
"""Networks place small boxes less well than people."""

Looks = Mapping[FrameId, Mapping[str, Sequence[Mark]]]
"""Frame -> annotator -> what they drew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """A detection."""

    mark: Mark
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about one thing, and its answer."""

    person: str
    where: Mark
    given: Mark | None
    """What they drew there; None where they say that nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """Things on all frames, and who said what of them.

    Attributes:
        things: the frame of each, and what annotators drew; empty where only a network saw it.
        middles: where each thing is.
        predictions: what the network said of each, None where nothing.
        searched: the same as numbers.
        people: annotators in the order of columns; the network, if any, comes last.
        frames: in the order of `searched.looked`.
        categories: the truths before `nothing`.
    """

    things: tuple[tuple[FrameId, Thing], ...]
    middles: tuple[Mark, ...]
    predictions: tuple[Predicted | None, ...]
    searched: Searched
    people: tuple[str, ...]
    frames: tuple[FrameId, ...]
    categories: tuple[str, ...]


def observe(
    looks: Looks,
    *,
    categories: Sequence[str],
    people: Sequence[str],
    predictions: Mapping[FrameId, Sequence[Predicted]] | None = None,
    asked: Mapping[FrameId, Sequence[Asked]] | None = None,
    min_iou: float = MIN_IOU,
) -> Observed:
    """Group what was drawn into things, and number what was said of them.

    Args:
        looks: who looked, and what they drew.
        categories: all that may be said, `nothing` aside.
        people: all annotators, also those who looked at none of these frames.
        predictions: detections of a network on the same frames; None for no network.
        asked: questions about single things; who answers has not looked at the rest.
        min_iou: marks of people that overlap less are not one thing.
    """
    found: list[tuple[FrameId, Thing]] = []
    middles: list[Mark] = []
    predicted: list[Predicted | None] = []
    strata: list[int] = []
    denied: list[tuple[int, str]] = []
    for frame, by_author in looks.items():
        drawn = things(by_author, min_iou=min_iou)
        seen = list(predictions.get(frame, ())) if predictions is not None else []
        means = [middle(list(thing.marks.values())) for thing in drawn]
        paired = {i: seen[j] for i, j, _ in pair(
            boxes_of(means), boxes_of([item.mark for item in seen]), min_iou=NETWORK_IOU
        )}  # fmt: skip
        taken = {id(item) for item in paired.values()}
        alone = _unexplained([item for item in seen if id(item) not in taken], means)
        here = [*means, *(item.mark for item in alone)]
        strata += difficulties(here).tolist()
        marks = [dict(thing.marks) for thing in drawn] + [{} for _ in alone]
        for place, question in _placed(here, (asked or {}).get(frame, ())):
            if question.given is None:
                denied.append((len(found) + place, question.person))
            else:
                marks[place][question.person] = question.given
                here[place] = middle(list(marks[place].values()))
        found += [(frame, Thing(marks=each)) for each in marks]
        middles += here
        predicted += [*(paired.get(i) for i in range(len(drawn))), *alone]
    columns = (*people, NETWORK) if predictions is not None else tuple(people)
    return Observed(
        things=tuple(found),
        middles=tuple(middles),
        predictions=tuple(predicted),
        searched=_numbers(looks, found, predicted, strata, denied, columns, categories),
        people=columns,
        frames=tuple(looks),
        categories=tuple(categories),
    )


def difficulties(marks: Sequence[Mark]) -> np.ndarray:
    """(n,) int64 places in `STRATA`."""
    boxes = boxes_of(marks)
    sides = np.sqrt(boxes[:, 2] * boxes[:, 3])
    level = (sides < MEDIUM_PX).astype(np.int64) + (sides < SMALL_PX)
    if len(marks) > 1:
        overlap = iou_matrix(boxes, boxes)
        np.fill_diagonal(overlap, 0.0)
        level += overlap.max(axis=1) > CROWDED
    harder: np.ndarray = np.minimum(level, len(STRATA) - 1)
    return harder


def value_of(predicted: Predicted, categories: Sequence[str]) -> int:
    """A network's answer in the alphabet: sure ones as people's, then unsure, then faint."""
    place = categories.index(predicted.mark.category)
    if predicted.score >= SURE:
        return place
    after = len(categories) + 1
    return after + place + (0 if predicted.score >= UNSURE else len(categories))


def _unexplained(alone: Sequence[Predicted], drawn: Sequence[Mark]) -> list[Predicted]:
    """Detections that are no part of what was drawn: a wheel says nothing beside its car."""
    share = shares_within(boxes_of([item.mark for item in alone]), boxes_of(drawn))
    most = share.max(axis=1, initial=0.0)
    return [item for item, part in zip(alone, most.tolist(), strict=True) if part < EXPLAINED]


def _placed(here: Sequence[Mark], asked: Sequence[Asked]) -> list[tuple[int, Asked]]:
    """Which thing each question was about: the one that lies nearest to where it was then."""
    if not asked or not here:
        return []
    alike = iou_matrix(boxes_of([question.where for question in asked]), boxes_of(here))
    return [
        (int(row.argmax()), question)
        for row, question in zip(alike, asked, strict=True)
        if row.max() >= NETWORK_IOU
    ]


def _numbers(
    looks: Looks,
    found: Sequence[tuple[FrameId, Thing]],
    predicted: Sequence[Predicted | None],
    strata: Sequence[int],
    denied: Sequence[tuple[int, str]],
    people: Sequence[str],
    categories: Sequence[str],
) -> Searched:
    frames = {frame: at for at, frame in enumerate(looks)}
    column = {person: at for at, person in enumerate(people)}
    network = column.get(NETWORK)
    nothing = len(categories)
    place = {category: at for at, category in enumerate(categories)}
    looked = np.zeros((len(frames), len(people)), bool)
    for frame, by_author in looks.items():
        looked[frames[frame], [column[person] for person in by_author]] = True
    if network is not None:
        looked[:, network] = True
    at_frame = np.array([frames[frame] for frame, _ in found], np.int64)
    said = np.where(looked[at_frame], nothing, -1).reshape(len(found), len(people))
    for row, (_, thing) in enumerate(found):
        for person, mark in thing.marks.items():
            said[row, column[person]] = place[mark.category]
        item = predicted[row]
        if item is not None and network is not None:
            said[row, network] = value_of(item, categories)
    for row, person in denied:
        said[row, column[person]] = nothing
    return Searched(
        said=said,
        frames=at_frame,
        strata=np.array(strata, np.int64),
        looked=looked,
        counts=(nothing + 1, nothing + 1 + 2 * nothing, len(STRATA)),
    )
