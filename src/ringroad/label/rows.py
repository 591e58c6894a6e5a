"""Builds and groups rows of `schemas.ANNOTATIONS`; decides nothing about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import FrameId
from ringroad.media.schemas import ANNOTATIONS

EMPTY = ""
"""Category of the one row of a frame that was looked at and holds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One box of a frame while it is being worked on: x, y, w, h in pixels as recorded."""

    category: str
    x: float
    y: float
    w: float
    h: float
    light_state: str = ""


def marks_by_frame(annotations: pa.Table) -> dict[FrameId, list[Mark]]:
    """Frame -> its boxes in order of annotation id; an empty list where it holds nothing."""
    found: dict[FrameId, list[Mark]] = {}
    ordered = annotations.sort_by([("frame_id", "ascending"), ("annotation_id", "ascending")])
    columns = ("frame_id", "category", "x", "y", "w", "h", "light_state")
    for frame, category, x, y, w, h, state in zip(
        *(ordered[name].to_pylist() for name in columns), strict=True
    ):
        marks = found.setdefault(frame, [])
        if category != EMPTY:
            marks.append(Mark(category=category, x=x, y=y, w=w, h=h, light_state=state))
    return found


def answers_by_frame(annotations: pa.Table) -> dict[FrameId, dict[str, list[Mark]]]:
    """Frame -> author -> boxes, both in ascending order."""
    found: dict[FrameId, dict[str, list[Mark]]] = {}
    for author in sorted(set(annotations["author"].to_pylist())):
        own = annotations.filter(pa.compute.equal(annotations["author"], author))
        for frame, marks in marks_by_frame(own).items():
            found.setdefault(frame, {})[author] = marks
    return dict(sorted(found.items()))


def rows(marks: Mapping[FrameId, Iterable[Mark]], *, author: str, source: str) -> pa.Table:
    """Rows by frame id; an empty frame gets its one row of category "".

    An annotation id is `frame/author/number`, so that an author's second answer to a frame
    replaces the first one in an index.
    """
    listed = [
        (f"{frame}/{author}/{number:04d}", frame, mark)
        for frame in sorted(marks)
        for number, mark in enumerate([*marks[frame]] or [_NOTHING])
    ]
    columns: dict[str, Sequence[str] | Sequence[float]] = {
        "annotation_id": [name for name, _, _ in listed],
        "frame_id": [frame for _, frame, _ in listed],
        "category": [mark.category for _, _, mark in listed],
        "x": [mark.x for _, _, mark in listed],
        "y": [mark.y for _, _, mark in listed],
        "w": [mark.w for _, _, mark in listed],
        "h": [mark.h for _, _, mark in listed],
        "light_state": [mark.light_state for _, _, mark in listed],
        "author": [author] * len(listed),
        "source": [source] * len(listed),
    }
    return pa.table(columns, schema=ANNOTATIONS)


def boxes_of(marks: Iterable[Mark]) -> np.ndarray:
    """(n, 4) float64: x, y, w, h."""
    listed = [(mark.x, mark.y, mark.w, mark.h) for mark in marks]
    return np.array(listed, dtype=np.float64).reshape(-1, 4)


_NOTHING = Mark(category=EMPTY, x=0.0, y=0.0, w=0.0, h=0.0)
