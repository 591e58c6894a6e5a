"""Simulated annotators: answers drawn from truth with stated error rates.

With `simulate`'s truth this is the labelling oracle. Everything it answers says so in its
`source` column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import BOX, CATEGORIES, LIGHT, LIGHT_STATES, MASK
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import FrameId, digest_of
from ringroad.label.rows import Mark, marks_by_frame, rows

REFERENCE_SIDE_PX = 32.0
"""The size, sqrt(w h), at which `miss` holds; COCO's border between small and medium."""
MISS_FACTOR = (0.25, 4.0)
MISS_LIMIT = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatorProfile:
    """How often one annotator errs."""

    name: str
    miss: float = 0.05
    """Chance to miss a box of 32 px; half the size is missed twice as often, see `miss_chance`."""
    spurious: float = 0.05
    """Mean number of boxes per frame around nothing (Poisson)."""
    jitter: float = 0.03
    """Standard deviation of each edge, relative to the box's width or height."""
    wrong_category: float = 0.01
    wrong_state: float = 0.02
    """Chance to name another state of a traffic light."""
    confusion: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Category -> what it is taken for -> how often. Categories that stand here are right in all
    other cases; `wrong_category` holds for the rest."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Systematic bias: every box is moved right and down by so many of its widths and heights."""
    grow: float = 0.0
    """Systematic bias: every box is wider and higher by this share."""
    ignores_px: float = 0.0
    """Lazy: nothing whose side sqrt(w h) is below it is ever drawn."""
    hurry: float = 0.0
    """Fast: share of frames that are rushed through, where four times as much is missed and edges
    are twice as far off."""
    speed: float = 1.0
    """Answers per unit of time, against an ordinary annotator."""

    def __post_init__(self) -> None:
        """Chances lie in [0, 1]; rates are not negative."""
        for rate in ("miss", "wrong_category", "wrong_state", "hurry"):
            if not 0.0 <= getattr(self, rate) <= 1.0:
                raise ValueError(f"{rate} of {self.name} is not a chance: {getattr(self, rate)}")
        if self.spurious < 0 or self.jitter < 0 or self.ignores_px < 0:
            raise ValueError(f"spurious and jitter of {self.name} must not be negative")
        if self.speed <= 0 or self.grow <= -1:
            raise ValueError(f"speed of {self.name} is positive, and boxes keep a size")
        for category, others in self.confusion.items():
            if min(others.values(), default=0.0) < 0 or sum(others.values()) > 1.0 + 1e-9:
                raise ValueError(f"{self.name} takes {category} for others in more than all cases")


def annotate(
    truth: pa.Table,
    profile: AnnotatorProfile,
    *,
    seed: int,
    frame_size: tuple[int, int],
    categories: Sequence[str] = CATEGORIES,
) -> pa.Table:
    """Answer each frame of the truth as this annotator would.

    Errors are drawn per frame from the seed, the annotator's name and the frame id: neither the
    order of frames nor what else is in the table matters.

    Args:
        truth: rows of `schemas.ANNOTATIONS`, frames that hold nothing included.
        profile: who answers.
        seed: of all draws.
        frame_size: width and height in pixels; answers stay inside.
        categories: what an annotator can mistake a box for.

    Returns:
        Rows of `schemas.ANNOTATIONS`, source `simulated`, author the profile's name.
    """
    answers = {
        frame: answer(frame, marks, profile, seed=seed, frame_size=frame_size,
                      categories=categories)
        for frame, marks in marks_by_frame(truth).items()
    }  # fmt: skip
    return rows(answers, author=profile.name, source="simulated")


def answer(
    frame: FrameId,
    marks: Sequence[Mark],
    profile: AnnotatorProfile,
    *,
    seed: int,
    frame_size: tuple[int, int],
    categories: Sequence[str] = CATEGORIES,
) -> list[Mark]:
    """One annotator's answer to one frame, see `annotate`."""
    rng = _generator(seed, profile, frame)
    hurried = _hurried(profile, rng)
    seen = []
    for mark in marks:
        missed = rng.random() < miss_chance(mark, hurried)
        drawn = _mistake(_redraw(mark, hurried, rng, frame_size), hurried, rng, categories)
        if not missed:
            seen.append(drawn)
    return seen + [
        _imagine(rng, frame_size, categories) for _ in range(int(rng.poisson(profile.spurious)))
    ]


def miss_chance(mark: Mark, profile: AnnotatorProfile) -> float:
    """`miss` times 32 px over the side of the box, by a factor of 1/4 to 4, at most 0.95."""
    side = max(1.0, math.sqrt(mark.w * mark.h))
    if side < profile.ignores_px:
        return 1.0
    factor = min(max(REFERENCE_SIDE_PX / side, MISS_FACTOR[0]), MISS_FACTOR[1])
    return min(profile.miss * factor, max(MISS_LIMIT, profile.miss))


