"""What differs between two networks on one frame, how much it weighs, and who was right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import UsageError
from ringroad.models.nms import iou_matrix, pairs

MISSING = "missing"
EXTRA = "extra"
CATEGORY = "category"
STATE = "light_state"
MOVED = "moved"
SCORE = "score"
KINDS = (MISSING, EXTRA, CATEGORY, STATE, MOVED, SCORE)

CHAMPION = "champion"
CANDIDATE = "candidate"
BOTH = "both"
NEITHER = "neither"
UNKNOWN = ""
"""Truth says nothing about the frame, or about the category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """What counts as the same answer."""

    threshold: float = 0.3
    """Boxes of a lower score are not looked at."""
    match_iou: float = 0.5
    """Two boxes that overlap so much are the same object; also a box and its truth."""
    moved_iou: float = 0.75
    """The same object below this overlap has moved."""
    score: float = 0.25
    """Scores of the same object may stand this far apart."""

    def __post_init__(self) -> None:
        if not 0 < self.match_iou <= self.moved_iou <= 1:
            raise UsageError(
                f"match_iou {self.match_iou} and moved_iou {self.moved_iou} contradict each other",
                remedy="keep 0 < match_iou <= moved_iou <= 1",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boxes:
    """Boxes of one frame from one source, best score first; truth has score 1.

    Attributes:
        boxes: (n, 4) float64, top-left x, y, w, h in pixels.
        categories: (n,) text.
        scores: (n,) float64.
        states: (n,) text, empty where it is not a light.
    """

    boxes: np.ndarray
    categories: np.ndarray
    scores: np.ndarray
    states: np.ndarray


NOTHING = Boxes(
    boxes=np.empty((0, 4)),
    categories=np.empty(0, object),
    scores=np.empty(0),
    states=np.empty(0, object),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Difference:
    """One difference. A side that has no box says None."""

    kind: str
    champion: str | None
    """Its category, or its light state where that is what differs."""
    candidate: str | None
    champion_score: float | None
    candidate_score: float | None
    iou: float | None
    box: np.ndarray
    """(4,) of the champion, or of the candidate where the champion has none."""
    weight: float
    right: str


def differences(
    champion: Boxes,
    candidate: Boxes,
    limits: Tolerances,
    *,
    truth: Boxes | None = None,
    annotated: frozenset[str] = frozenset(),
) -> list[Difference]:
    """Pair boxes of equal category, then what is left across categories, and name the rest.

    Args:
        champion: what the deployed network answered.
        candidate: what the other one answered.
        limits: what counts as the same.
        truth: None where nobody looked at the frame.
        annotated: categories that truth speaks about.
    """
    return list(_Frame(champion, candidate, limits, truth, annotated).walk())


class _Frame:
    """Both answers on one frame, and the truth each box stands on.

    Truth is given to boxes as in COCO: best score first, once each, within a category.
    """

    def __init__(
        self,
        old: Boxes,
        new: Boxes,
        limits: Tolerances,
        truth: Boxes | None,
        annotated: frozenset[str],
    ) -> None:
        self.old, self.new, self.limits, self.truth = old, new, limits, truth
        self.annotated = annotated if truth is not None else frozenset()
        self.old_met = _assign(old, truth, limits.match_iou)
        self.new_met = _assign(new, truth, limits.match_iou)

    def walk(self) -> Iterator[Difference]:
        old, new, least = self.old, self.new, self.limits.match_iou
        overlap = iou_matrix(old.boxes, new.boxes)
        same = old.categories[:, None] == new.categories[None, :]
        at, to = pairs(np.where(same, overlap, 0.0), at_least=least)
        left = overlap.copy()
        left[at, :] = left[:, to] = 0.0
        at_other, to_other = pairs(left, at_least=least)
        for i, j in zip(at, to, strict=True):
            yield from self.same_object(i, j, float(overlap[i, j]))
        for i, j in zip(at_other, to_other, strict=True):
            words = str(old.categories[i]), str(new.categories[j])
            met = i in self.old_met, j in self.new_met
            yield self.both(CATEGORY, words, i, j, float(overlap[i, j]), self.top(i, j), met)
        for i in sorted(set(range(len(old.boxes))) - {*at, *at_other}):
            yield self.champion_only(i)
        for j in sorted(set(range(len(new.boxes))) - {*to, *to_other}):
            yield self.candidate_only(j)

    def same_object(self, i: int, j: int, iou: float) -> Iterator[Difference]:
        """What differs between two boxes of one category in one place."""
        old, new = self.old, self.new
        words = str(old.categories[i]), str(new.categories[j])
        states = str(old.states[i]), str(new.states[j])
        if states[0] != states[1]:
            yield self.both(STATE, states, i, j, iou, self.top(i, j), self.lit(i, j))
        if iou < self.limits.moved_iou:
            a, b = self.old_met.get(i, (0, 0.0))[1], self.new_met.get(j, (0, 0.0))[1]
            closer = a > 0 and a >= b, b > 0 and b >= a
            yield self.both(MOVED, words, i, j, iou, 1 - iou, closer)
        apart = float(new.scores[j] - old.scores[i])
        if abs(apart) > self.limits.score:
            real = i in self.old_met or j in self.new_met
            surer = (apart < 0) == real, (apart > 0) == real
            yield self.both(SCORE, words, i, j, iou, abs(apart), surer)

    def top(self, i: int, j: int) -> float:
        return float(max(self.old.scores[i], self.new.scores[j]))

    def lit(self, i: int, j: int) -> tuple[bool, bool]:
        """Whether each box stands on a light and names its state."""

        def names(boxes: Boxes, index: int, met: dict[int, tuple[int, float]]) -> bool:
            if self.truth is None or index not in met:
                return False
            return bool(self.truth.states[met[index][0]] == boxes.states[index])

        return names(self.old, i, self.old_met), names(self.new, j, self.new_met)

    def both(
        self,
        kind: str,
        words: tuple[str, str],
        i: int,
        j: int,
        iou: float,
        weight: float,
        right: tuple[bool, bool],
    ) -> Difference:
        """A difference between two boxes; `right` says it of champion and candidate."""
        verdict = {(True, True): BOTH, (True, False): CHAMPION, (False, True): CANDIDATE}
        known = self.annotated.issuperset((self.old.categories[i], self.new.categories[j]))
        return Difference(
            kind=kind,
            champion=words[0],
            candidate=words[1],
            champion_score=float(self.old.scores[i]),
            candidate_score=float(self.new.scores[j]),
            iou=iou,
            box=self.old.boxes[i],
            weight=weight,
            right=verdict.get(right, NEITHER) if known else UNKNOWN,
        )

    def champion_only(self, i: int) -> Difference:
        """A box that the champion alone has; without truth under it, leaving it out was right."""
        right = CHAMPION if i in self.old_met else CANDIDATE
        score = float(self.old.scores[i])
        return Difference(
            kind=MISSING,
            champion=str(self.old.categories[i]),
            candidate=None,
            champion_score=score,
            candidate_score=None,
            iou=None,
            box=self.old.boxes[i],
            weight=score,
            right=right if self.old.categories[i] in self.annotated else UNKNOWN,
        )

    def candidate_only(self, j: int) -> Difference:
        """A box that the candidate alone has."""
        right = CANDIDATE if j in self.new_met else CHAMPION
        score = float(self.new.scores[j])
        return Difference(
            kind=EXTRA,
            champion=None,
            candidate=str(self.new.categories[j]),
            champion_score=None,
            candidate_score=score,
            iou=None,
            box=self.new.boxes[j],
            weight=score,
            right=right if self.new.categories[j] in self.annotated else UNKNOWN,
        )


def _assign(found: Boxes, truth: Boxes | None, iou: float) -> dict[int, tuple[int, float]]:
    """Box -> the truth it stands on, and their IoU."""
    if truth is None or not len(truth.boxes):
        return {}
    same = found.categories[:, None] == truth.categories[None, :]
    free = np.where(same, iou_matrix(found.boxes, truth.boxes), 0.0)
    given = {}
    for index in range(len(found.boxes)):  # best score first
        best = int(np.argmax(free[index]))
        if free[index, best] >= iou:
            given[index] = (best, float(free[index, best]))
            free[:, best] = 0.0
    return given
