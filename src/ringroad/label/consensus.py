"""Brings blind answers to one: what was agreed, what was not, and what was decided.

The rules, in order; every annotator weighs 1 unless weights are given:

1. Marks of different annotators on one frame are paired by likeness (`likeness`), whatever
   their category, shape by shape.
2. A mark that more than half of the weight drew stands, as the middle of theirs (`middle`).
3. A mark that fewer drew is a disagreement. With an adjudicator's look at the frame it stands if
   the adjudicator drew it too. Without one it stands if its side sqrt(w h) is at least
   `keep_side_px`: small things are overlooked, large things are seldom invented.
4. Category, light state and each attribute go by weighted majority, unknown states aside; a tie
   goes to the adjudicator where there is one, else to the first annotator by name. A tie is a
   disagreement.
5. Tracks of different annotators are one where they share most frames (`identity`); a thing that
   annotators put into different tracks is a disagreement, and goes by weighted majority.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from ringroad.domain.annotation import LIGHT
from ringroad.domain.ids import FrameId
from ringroad.label.identity import identities
from ringroad.label.likeness import MAX_DISTANCE
from ringroad.label.middle import middle
from ringroad.label.rows import Mark, answers_by_frame, marks_by_frame, rows
from ringroad.label.things import Thing, check_looks, paired_marks, things
from ringroad.media.annotation_rows import joined

__all__ = [
    "AUTHOR",
    "Consensus",
    "ConsensusRules",
    "Disagreement",
    "Thing",
    "check_looks",
    "reach_consensus",
    "settle",
    "things",
]

AUTHOR = "consensus"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsensusRules:
    """When two boxes are one thing, and which lone boxes stand."""

    min_iou: float = 0.5
    keep_side_px: float = 24.0
    max_distance: float = MAX_DISTANCE
    """Of polylines and points, in the units of their space."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Annotator -> what their vote weighs; 1 for those who are not named."""

    def __post_init__(self) -> None:
        """An overlap lies above 0."""
        if not 0.0 < self.min_iou <= 1.0:
            raise ValueError(f"min_iou is {self.min_iou}, it must lie in (0, 1]")
        if self.max_distance <= 0 or min(self.weights.values(), default=0.0) < 0:
            raise ValueError("max_distance is positive, and no weight is negative")

    def weight(self, author: str) -> float:
        """What a vote of an annotator weighs."""
        return self.weights.get(author, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One thing that annotators did not see alike."""

    frame: FrameId
    kind: str
    """`existence`, `category`, `light_state`, `track`, or `attribute` and its name."""
    said: Mapping[str, str]
    """Annotator -> what they said; empty text where they drew nothing."""
    decided: str
    """What stands; empty text where the box was dropped."""
    by: str
    """`adjudicator`, `size`, `majority` or `order`."""
    box: Mark | None = None
    """Where on the frame."""


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
        rules: thresholds and weights.

    Raises:
        InvalidAnnotations: a frame was looked at by fewer than two annotators.
    """
    by_frame = answers_by_frame(joined(answers))
    for frame, by_author in by_frame.items():
        check_looks(frame, by_author)
    judged = {} if adjudicator is None else marks_by_frame(adjudicator)
    agreed, disagreements = settle(by_frame, judged=judged, rules=rules)
    return Consensus(
        annotations=rows(agreed, author=AUTHOR, source="consensus"),
        disagreements=tuple(disagreements),
    )


def settle(
    by_frame: Mapping[FrameId, Mapping[str, Sequence[Mark]]],
    *,
    judged: Mapping[FrameId, Sequence[Mark]] | None = None,
    rules: ConsensusRules | None = None,
) -> tuple[dict[FrameId, list[Mark]], list[Disagreement]]:
    """`reach_consensus` over marks; a frame with one look is taken as it is."""
    limits = rules or ConsensusRules()
    found = {
        frame: things(by_author, min_iou=limits.min_iou, max_distance=limits.max_distance)
        for frame, by_author in by_frame.items()
    }
    names, switches = identities(found, limits.weights)
    disagreements: list[Disagreement] = []
    agreed: dict[FrameId, list[Mark]] = {}
    for frame, by_author in by_frame.items():
        kept, more = _settle_frame(
            frame, by_author, found[frame], (judged or {}).get(frame), limits
        )
        agreed[frame] = [
            replace(mark, track=names.get((frame, place), mark.track))
            for place, mark in kept.items()
        ]
        disagreements.extend(more)
    disagreements.extend(
        Disagreement(
            frame=item.frame,
            kind="track",
            said=item.said,
            decided=item.decided,
            by="majority",
            box=middle(list(found[item.frame][item.place].marks.values())),
        )
        for item in switches
    )
    return agreed, sorted(disagreements, key=lambda item: item.frame)


def _settle_frame(
    frame: FrameId,
    by_author: Mapping[str, Sequence[Mark]],
    found: Sequence[Thing],
    judged: Sequence[Mark] | None,
    limits: ConsensusRules,
) -> tuple[dict[int, Mark], list[Disagreement]]:
    """Place of the thing -> what stands of it, and what was not agreed."""
    kept: dict[int, Mark] = {}
    told: list[Disagreement] = []
    all_weight = sum(limits.weight(author) for author in by_author)
    for place, thing in enumerate(found):
        verdict = _verdict_on(thing, judged, limits)
        stands = 2 * sum(limits.weight(author) for author in thing.marks) > all_weight
        by = "majority"
        if not stands:
            stands, by = _stands_alone(thing, judged, verdict, limits)
        weights = [limits.weight(author) for author in thing.marks]
        box = middle(list(thing.marks.values()), weights)
        category = _vote(
            {a: m.category for a, m in thing.marks.items()},
            verdict.category if verdict else None,
            limits,
        )
        if len(thing.marks) < len(by_author):
            decided = category.value if stands else ""
            said = {a: thing.marks[a].category if a in thing.marks else "" for a in by_author}
            told.append(
                Disagreement(
                    frame=frame, kind="existence", said=said, decided=decided, by=by, box=box
                )
            )
        if stands:
            kept[place], more = _settle_values(frame, thing, box, category, verdict, limits)
            told.extend(more)
    return kept, told


def _settle_values(
    frame: FrameId,
    thing: Thing,
    box: Mark,
    category: _Vote,
    verdict: Mark | None,
    limits: ConsensusRules,
) -> tuple[Mark, list[Disagreement]]:
    """Category, state and attributes of a mark that stands."""
    found = []
    if not category.unanimous:
        said = {author: mark.category for author, mark in thing.marks.items()}
        found.append(_disagreement(frame, "category", said, category, box))
    attributes, more = _settle_attributes(frame, thing, box, verdict, limits)
    found.extend(more)
    settled = replace(box, category=category.value, attributes=attributes)
    if category.value != LIGHT:
        return replace(settled, light_state=""), found
    lights = {a: m.light_state for a, m in thing.marks.items() if m.category == LIGHT}
    known = {a: state for a, state in lights.items() if state not in ("", "unknown")}
    state = _vote(known or {"": "unknown"}, verdict.light_state if verdict else None, limits)
    if not state.unanimous:
        found.append(_disagreement(frame, "light_state", lights, state, box))
    return replace(settled, light_state=state.value), found


def _settle_attributes(
    frame: FrameId, thing: Thing, box: Mark, verdict: Mark | None, limits: ConsensusRules
) -> tuple[dict[str, str], list[Disagreement]]:
    """Each attribute by the votes of those who gave it a value."""
    settled: dict[str, str] = {}
    found = []
    for name in sorted({name for mark in thing.marks.values() for name in mark.attributes}):
        said = {a: m.attributes[name] for a, m in thing.marks.items() if name in m.attributes}
        vote = _vote(said, verdict.attributes.get(name) if verdict else None, limits)
        settled[name] = vote.value
        if not vote.unanimous:
            found.append(_disagreement(frame, f"attribute {name}", said, vote, box))
    return settled, found


def _stands_alone(
    thing: Thing, judged: Sequence[Mark] | None, verdict: Mark | None, limits: ConsensusRules
) -> tuple[bool, str]:
    """Whether a mark that no majority drew stands, and by which rule."""
    if judged is not None:
        return verdict is not None, "adjudicator"
    box = middle(list(thing.marks.values()))
    return (box.w * box.h) ** 0.5 >= limits.keep_side_px, "size"


def _verdict_on(thing: Thing, judged: Sequence[Mark] | None, limits: ConsensusRules) -> Mark | None:
    """The adjudicator's mark for this thing, if there is one."""
    if not judged:
        return None
    mean = [middle(list(thing.marks.values()))]
    paired = paired_marks(mean, judged, min_iou=limits.min_iou, max_distance=limits.max_distance)
    return judged[paired[0][1]] if paired else None


def _vote(said: Mapping[str, str], verdict: str | None, limits: ConsensusRules) -> _Vote:
    """Weighted majority in order of annotators; the verdict decides a tie it takes part in."""
    counts: dict[str, float] = {}
    for author, value in said.items():
        counts[value] = counts.get(value, 0.0) + limits.weight(author)
    most = max(counts.values())
    top = [value for value in counts if counts[value] >= most - 1e-12]
    if len(top) == 1:
        return _Vote(value=top[0], unanimous=len(counts) == 1, by="majority")
    if verdict in top:
        return _Vote(value=str(verdict), unanimous=False, by="adjudicator")
    return _Vote(value=top[0], unanimous=False, by="order")


def _disagreement(
    frame: FrameId, kind: str, said: Mapping[str, str], vote: _Vote, box: Mark
) -> Disagreement:
    return Disagreement(frame=frame, kind=kind, said=said, decided=vote.value, by=vote.by, box=box)
