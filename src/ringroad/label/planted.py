"""Errors planted into labels that are mostly right: what evidence of an error looks like.

Nobody has a list of the errors in their labels. But hide an annotation, and what the network says
of its place is what it says of an overlooked thing; move one to another frame, and there is
something invented. From planted errors the ranking learns how much each sign is worth with this
network and these labels, instead of trusting a network's scores to be chances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ringroad.label.matching import iou
from ringroad.label.rows import Mark

RIGHT = "right"
SPURIOUS = "spurious"
CATEGORY = "category"
LOCATION = "location"
OVERLOOKED = "overlooked"
PLANTED = (SPURIOUS, CATEGORY, LOCATION)
MOST_LIKE = 0.3
"""What is planted as invented overlaps nothing that is there by more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planting:
    """The marks of a frame with errors in them.

    Attributes:
        marks: those that an annotator would have left.
        kinds: what is wrong with each, `RIGHT` for most.
        origin: index of the mark each was made from, -1 for invented ones.
        hidden: those that were taken away.
    """

    marks: tuple[Mark, ...]
    kinds: tuple[str, ...]
    origin: tuple[int, ...]
    hidden: tuple[Mark, ...]


def plant(
    marks: Sequence[Mark],
    elsewhere: Sequence[Mark],
    rng: np.random.Generator,
    *,
    categories: Sequence[str],
    size: tuple[int, int],
    rate: float,
) -> Planting:
    """Draw errors for one frame; each of the four kinds befalls a share `rate` of its marks.

    Args:
        marks: of the frame.
        elsewhere: marks of other frames, from which invented ones are drawn.
        rng: of all draws.
        categories: what a mark can be mistaken for.
        size: width and height of the frame.
        rate: of each kind.
    """
    kept: list[tuple[Mark, str, int]] = []
    hidden: list[Mark] = []
    for at, mark in enumerate(marks):
        chance = rng.random()
        if chance < rate:
            hidden.append(mark)
        elif chance < 2 * rate and len(categories) > 1:
            others = [name for name in categories if name != mark.category]
            other = others[int(rng.integers(len(others)))]
            kept.append((replace(mark, category=other), CATEGORY, at))
        elif chance < 3 * rate:
            kept.append((displaced(mark, rng, size=size), LOCATION, at))
        else:
            kept.append((mark, RIGHT, at))
    for _ in range(int(rng.poisson(rate * len(marks)))):
        made = invented(elsewhere, [*(mark for mark, _, _ in kept), *hidden], rng, size=size)
        if made is not None:
            kept.append((made, SPURIOUS, -1))
    return Planting(
        marks=tuple(mark for mark, _, _ in kept),
        kinds=tuple(kind for _, kind, _ in kept),
        origin=tuple(at for _, _, at in kept),
        hidden=tuple(hidden),
    )


def displaced(mark: Mark, rng: np.random.Generator, *, size: tuple[int, int]) -> Mark:
    """A box badly drawn: moved, or too wide, too narrow, too high or too low, by 15 to 50 %."""
    for _ in range(20):
        shift = rng.uniform(0.15, 0.5, 2) * rng.choice([-1.0, 1.0], 2) * (rng.random(2) < 0.6)
        scale = np.exp(rng.uniform(0.15, 0.5, 2) * rng.choice([-1.0, 1.0], 2))
        scale = np.where(rng.random(2) < 0.5, scale, 1.0)
        w, h = mark.w * scale[0], mark.h * scale[1]
        x = mark.x + shift[0] * mark.w - (w - mark.w) / 2
        y = mark.y + shift[1] * mark.h - (h - mark.h) / 2
        moved = clipped(replace(mark, x=float(x), y=float(y), w=float(w), h=float(h)), size)
        if moved is not None and 0.25 <= iou(mark, moved) <= 0.7:
            return moved
    return replace(mark, x=mark.x + 0.3 * mark.w) if size[0] > mark.x + 1.3 * mark.w else mark


def invented(
    elsewhere: Sequence[Mark],
    here: Sequence[Mark],
    rng: np.random.Generator,
    *,
    size: tuple[int, int],
) -> Mark | None:
    """A mark of another frame, moved by up to a tenth of the frame, where nothing is."""
    for _ in range(20):
        if not elsewhere:
            return None
        mark = elsewhere[int(rng.integers(len(elsewhere)))]
        x = mark.x + float(rng.uniform(-0.1, 0.1)) * size[0]
        y = mark.y + float(rng.uniform(-0.05, 0.05)) * size[1]
        made = clipped(replace(mark, x=x, y=y, id="", track=""), size)
        if made is not None and all(iou(made, other) <= MOST_LIKE for other in here):
            return made
    return None


def clipped(mark: Mark, size: tuple[int, int]) -> Mark | None:
    """Inside the frame; None where less than 4 pixels are left of a side."""
    x, y = max(0.0, mark.x), max(0.0, mark.y)
    w, h = min(mark.x + mark.w, size[0]) - x, min(mark.y + mark.h, size[1]) - y
    return replace(mark, x=x, y=y, w=w, h=h) if min(w, h) >= 4 else None
