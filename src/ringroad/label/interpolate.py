"""Tracks: what somebody drew on key frames, and what lies between them.

Between two key frames of a track each number goes straight from one to the other, at the rate of
the frames' places in time: corners of boxes, vertices of polygons and polylines of equal count,
middle and size of cuboids. Rotations go along the shorter arc at even speed (spherical linear
interpolation: K. Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985), the angle
of a rotated box along the shorter way round. What does not move by itself, category and attributes,
holds from a key frame until the next. Masks and polygons of unequal count hold their shape.

A key frame with the attribute `outside` = `after` says that the thing leaves: nothing lies between
it and the next key frame.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from ringroad.domain.annotation import CUBOID, MASK, PIXELS, POINT, POLYGON, POLYLINE, ROTATED_BOX
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.label.geometry import bounds_of
from ringroad.label.rows import Mark

OUTSIDE, AFTER = "outside", "after"
"""Attribute of a key frame, and its value, after which the thing is not seen."""
_ALIGNED = 0.9995
"""Cosine of half an angle above which the arc is as good as straight."""


def filled(
    keys: Mapping[FrameId, Mark], frames: Sequence[FrameId], times: Sequence[int]
) -> dict[FrameId, Mark]:
    """A track on all frames between its first key frame and its last.

    Args:
        keys: what was drawn, by frame.
        frames: the frames in order of time, those of the keys among them.
        times: of each frame, rising; nanoseconds, or sequence numbers.

    Returns:
        Key frames with `key` set, the others with it clear; frames on which the thing is outside
        are left out.

    Raises:
        InvalidAnnotations: a key frame is not among the frames, or its shape changes on the way.
    """
    place = {frame: at for at, frame in enumerate(frames)}
    if lost := sorted(set(keys) - set(place)):
        raise InvalidAnnotations(
            "a key frame of the track is not among the frames to fill", subject=lost[0]
        )
    drawn = sorted(keys, key=lambda frame: place[frame])
    found: dict[FrameId, Mark] = {}
    for first, last in zip_longest(drawn, drawn[1:]):
        found[first] = replace(keys[first], key=True)
        if last is None or leaves(keys[first]):
            continue
        start, end = place[first], place[last]
        _check_alike(keys[first], keys[last], last)
        for at in range(start + 1, end):
            share = (times[at] - times[start]) / (times[end] - times[start])
            found[frames[at]] = between(keys[first], keys[last], share)
    return found


def between(first: Mark, last: Mark, share: float) -> Mark:
    """What lies at a share of the way from one key frame to the next; no id, no key."""
    x, y, w, h = _line(_box(first), _box(last), share)
    moved = replace(first, x=x, y=y, w=w, h=h, key=False, id="")
    if not first.points:
        return moved
    if first.shape == CUBOID:
        return replace(moved, points=_cuboid(first.points, last.points, share))
    if first.shape == ROTATED_BOX:
        return replace(moved, points=_turned(first.points, last.points, share))
    if len(first.points) != len(last.points) or first.parts != last.parts:
        return replace(first, key=False, id="")
    points = _line(first.points, last.points, share)
    moved = replace(moved, points=points)
    return _bounded(moved) if first.space == PIXELS else moved


def leaves(mark: Mark) -> bool:
    """Whether a key frame is the last before a gap."""
    return mark.attributes.get(OUTSIDE) == AFTER


def slerp(first: Sequence[float], last: Sequence[float], share: float) -> tuple[float, ...]:
    """The rotation at a share of the shorter arc between two unit quaternions w, x, y, z."""
    a, b = np.asarray(first, np.float64), np.asarray(last, np.float64)
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    cosine = float(a @ b)
    if cosine < 0.0:  # the same rotation, the other way round
        b, cosine = -b, -cosine
    if cosine > _ALIGNED:
        mixed = a + share * (b - a)
    else:
        angle = math.acos(cosine)
        mixed = (math.sin((1.0 - share) * angle) * a + math.sin(share * angle) * b) / math.sin(
            angle
        )
    unit = mixed / np.linalg.norm(mixed)
    return tuple(float(part) for part in unit)


def _check_alike(first: Mark, last: Mark, frame: FrameId) -> None:
    if (first.shape, first.space) != (last.shape, last.space):
        raise InvalidAnnotations(
            f"the track {first.track!r} goes from {first.shape} to {last.shape}",
            subject=frame,
            remedy="end it before (outside = after) and begin another track",
        )
    if first.shape == MASK and first.mask != last.mask:
        raise InvalidAnnotations(
            f"masks of the track {first.track!r} cannot be interpolated",
            subject=frame,
            remedy="draw each frame, or use polygons",
        )


def _box(mark: Mark) -> tuple[float, ...]:
    return (mark.x, mark.y, mark.w, mark.h)


def _line(first: Sequence[float], last: Sequence[float], share: float) -> tuple[float, ...]:
    return tuple(a + share * (b - a) for a, b in zip(first, last, strict=True))


def _turned(first: Sequence[float], last: Sequence[float], share: float) -> tuple[float, ...]:
    """A rotated box: middle and size straight, the angle along the shorter way."""
    turn = math.remainder(last[4] - first[4], 2.0 * math.pi)
    return (*_line(first[:4], last[:4], share), first[4] + share * turn)


def _cuboid(first: Sequence[float], last: Sequence[float], share: float) -> tuple[float, ...]:
    return (*_line(first[:6], last[:6], share), *slerp(first[6:], last[6:], share))


def _bounded(mark: Mark) -> Mark:
    """The box around points, where they are pixels."""
    if mark.shape not in (POLYGON, POLYLINE, POINT):
        return mark
    x, y, w, h = bounds_of(mark.points)
    return replace(mark, x=x, y=y, w=w, h=h)
