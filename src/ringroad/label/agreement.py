"""How well blind answers agree, before anybody decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa

from ringroad.label.rows import Mark, answers_by_frame
from ringroad.label.things import NOTHING, check_looks, paired_marks, things
from ringroad.media.annotation_rows import joined
from ringroad.metrics.agreement import cohen_kappa
from ringroad.metrics.krippendorff import krippendorff_alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Figures over all pairs of annotators on the same frame; None where nothing was paired."""

    frames: int
    boxes: int
    """All boxes that were drawn, by all annotators."""
    matched: float | None
    """Share of drawn boxes that the other annotator of the pair drew too: 2 m / (a + b)."""
    mean_iou: float | None
    """Over the matched ones."""
    kappa_category: float | None
    """Cohen's kappa over categories of matched boxes."""
    kappa_state: float | None
    """Cohen's kappa over states of boxes that both took for a traffic light."""
    alpha: float | None
    """Krippendorff's alpha over things, "nothing" being a value for who drew no box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Two annotators' boxes on one frame, and how they pair."""

    first: Sequence[Mark]
    second: Sequence[Mark]
    paired: Sequence[tuple[int, int, float]]


def agreement(answers: Sequence[pa.Table], *, min_iou: float = 0.5) -> Agreement:
    """Agreement of two or more annotators.

    Args:
        answers: rows of `schemas.ANNOTATIONS`, told apart by `author`.
        min_iou: boxes that overlap less are not the same.

    Raises:
        InvalidAnnotations: a frame was looked at by fewer than two annotators.
    """
    by_frame = answers_by_frame(joined(answers))
    for frame, by_author in by_frame.items():
        check_looks(frame, by_author)
    looks = [look for by_author in by_frame.values() for look in _looks(by_author, min_iou)]
    drawn = sum(len(look.first) + len(look.second) for look in looks)
    matches = [(look.first[i], look.second[j]) for look in looks for i, j, _ in look.paired]
    overlaps = [overlap for look in looks for _, _, overlap in look.paired]
    lights = [(a, b) for a, b in matches if a.light_state and b.light_state]
    return Agreement(
        frames=len(by_frame),
        boxes=sum(len(m) for by_author in by_frame.values() for m in by_author.values()),
        matched=2 * len(matches) / drawn if drawn else None,
        mean_iou=float(np.mean(overlaps)) if overlaps else None,
        kappa_category=cohen_kappa(
            [a.category for a, _ in matches], [b.category for _, b in matches]
        ),
        kappa_state=cohen_kappa(
            [a.light_state for a, _ in lights], [b.light_state for _, b in lights]
        ),
        alpha=_alpha(by_frame.values(), min_iou),
    )


def _looks(by_author: Mapping[str, Sequence[Mark]], min_iou: float) -> Iterator[_Look]:
    for first, second in combinations(by_author.values(), 2):
        paired = paired_marks(first, second, min_iou=min_iou)
        yield _Look(first=first, second=second, paired=paired)


def _alpha(frames: Iterable[Mapping[str, Sequence[Mark]]], min_iou: float) -> float | None:
    """Units are things; whoever did not look at the frame is missing, not silent."""
    units = [
        {a: thing.marks[a].category if a in thing.marks else NOTHING for a in by_author}
        for by_author in frames
        for thing in things(by_author, min_iou=min_iou)
    ]
    authors = sorted({author for unit in units for author in unit})
    return krippendorff_alpha([[unit.get(author) for unit in units] for author in authors])
