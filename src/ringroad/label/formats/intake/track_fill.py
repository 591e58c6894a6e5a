"""What lies between key frames of a track, for formats that hold key frames alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ringroad.domain.annotation import BOX
from ringroad.label.formats.drawn import Drawn
from ringroad.label.interpolate import between
from ringroad.label.rows import Mark


def filled_between(
    keys: Mapping[int, Drawn], times: Sequence[int], shown: Collection[int]
) -> dict[int, Drawn]:
    """Annotations on the frames that are shown, between key frames of one shape.

    Args:
        keys: place of a frame -> what was drawn there.
        times: of each frame, rising.
        shown: places of frames that the thing is on.

    Returns:
        By place, without the key frames; their ids are empty and `key` is false.
    """
    found: dict[int, Drawn] = {}
    for first, last in pairwise(sorted(keys)):
        a, b = _mark(keys[first]), _mark(keys[last])
        for at in range(first + 1, last):
            if at in shown:
                share = (times[at] - times[first]) / (times[last] - times[first])
                found[at] = _drawn(between(a, b, share), keys[first])
    return found


def _mark(item: Drawn) -> Mark:
    return Mark(
        category=item.category,
        x=item.x,
        y=item.y,
        w=item.w,
        h=item.h,
        shape=item.shape,
        points=tuple(item.points),
        parts=tuple(item.parts),
        space=item.space,
    )


def _drawn(mark: Mark, like: Drawn) -> Drawn:
    """The annotation before, at another place; points of other shapes than boxes say where."""
    box = (mark.x, mark.y, mark.w, mark.h) if mark.shape == BOX else (0.0, 0.0, 0.0, 0.0)
    return replace(held(like), x=box[0], y=box[1], w=box[2], h=box[3], points=list(mark.points))


def held(item: Drawn) -> Drawn:
    """The same on a frame where nobody drew it."""
    return replace(
        item, id="", key=False, points=list(item.points), attributes=dict(item.attributes)
    )