def _generator(seed: int, profile: AnnotatorProfile, frame: FrameId) -> np.random.Generator:
    drawn = digest_of(canonical_json([seed, profile.name, frame]))
    return np.random.Generator(np.random.PCG64(int(drawn, 16)))


def _hurried(profile: AnnotatorProfile, rng: np.random.Generator) -> AnnotatorProfile:
    """The annotator as they are on this frame."""
    if profile.hurry == 0.0 or rng.random() >= profile.hurry:
        return profile
    miss = min(4.0 * profile.miss, max(MISS_LIMIT, profile.miss))
    return replace(profile, miss=miss, jitter=2.0 * profile.jitter)


def _redraw(
    mark: Mark, profile: AnnotatorProfile, rng: np.random.Generator, frame_size: tuple[int, int]
) -> Mark:
    """Move each edge by its own error, inside the frame, at least one pixel apart."""
    if mark.shape != BOX:
        return _redraw_points(mark, profile, rng)
    left, top, right, bottom = rng.normal(0.0, profile.jitter, size=4)
    across, down = profile.shift
    left, right = left + across - profile.grow / 2, right + across + profile.grow / 2
    top, bottom = top + down - profile.grow / 2, bottom + down + profile.grow / 2
    x, w = _span(mark.x + left * mark.w, mark.x + mark.w + right * mark.w, frame_size[0])
    y, h = _span(mark.y + top * mark.h, mark.y + mark.h + bottom * mark.h, frame_size[1])
    return replace(mark, x=x, y=y, w=w, h=h)


def _redraw_points(mark: Mark, profile: AnnotatorProfile, rng: np.random.Generator) -> Mark:
    """Move each corner or vertex by its own error; of cuboids the middle and the size; masks stay.

    Errors are relative to the side of the bounding box, of cuboids to their length.
    """
    if mark.shape == MASK:
        return mark
    points = np.array(mark.points)
    movable = np.arange(len(points)) < (6 if mark.space else len(points))
    side = points[3] if mark.space else max(1.0, math.sqrt(mark.w * mark.h))
    noise = rng.normal(0.0, profile.jitter * side, len(points))
    return replace(mark, points=tuple((points + np.where(movable, noise, 0.0)).tolist()))


def _span(low: float, high: float, limit: int) -> tuple[float, float]:
    """Start and length of an interval clipped to [0, limit], at least 1 long."""
    start = min(max(low, 0.0), limit - 1.0)
    return float(start), float(max(1.0, min(high, limit) - start))


def _mistake(
    mark: Mark, profile: AnnotatorProfile, rng: np.random.Generator, categories: Sequence[str]
) -> Mark:
    """Draw whether category and state are wrong, and what they become."""
    wrong_category, wrong_state = rng.random(2)
    others = [category for category in categories if category != mark.category]
    other = others[int(rng.integers(len(others)))] if others else mark.category
    states = [state for state in LIGHT_STATES if state != mark.light_state]
    state = states[int(rng.integers(len(states)))]
    if mark.category in profile.confusion:
        other = _taken_for(mark.category, profile.confusion[mark.category], float(wrong_category))
        mistaken = other != mark.category
    else:
        mistaken = bool(wrong_category < profile.wrong_category)
    if mistaken:
        return replace(mark, category=other, light_state="unknown" if other == LIGHT else "")
    if mark.category == LIGHT and wrong_state < profile.wrong_state:
        return replace(mark, light_state=state)
    return mark


def _taken_for(category: str, others: Mapping[str, float], chance: float) -> str:
    """What a category is taken for, by a number drawn from [0, 1)."""
    for other in sorted(others):
        chance -= others[other]
        if chance < 0:
            return other
    return category


def _imagine(
    rng: np.random.Generator, frame_size: tuple[int, int], categories: Sequence[str]
) -> Mark:
    """A box around nothing: side log-normal around 24 px, shape 1:2 to 2:1."""
    side = float(np.exp(rng.normal(np.log(24.0), 0.5)))
    shape = float(2.0 ** rng.uniform(-0.5, 0.5))
    w, h = min(side * shape, frame_size[0]), min(side / shape, frame_size[1])
    category = categories[int(rng.integers(len(categories)))]
    return Mark(
        category=category,
        x=float(rng.uniform(0, frame_size[0] - w)),
        y=float(rng.uniform(0, frame_size[1] - h)),
        w=w,
        h=h,
        light_state="unknown" if category == LIGHT else "",
    )
