"""Which annotations are likely wrong, and what is likely missing: one list, worst first.

Each suspect has a chance of being an error, learned from errors planted into the very labels
(`planted`) and from what the network says of these (`evidence`). Folds of recordings keep apart
what is learned from and what is judged. The network has to be out of sample as well: one that was
trained on these labels agrees with their errors.

Chances are those of planted errors at the stated rate. Errors that look different, such as a
guideline that a whole team misread, are ranked lower than they deserve.

Tracks have suspects of their own, which need no network: `track_errors`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ringroad.domain.annotation import LIGHT
from ringroad.domain.ids import FrameId
from ringroad.label.evidence import FrameEvidence, Opinion, evidence_of, with_opinion
from ringroad.label.identity import recording_of
from ringroad.label.observed import Predicted
from ringroad.label.planted import CATEGORY, LOCATION, OVERLOOKED, PLANTED, RIGHT, SPURIOUS, plant
from ringroad.label.rows import Mark
from ringroad.label.things import paired_marks
from ringroad.metrics.boosted import BoostConfig, Boosted, boost, chances

STATE = "state"
FOLDS = 5
BLOCK = 20
"""Frames that lie together go into one fold, so many at a time."""
RATE = 0.03
"""Of each kind of error, before anything is known."""
PLANTS = 4
"""Times that errors are planted over all frames."""
OFTEN = 2.5
"""Times as often as believed that each kind is planted, so that there is something to learn."""
FEWEST = 40
"""Annotations without which nothing can be learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """Something to look at."""

    frame: FrameId
    kind: str
    """`spurious`, `category`, `location`, `overlooked`, `state`, or one of `track_errors`."""
    chance: float
    """That something is wrong here, with this or another kind."""
    where: Mark
    """The annotation, or what the network saw where there is none."""
    reason: str
    instead: str = ""
    """What the network would say."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lessons:
    """Evidence of planted errors and of what was left alone, and the fold of each row."""

    marks: np.ndarray
    kinds: np.ndarray
    mark_folds: np.ndarray
    seen: np.ndarray
    hidden: np.ndarray
    seen_folds: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judge:
    """What was learned outside one fold."""

    kinds: Mapping[str, Boosted]
    overlooked: Boosted | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Labels under suspicion, and what a network says of the same frames."""

    marks: Mapping[FrameId, Sequence[Mark]]
    predictions: Mapping[FrameId, Sequence[Predicted]]
    sizes: Mapping[FrameId, tuple[int, int]]
    categories: tuple[str, ...]
    rate: float = RATE
    opinion: Opinion | None = None
    """Who may be asked about any place, and has not seen the labels there."""
    boosting: BoostConfig = field(default_factory=BoostConfig)


def rank_errors(labelled: Labelled, *, seed: int = 0) -> list[Suspect]:
    """All annotations and all candidates for overlooked things, most suspicious first.

    Raises:
        ValueError: there are too few annotations to learn from.
    """
    count = sum(len(marks) for marks in labelled.marks.values())
    if count < FEWEST:
        raise ValueError(f"{count} annotations are too few to learn from; {FEWEST} are needed")
    folds = folds_of(sorted(labelled.marks))
    lessons = _planted(labelled, folds, seed)
    found: list[Suspect] = []
    for fold in range(FOLDS):
        here = [frame for frame, at in folds.items() if at == fold]
        if here:
            found += _judged(labelled, here, _learn(labelled, lessons, fold))
    return sorted(found, key=lambda item: (-item.chance, item.frame, item.where.x, item.kind))


def folds_of(frames: Sequence[FrameId]) -> dict[FrameId, int]:
    """Blocks of consecutive frames of a recording, dealt out in turn."""
    folds: dict[FrameId, int] = {}
    block, count, last = -1, BLOCK, ""
    for frame in frames:
        recording = recording_of(frame)
        if count == BLOCK or recording != last:
            block, count = block + 1, 0
        folds[frame], count, last = block % FOLDS, count + 1, recording
    return folds


def _planted(labelled: Labelled, folds: Mapping[FrameId, int], seed: int) -> _Lessons:
    """Plant errors over all frames, again and again, and note what the network says."""
    rng = np.random.Generator(np.random.PCG64(seed))
    everywhere = [mark for frame in folds for mark in labelled.marks[frame]]
    rows: list[np.ndarray] = []
    kinds: list[str] = []
    seen: list[np.ndarray] = []
    hidden: list[bool] = []
    of_rows: list[int] = []
    of_seen: list[int] = []
    for frame in [*folds] * PLANTS:
        planting = plant(
            labelled.marks[frame],
            everywhere,
            rng,
            categories=labelled.categories,
            size=labelled.sizes[frame],
            rate=OFTEN * labelled.rate,
        )
        evidence = _evidence(labelled, frame, planting.marks)
        rows.append(evidence.marks)
        kinds += planting.kinds
        seen.append(evidence.seen)
        hidden += _hidden_again(labelled, frame, evidence, planting.hidden)
        of_rows += [folds[frame]] * len(evidence.marks)
        of_seen += [folds[frame]] * len(evidence.seen)
    return _Lessons(
        marks=np.concatenate(rows),
        kinds=np.array(kinds),
        mark_folds=np.array(of_rows, np.int64),
        seen=np.concatenate(seen),
        hidden=np.array(hidden, bool),
        seen_folds=np.array(of_seen, np.int64),
    )


