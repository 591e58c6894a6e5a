"""Reads COCO boxes, row by row and without trust. Writing them is write_coco's work."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from ringroad.domain.annotation import LIGHT, LIGHT_STATES
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.domain.problem import Problem
from ringroad.label.rows import Mark, rows

OVERSHOOT_PX = 1.0
"""Boxes that pass the frame's edge by no more than this are clipped: tools round differently."""


class _RowRefused(Exception):
    """One row of the file cannot be used; carries the problem."""

    def __init__(self, code: str, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.code, self.what, self.remedy = code, what, remedy


@dataclass(kw_only=True)
class _Import:
    """What is known so far while a file is read."""

    frames: Mapping[str, FrameId]
    sizes: Mapping[FrameId, tuple[int, int]]
    categories: Mapping[str, str]
    images: dict[int | str, FrameId | None] = field(default_factory=dict)
    """Image id -> frame; None for a picture that is not ours."""
    names: dict[int | str, str] = field(default_factory=dict)
    """Category id -> the file's name for it."""
    seen: set[int | str] = field(default_factory=set)
    marks: dict[FrameId, list[Mark]] = field(default_factory=dict)
    doubtful: set[FrameId] = field(default_factory=set)
    """Frames of which a box was refused: without another box they are not empty but unknown."""
    unmapped: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_coco(
    data: bytes,
    frames: Mapping[str, FrameId],
    sizes: Mapping[FrameId, tuple[int, int]],
    categories: Mapping[str, str],
    *,
    author: str = "coco",
) -> tuple[pa.Table, tuple[Problem, ...]]:
    """Import boxes; each row that cannot be used becomes a problem, the rest goes on.

    Every image that is listed was looked at: without a box it becomes an empty frame, unless a
    box of it was refused. A category that is not mapped is left out, with one problem that
    counts its boxes.

    Args:
        data: the file.
        frames: the file's `file_name` -> frame.
        sizes: frame -> width and height in pixels, as recorded.
        categories: the file's category name -> ours.
        author: stands in each row, and in its id.

    Returns:
        Rows of `schemas.ANNOTATIONS`, source `import`, and the problems in file order.

    Raises:
        InvalidAnnotations: not JSON, or not a COCO object at all.
    """
    document = _parse(data)
    work = _Import(frames=frames, sizes=sizes, categories=categories)
    _each(work, document, "images", _read_image)
    _each(work, document, "categories", _read_category)
    _each(work, document, "annotations", _read_annotation)
    for name, count in work.unmapped.items():
        work.problems.append(_unmapped(name, count))
    kept = {
        frame: marks for frame, marks in work.marks.items() if marks or frame not in work.doubtful
    }
    return rows(kept, author=author, source="import"), tuple(work.problems)


def _parse(data: bytes) -> Mapping[str, Any]:
    remedy = "export the file again as COCO object detection"
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidAnnotations(f"not JSON: {error}", remedy=remedy) from error
    if not isinstance(document, dict):
        raise InvalidAnnotations("not a COCO file: no object at the top", remedy=remedy)
    for part in ("images", "categories", "annotations"):
        if not isinstance(document.get(part), list):
            raise InvalidAnnotations(f"not a COCO file: no list {part!r}", remedy=remedy)
    return document


def _each(
    work: _Import,
    document: Mapping[str, Any],
    part: str,
    read: Callable[[_Import, Mapping[str, Any]], None],
) -> None:
    """Read each row of one list; a refused one becomes a problem with its place."""
    for index, row in enumerate(document[part]):
        place = f"{part}[{index}]"
        try:
            fields = _fields(row)
            place += f", id {fields.get('id')!r}"
            read(work, fields)
        except _RowRefused as refused:
            work.problems.append(
                Problem(code=refused.code, place=place, what=refused.what, remedy=refused.remedy)
            )


def _fields(row: object) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise _RowRefused("not-an-object", f"a {type(row).__name__} stands where an object should")
    return row


def _read_image(work: _Import, row: Mapping[str, Any]) -> None:
    image = _id(row, "id")
    if image in work.images:
        raise _RowRefused("duplicate-image", "another image has this id; the first one counts")
    name = row.get("file_name")
    frame = work.frames.get(name) if isinstance(name, str) else None
    work.images[image] = frame
    if frame is None:
        raise _RowRefused(
            "unknown-file",
            f"no frame belongs to the file {name!r}; its boxes are left out",
            "ingest the picture first, or correct its file_name",
        )
    work.marks.setdefault(frame, [])


def _read_category(work: _Import, row: Mapping[str, Any]) -> None:
    category, name = _id(row, "id"), row.get("name")
    if category in work.names:
        raise _RowRefused("duplicate-category", "another category has this id; the first counts")
    if not isinstance(name, str):
        raise _RowRefused("unnamed-category", "the category has no name")
    work.names[category] = name


def _read_annotation(work: _Import, row: Mapping[str, Any]) -> None:
    frame = _frame_of(work, row)
    if frame is None:
        return
    try:
        mark = _mark_of(work, row, work.sizes[frame])
    except _RowRefused:
        work.doubtful.add(frame)
        raise
    if mark is not None:
        work.marks[frame].append(mark)


def _frame_of(work: _Import, row: Mapping[str, Any]) -> FrameId | None:
    """The frame; None for a picture that is not ours, which is a problem of the picture."""
    image = _id(row, "image_id")
    if image not in work.images:
        raise _RowRefused(
            "unknown-image",
            f"image_id {image!r} is not among the images",
            "add the image, or remove the annotation",
        )
    return work.images[image]


def _mark_of(work: _Import, row: Mapping[str, Any], size: tuple[int, int]) -> Mark | None:
    """The box; None where its category is deliberately not mapped."""
    annotation = _id(row, "id")
    if annotation in work.seen:
        raise _RowRefused(
            "duplicate-annotation", "another annotation has this id; the first counts"
        )
    work.seen.add(annotation)
    category = _id(row, "category_id")
    if category not in work.names:
        raise _RowRefused(
            "unknown-category",
            f"category_id {category!r} is not among the categories",
            "add the category, or correct the annotation",
        )
    name = work.names[category]
    if name not in work.categories:
        work.unmapped[name] = work.unmapped.get(name, 0) + 1
        return None
    if row.get("iscrowd", 0) not in (0, False):
        raise _RowRefused("crowd", "a crowd region is not one object; it is left out")
    ours = work.categories[name]
    state = _light_state(row) if ours == LIGHT else ""
    return replace(_box(row.get("bbox"), size), category=ours, light_state=state)


def _box(bbox: object, size: tuple[int, int]) -> Mark:
    """A checked and clipped box without a category."""
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(map(_is_number, bbox)):
        raise _RowRefused("no-box", f"bbox is {bbox!r}, not four finite numbers x, y, w, h")
    x, y, w, h = (float(value) for value in bbox)
    if w <= 0 or h <= 0:
        raise _RowRefused("empty-box", f"bbox {bbox!r} has no area", "draw it again or remove it")
    over = max(-x, -y, x + w - size[0], y + h - size[1])
    if over > OVERSHOOT_PX:
        raise _RowRefused(
            "outside-frame",
            f"bbox {bbox!r} leaves the frame of {size[0]} by {size[1]} pixels",
            "check that sizes and boxes belong to the same resolution",
        )
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + w, size[0]), min(y + h, size[1])
    if right <= left or bottom <= top:
        raise _RowRefused("outside-frame", f"bbox {bbox!r} lies outside the frame")
    return Mark(category="", x=left, y=top, w=right - left, h=bottom - top)


def _light_state(row: Mapping[str, Any]) -> str:
    """`attributes.light_state`, as write_coco leaves it; unknown where there is none."""
    attributes = row.get("attributes")
    state = attributes.get("light_state") if isinstance(attributes, dict) else None
    if state is None:
        return LIGHT_STATES[0]
    if state not in LIGHT_STATES:
        raise _RowRefused(
            "unknown-light-state", f"{state!r} is no state", f"known: {', '.join(LIGHT_STATES)}"
        )
    return str(state)


def _id(row: Mapping[str, Any], key: str) -> int | str:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _RowRefused("no-id", f"{key} is {value!r}, not a number or text")
    return value


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _unmapped(name: str, count: int) -> Problem:
    return Problem(
        code="unmapped-category",
        place=f"category {name!r}",
        what=f"{count} boxes left out: the category is not mapped to one of ours",
        remedy=f"map it, as in categories = {{ {name!r} = ... }}, if it matters",
    )
