"""Simulated annotators: answers drawn from truth with stated error rates.

With `simulate`'s truth this is the labelling oracle. Everything it answers says so in its
`source` column.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import CATEGORIES, LIGHT, LIGHT_STATES
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

    def __post_init__(self) -> None:
        """Chances lie in [0, 1]; rates are not negative."""
        for rate in ("miss", "wrong_category", "wrong_state"):
            if not 0.0 <= getattr(self, rate) <= 1.0:
                raise ValueError(f"{rate} of {self.name} is not a chance: {getattr(self, rate)}")
        if self.spurious < 0 or self.jitter < 0:
            raise ValueError(f"spurious and jitter of {self.name} must not be negative")


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
        frame: _answer(marks, profile, _generator(seed, profile, frame), frame_size, categories)
        for frame, marks in marks_by_frame(truth).items()
    }
    return rows(answers, author=profile.name, source="simulated")


def miss_chance(mark: Mark, profile: AnnotatorProfile) -> float:
    """`miss` times 32 px over the side of the box, by a factor of 1/4 to 4, at most 0.95."""
    side = max(1.0, math.sqrt(mark.w * mark.h))
    factor = min(max(REFERENCE_SIDE_PX / side, MISS_FACTOR[0]), MISS_FACTOR[1])
    return min(profile.miss * factor, max(MISS_LIMIT, profile.miss))


def _generator(seed: int, profile: AnnotatorProfile, frame: FrameId) -> np.random.Generator:
    drawn = digest_of(canonical_json([seed, profile.name, frame]))
    return np.random.Generator(np.random.PCG64(int(drawn, 16)))


def _answer(
    marks: Sequence[Mark],
    profile: AnnotatorProfile,
    rng: np.random.Generator,
    frame_size: tuple[int, int],
    categories: Sequence[str],
) -> list[Mark]:
    seen = []
    for mark in marks:
        missed = rng.random() < miss_chance(mark, profile)
        drawn = _mistake(_redraw(mark, profile, rng, frame_size), profile, rng, categories)
        if not missed:
            seen.append(drawn)
    return seen + [
        _imagine(rng, frame_size, categories) for _ in range(int(rng.poisson(profile.spurious)))
    ]


def _redraw(
    mark: Mark, profile: AnnotatorProfile, rng: np.random.Generator, frame_size: tuple[int, int]
) -> Mark:
    """Move each edge by its own error, inside the frame, at least one pixel apart."""
    left, top, right, bottom = rng.normal(0.0, profile.jitter, size=4)
    x, w = _span(mark.x + left * mark.w, mark.x + mark.w + right * mark.w, frame_size[0])
    y, h = _span(mark.y + top * mark.h, mark.y + mark.h + bottom * mark.h, frame_size[1])
    return replace(mark, x=x, y=y, w=w, h=h)


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
    if wrong_category < profile.wrong_category:
        return replace(mark, category=other, light_state="unknown" if other == LIGHT else "")
    if mark.category == LIGHT and wrong_state < profile.wrong_state:
        return replace(mark, light_state=state)
    return mark


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