def _learn(labelled: Labelled, lessons: _Lessons, fold: int) -> _Judge:
    """Learn from all folds but one."""
    others = lessons.mark_folds != fold
    judges = {}
    for kind in PLANTED:
        some = others & np.isin(lessons.kinds, [kind, RIGHT])
        yes = lessons.kinds[some] == kind
        if yes.any():
            judges[kind] = _boosted(labelled, lessons.marks[some], yes)
    others = lessons.seen_folds != fold
    hidden = lessons.hidden[others]
    overlooked = _boosted(labelled, lessons.seen[others], hidden) if hidden.any() else None
    return _Judge(kinds=judges, overlooked=overlooked)


def _boosted(labelled: Labelled, columns: np.ndarray, yes: np.ndarray) -> Boosted:
    """Chances as if errors were as common as is believed, not as often as they were planted."""
    return boost(columns, yes, np.where(yes, 1.0 / OFTEN, 1.0), config=labelled.boosting)


def _evidence(labelled: Labelled, frame: FrameId, marks: Sequence[Mark]) -> FrameEvidence:
    seen = labelled.predictions.get(frame, ())
    found = evidence_of(marks, seen, categories=labelled.categories, size=labelled.sizes[frame])
    if labelled.opinion is None:
        return found
    return with_opinion(
        found, frame, marks, seen, categories=labelled.categories, opinion=labelled.opinion
    )


def _hidden_again(
    labelled: Labelled, frame: FrameId, evidence: FrameEvidence, hidden: Sequence[Mark]
) -> list[bool]:
    """Which candidates stand on something that was hidden."""
    shown = [labelled.predictions[frame][at].mark for at in evidence.candidates.tolist()]
    stands = {i for i, _, _ in paired_marks(shown, hidden, min_iou=0.4)} if hidden else set()
    return [at in stands for at in range(len(shown))]


def _judged(labelled: Labelled, frames: Sequence[FrameId], judge: _Judge) -> list[Suspect]:
    """Suspects of all frames of one fold."""
    each = {frame: _evidence(labelled, frame, labelled.marks[frame]) for frame in frames}
    found = []
    table = np.concatenate([evidence.marks for evidence in each.values()])
    odds = {kind: _odds(chances(fitted, table)) for kind, fitted in judge.kinds.items()}
    total = sum(odds.values(), np.zeros(len(table)))
    row = 0
    for frame, evidence in each.items():
        for at, mark in enumerate(labelled.marks[frame]):
            kind = max(odds, key=lambda name: float(odds[name][row]), default=SPURIOUS)
            chance = float(total[row] / (1.0 + total[row]))
            found.append(_suspect(labelled, frame, mark, evidence, at, kind, chance))
            row += 1
    if judge.overlooked is not None:
        seen = np.concatenate([evidence.seen for evidence in each.values()])
        where = [(f, at) for f, evidence in each.items() for at in evidence.candidates.tolist()]
        for (frame, at), chance in zip(where, chances(judge.overlooked, seen), strict=True):
            found.append(_overlooked(frame, labelled.predictions[frame][at], float(chance)))
    return found


def _odds(chance: np.ndarray) -> np.ndarray:
    odds: np.ndarray = chance / np.maximum(1.0 - chance, 1e-9)
    return odds


def _overlooked(frame: FrameId, seen: Predicted, chance: float) -> Suspect:
    category = seen.mark.category
    return Suspect(
        frame=frame,
        kind=OVERLOOKED,
        chance=chance,
        where=seen.mark,
        reason=f"a {category} is seen here with {seen.score:.2f}, no annotation stands for it",
        instead=category,
    )


def _suspect(
    labelled: Labelled,
    frame: FrameId,
    mark: Mark,
    evidence: FrameEvidence,
    at: int,
    kind: str,
    chance: float,
) -> Suspect:
    own, other, _, _, overlap = evidence.marks[at, :5]
    best = int(evidence.best[at])
    seen = labelled.predictions[frame][best] if best >= 0 else None
    instead = ""
    if kind == CATEGORY and evidence.other[at] >= 0:
        instead = labelled.categories[int(evidence.other[at])]
        reason = f"seen as {instead} with {other:.2f}, as {mark.category} with {own:.2f}"
    elif kind == LOCATION and seen is not None:
        reason = f"what is seen here overlaps it by {overlap:.2f}"
    elif seen is None:
        reason = "nothing is seen here"
    else:
        reason = f"seen with {own:.2f}, overlap {overlap:.2f}"
    if seen is not None and _other_state(mark, seen):
        doubt = float(seen.score) / 2.0
        if doubt > chance:
            kind, chance, instead = STATE, doubt, seen.mark.light_state
            reason = f"the light is seen {instead} with {seen.score:.2f}"
    return Suspect(
        frame=frame, kind=kind, chance=float(chance), where=mark, reason=reason, instead=instead
    )


def _other_state(mark: Mark, seen: Predicted) -> bool:
    states = mark.light_state, seen.mark.light_state
    known = all(state not in {"", "unknown"} for state in states)
    return mark.category == seen.mark.category == LIGHT and known and states[0] != states[1]
