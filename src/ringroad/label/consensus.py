"""Brings blind answers to one: what was agreed, what was not, and what was decided.

The rules, in order:

1. Boxes of different annotators on one frame are paired by overlap, whatever their category.
2. A box that more than half of the annotators drew stands: edges are the mean of theirs.
3. A box that fewer drew is a disagreement. With an adjudicator's look at the frame it stands if
   the adjudicator drew it too. Without one it stands if its side sqrt(w h) is at least
   `keep_side_px`: small things are overlooked, large things are seldom invented.
4. Category and light state go by majority, unknown states aside; a tie goes to the adjudicator
   where there is one, else to the first annotator by name. A tie is a disagreement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import LIGHT
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.matching import pair
from ringroad.label.rows import Mark, answers_by_frame, boxes_of, marks_by_frame, rows
from ringroad.media.annotation_rows import joined

AUTHOR = "consensus"
_SAME_CATEGORY_BONUS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsensusRules:
    """When two boxes are one thing, and which lone boxes stand."""

    min_iou: float = 0.5
    keep_side_px: float = 24.0

    def __post_init__(self) -> None:
        """An overlap lies above 0."""
        if not 0.0 < self.min_iou <= 1.0:
            raise ValueError(f"min_iou is {self.min_iou}, it must lie in (0, 1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One thing that annotators did not see alike."""

    frame: FrameId
    kind: str
    """`existence`, `category` or `light_state`."""
    said: Mapping[str, str]
    """Annotator -> what they said; empty text where they drew nothing."""
    decided: str
    """What stands; empty text where the box was dropped."""
    by: str
    """`adjudicator`, `size`, `majority` or `order`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """One answer per frame.

    Attributes:
        annotations: rows of `schemas.ANNOTATIONS`, author and source `consensus`.
        disagreements: by frame.
    """

    annotations: pa.Table
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is taken for one object: annotator -> their box."""

    marks: Mapping[str, Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vote:
    """A value that came out on top, and how."""

    value: str
    unanimous: bool
    by: str


def reach_consensus(
    answers: Sequence[pa.Table],
    *,
    adjudicator: pa.Table | None = None,
    rules: ConsensusRules | None = None,
) -> Consensus:
    """One answer out of two or more per frame.

    Args:
        answers: rows of `schemas.ANNOTATIONS`; annotators are told apart by `author`, in one
            table or in several.
        adjudicator: a further look at some or all frames, see the rules above.
        rules: thresholds.

    Raises:
        InvalidAnnotations: a frame was looked at by fewer than two annotators.
    """
    limits = rules or ConsensusRules()
    judged = {} if adjudicator is None else marks_by_frame(adjudicator)
    agreed: dict[FrameId, list[Mark]] = {}
    disagreements: list[Disagreement] = []
    for frame, by_author in answers_by_frame(joined(answers)).items():
        check_looks(frame, by_author)
        agreed[frame], found = _settle_frame(frame, by_author, judged.get(frame), limits)
        disagreements.extend(found)
    return Consensus(
        annotations=rows(agreed, author=AUTHOR, source="consensus"),
        disagreements=tuple(disagreements),
    )


def things(by_author: Mapping[str, Sequence[Mark]], *, min_iou: float) -> list[Thing]:
    """Group boxes of several annotators into things, annotator by annotator in given order."""
    groups: list[dict[str, Mark]] = []
    for author, marks in by_author.items():
        means = boxes_of([_mean(list(group.values())) for group in groups])
        bonus = np.array(
            [
                [_SAME_CATEGORY_BONUS * (mark.category in _categories(group)) for mark in marks]
                for group in groups
            ]
        ).reshape(len(groups), len(marks))
        paired = pair(means, boxes_of(marks), min_iou=min_iou, bonus=bonus)
        for group, place, _ in paired:
            groups[group][author] = marks[place]
        taken = {place for _, place, _ in paired}
        groups.extend({author: mark} for i, mark in enumerate(marks) if i not in taken)
    return [Thing(marks=group) for group in groups]


def check_looks(frame: FrameId, by_author: Mapping[str, Sequence[Mark]]) -> None:
    """Refuse a frame that fewer than two annotators looked at."""
    if len(by_author) < 2:
        raise InvalidAnnotations(
            f"only {', '.join(by_author)} looked at this frame",
            subject=frame,
            remedy="agreement and consensus need two blind looks; open a second task for it",
        )


def _settle_frame(
    frame: FrameId,
    by_author: Mapping[str, Sequence[Mark]],
    judged: Sequence[Mark] | None,
    limits: ConsensusRules,
) -> tuple[list[Mark], list[Disagreement]]:
    kept: list[Mark] = []
    found: list[Disagreement] = []
    for thing in things(by_author, min_iou=limits.min_iou):
        verdict = _verdict_on(thing, judged, limits)
        stands = 2 * len(thing.marks) > len(by_author)
        by = "majority"
        if not stands:
            stands, by = _stands_alone(thing, judged, verdict, limits)
        box = _mean(list(thing.marks.values()))
        category = _vote(
            [m.category for m in thing.marks.values()], verdict.category if verdict else None
        )
        if len(thing.marks) < len(by_author):
            decided = category.value if stands else ""
            found.append(_existence(frame, thing, by_author, decided=decided, by=by))
        if stands:
            settled, more = _settle_values(frame, thing, box, category, verdict)
            kept.append(settled)
            found.extend(more)
    return kept, found


def _settle_values(
    frame: FrameId, thing: Thing, box: Mark, category: _Vote, verdict: Mark | None
) -> tuple[Mark, list[Disagreement]]:
    """Category and state of a box that stands."""
    found = []
    if not category.unanimous:
        said = {author: mark.category for author, mark in thing.marks.items()}
        found.append(_disagreement(frame, "category", said, category))
    if category.value != LIGHT:
        return replace(box, category=category.value, light_state=""), found
    lights = {a: m.light_state for a, m in thing.marks.items() if m.category == LIGHT}
    known = [state for state in lights.values() if state not in ("", "unknown")]
    state = _vote(known or ["unknown"], verdict.light_state if verdict else None)
    if not state.unanimous:
        found.append(_disagreement(frame, "light_state", lights, state))
    return replace(box, category=LIGHT, light_state=state.value), found


def _stands_alone(
    thing: Thing, judged: Sequence[Mark] | None, verdict: Mark | None, limits: ConsensusRules
) -> tuple[bool, str]:
    """Whether a box that no majority drew stands, and by which rule."""
    if judged is not None:
        return verdict is not None, "adjudicator"
    box = _mean(list(thing.marks.values()))
    return (box.w * box.h) ** 0.5 >= limits.keep_side_px, "size"


def _verdict_on(thing: Thing, judged: Sequence[Mark] | None, limits: ConsensusRules) -> Mark | None:
    """The adjudicator's box for this thing, if there is one."""
    if not judged:
        return None
    box = boxes_of([_mean(list(thing.marks.values()))])
    paired = pair(box, boxes_of(judged), min_iou=limits.min_iou)
    return judged[paired[0][1]] if paired else None


def _vote(values: Sequence[str], verdict: str | None) -> _Vote:
    """Majority of values in order of annotators; the verdict decides a tie it takes part in."""
    counts = Counter(values)
    most = max(counts.values())
    top = [value for value in counts if counts[value] == most]
    if len(top) == 1:
        return _Vote(value=top[0], unanimous=len(counts) == 1, by="majority")
    if verdict in top:
        return _Vote(value=str(verdict), unanimous=False, by="adjudicator")
    return _Vote(value=top[0], unanimous=False, by="order")


def _mean(marks: Sequence[Mark]) -> Mark:
    """Mean edges; category and state of the first."""
    x, y, w, h = boxes_of(marks).mean(axis=0).tolist()
    return replace(marks[0], x=x, y=y, w=w, h=h)


def _categories(group: Mapping[str, Mark]) -> set[str]:
    return {mark.category for mark in group.values()}


def _existence(
    frame: FrameId,
    thing: Thing,
    by_author: Mapping[str, Sequence[Mark]],
    *,
    decided: str,
    by: str,
) -> Disagreement:
    said = {
        author: thing.marks[author].category if author in thing.marks else ""
        for author in by_author
    }
    return Disagreement(frame=frame, kind="existence", said=said, decided=decided, by=by)


def _disagreement(frame: FrameId, kind: str, said: Mapping[str, str], vote: _Vote) -> Disagreement:
    return Disagreement(frame=frame, kind=kind, said=said, decided=vote.value, by=vote.by)
