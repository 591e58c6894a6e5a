"""Answers of people: from what they drew to rows, checked; and rows as JSON that people edit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import AREAS, PIXELS, Annotation, Box
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.domain.nearest import nearest
from ringroad.domain.taxonomy import Guideline
from ringroad.label.guidelines import check_marks
from ringroad.label.masks import counts_of
from ringroad.label.rows import EMPTY, Mark, marks_by_frame, rows

_OPTIONAL = ("light_state", "mask", "space", "track", "id", "shape")
_KEYS = ("category", "box", "points", "parts", "attributes", "key", *_OPTIONAL)
_REMEDY = f"an annotation takes {', '.join(_KEYS)}; see docs/labels.md"


def marks_from(frame: FrameId, values: Iterable[Any]) -> list[Mark]:
    """What somebody drew on a frame, out of JSON objects.

    An object has `category` and `box` [x, y, w, h]; whatever else an annotation has may be
    there: `shape`, `points`, `parts`, `mask`, `space`, `attributes`, `light_state`, `track`,
    `key`, `id`.

    Raises:
        InvalidAnnotations: an object is none of that; says which and what.
    """
    found = []
    for place, value in enumerate(values):
        try:
            found.append(_mark(frame, value))
        except (TypeError, ValueError, KeyError) as error:
            what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise InvalidAnnotations(
                what, subject=frame, place=f"annotation {place}", remedy=_REMEDY
            ) from error
    return found


def marks_to(marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """The JSON objects that `marks_from` reads; what is plain is left out.

    The guideline is, too: an answer is made under that of its order.
    """
    plain = Mark(category="", x=0.0, y=0.0, w=0.0, h=0.0)
    found = []
    for mark in marks:
        values = asdict(mark)
        box = [values.pop(name) for name in ("x", "y", "w", "h")]
        del values["guideline"]
        kept = {name: v for name, v in values.items() if v != getattr(plain, name)}
        found.append({"category": mark.category, "box": box, **kept})
    return found


def checked_rows(
    frame: FrameId,
    marks: Sequence[Mark],
    *,
    author: str,
    source: str,
    guideline: Guideline | None = None,
    version: str = "",
    size: tuple[int, int] | None = None,
) -> pa.Table:
    """Rows of `schemas.ANNOTATIONS` of one answer; a frame that holds nothing has its one row.

    Args:
        frame: what it is about.
        marks: what was drawn; ids stay, marks without one are numbered.
        author: who drew it.
        source: one of `domain.annotation.SOURCES`.
        guideline: what may be drawn; anything where there is none.
        version: of the guideline.
        size: of the frame, width and height in pixels, where it is known.

    Raises:
        InvalidAnnotations: something the guideline does not know, an area without an area, an
            annotation wholly outside the frame, an id that stands twice or is another frame's.
    """
    if guideline is not None:
        check_marks(guideline, frame, marks)
    seen: set[str] = set()
    for place, mark in enumerate(marks):
        _check(mark, frame, f"annotation {place}", size)
        if mark.id and mark.id in seen:
            raise InvalidAnnotations(f"the id {mark.id} stands twice", subject=frame)
        if "/" in mark.id and not mark.id.startswith(f"{frame}/"):
            raise InvalidAnnotations(
                f"the id {mark.id} is that of another frame's annotation",
                subject=frame,
                place=f"annotation {place}",
                remedy="leave the id out: it gets one of its own",
            )
        seen.add(mark.id)
    named = _named(frame, marks, author)
    kept = [replace(mark, guideline=version or mark.guideline) for mark in named]
    return rows({frame: kept}, author=author, source=source)


def rows_of_frame(table: pa.Table, frame: FrameId) -> pa.Table:
    """Rows of one frame out of a batch."""
    return table.filter(pc.equal(table.column("frame_id"), frame))


def marks_of(table: pa.Table, frame: FrameId) -> list[Mark]:
    """What a batch holds of one frame, with ids."""
    mine = rows_of_frame(table, frame)
    return marks_by_frame(mine, with_ids=True).get(frame, [])


def marks_in(table: pa.Table) -> int:
    """Annotations in a batch; the row of an empty frame is none."""
    return int(pc.sum(pc.not_equal(table.column("category"), EMPTY)).as_py() or 0)


def _mark(frame: FrameId, value: Any) -> Mark:
    if not isinstance(value, Mapping):
        raise TypeError("an annotation is an object")
    if extra := sorted(set(value) - {*_KEYS}):
        close = nearest(extra[0], _KEYS)
        raise ValueError(f"unknown key {extra[0]!r}{f'; do you mean {close}?' if close else ''}")
    box = [float(side) for side in value.get("box", (0.0, 0.0, 0.0, 0.0))]
    if len(box) != 4:
        raise ValueError("box is [x, y, w, h] in pixels")
    texts = {name: str(value[name]) for name in _OPTIONAL if name in value}
    attributes = {str(k): str(v) for k, v in dict(value.get("attributes", {})).items()}
    mark = Mark(
        category=str(value["category"]),
        x=box[0],
        y=box[1],
        w=box[2],
        h=box[3],
        points=tuple(float(number) for number in value.get("points", ())),
        parts=tuple(int(number) for number in value.get("parts", ())),
        attributes=attributes,
        key=bool(value.get("key", True)),
        **texts,
    )
    if not mark.category:
        raise ValueError("category is empty; a frame that holds nothing has no annotations")
    if mark.mask:
        counts_of(mark.mask)
    _annotation(frame, mark)
    return mark


def _annotation(frame: FrameId, mark: Mark) -> Annotation:
    """The noun, which checks shapes and numbers."""
    return Annotation(
        frame=frame,
        category=mark.category,
        box=Box(x=mark.x, y=mark.y, w=mark.w, h=mark.h),
        shape=mark.shape,
        points=mark.points,
        parts=mark.parts,
        mask=mark.mask,
        space=mark.space,
    )


def _check(mark: Mark, frame: FrameId, place: str, size: tuple[int, int] | None) -> None:
    if not all(math.isfinite(side) for side in (mark.x, mark.y, mark.w, mark.h)):
        raise InvalidAnnotations("a coordinate is not a number", subject=frame, place=place)
    if mark.space != PIXELS:
        return
    if mark.shape in AREAS and (mark.w <= 0.0 or mark.h <= 0.0):
        raise InvalidAnnotations(
            f"the {mark.shape} has no area ({mark.w:g} x {mark.h:g} px)",
            subject=frame,
            place=place,
            remedy="draw it again, or leave it out",
        )
    if size is None:
        return
    if _is_outside(mark, size):
        raise InvalidAnnotations(
            f"lies outside the frame of {size[0]} x {size[1]} px", subject=frame, place=place
        )


def _is_outside(mark: Mark, size: tuple[int, int]) -> bool:
    """Whether it shares no pixel with the frame; a line or a point may lie on its border."""
    pairs = ((mark.x, mark.w, size[0]), (mark.y, mark.h, size[1]))
    if mark.shape in AREAS:
        return any(at >= side or at + length <= 0 for at, length, side in pairs)
    return any(at > side or at + length < 0 for at, length, side in pairs)


def _named(frame: FrameId, marks: Sequence[Mark], author: str) -> list[Mark]:
    """Every mark with an id of its own."""
    taken = {mark.id for mark in marks}
    numbers = (
        name for number in range(10**6) if (name := f"{frame}/{author}/{number:04d}") not in taken
    )
    return [mark if mark.id else replace(mark, id=next(numbers)) for mark in marks]
