"""Groups marks of several annotators on one frame into things: what is taken for one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.likeness import MAX_DISTANCE, least_of, likeness_matrix
from ringroad.label.matching import pair_by
from ringroad.label.middle import middle
from ringroad.label.rows import Mark

NOTHING = "nothing"
"""What whoever looked, and drew nothing there, says of a thing."""
_SAME_CATEGORY_BONUS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is taken for one object: annotator -> their mark."""

    marks: Mapping[str, Mark]


def things(
    by_author: Mapping[str, Sequence[Mark]], *, min_iou: float, max_distance: float = MAX_DISTANCE
) -> list[Thing]:
    """Group marks of several annotators into things, annotator by annotator in given order."""
    groups: list[dict[str, Mark]] = []
    for author, marks in by_author.items():
        means = [middle(list(group.values())) for group in groups]
        bonus = np.array(
            [
                [_SAME_CATEGORY_BONUS * (mark.category in _categories(group)) for mark in marks]
                for group in groups
            ]
        ).reshape(len(groups), len(marks))
        paired = paired_marks(means, marks, min_iou=min_iou, max_distance=max_distance, bonus=bonus)
        for group, place, _ in paired:
            groups[group][author] = marks[place]
        taken = {place for _, place, _ in paired}
        groups.extend({author: mark} for i, mark in enumerate(marks) if i not in taken)
    return [Thing(marks=group) for group in groups]


def paired_marks(
    first: Sequence[Mark],
    second: Sequence[Mark],
    *,
    min_iou: float,
    max_distance: float = MAX_DISTANCE,
    bonus: np.ndarray | None = None,
) -> list[tuple[int, int, float]]:
    """Which marks of two looks are one thing: index in first, in second, their likeness."""
    least = np.array([least_of(mark.shape, min_iou) for mark in first]).reshape(-1, 1)
    alike = likeness_matrix(first, second, max_distance=max_distance)
    return pair_by(alike, least=least, bonus=bonus)


def check_looks(frame: FrameId, by_author: Mapping[str, Sequence[Mark]]) -> None:
    """Refuse a frame that fewer than two annotators looked at."""
    if len(by_author) < 2:
        raise InvalidAnnotations(
            f"only {', '.join(by_author)} looked at this frame",
            subject=frame,
            remedy="agreement and consensus need two blind looks; open a second task for it",
        )


def _categories(group: Mapping[str, Mark]) -> set[str]:
    return {mark.category for mark in group.values()}
