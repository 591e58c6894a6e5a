"""Builds and groups rows of `schemas.ANNOTATIONS`; decides nothing about them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import BOX
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import FrameId
from ringroad.media.annotation_rows import full
from ringroad.media.schemas import ANNOTATIONS

EMPTY = ""
"""Category of the one row of a frame that was looked at and holds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A `domain.annotation.Annotation` while it is worked on, without its frame and author.

    x, y, w, h is the bounding box in pixels as recorded.
    """

    category: str
    x: float
    y: float
    w: float
    h: float
    light_state: str = ""
    shape: str = BOX
    points: tuple[float, ...] = ()
    parts: tuple[int, ...] = ()
    mask: str = ""
    space: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    track: str = ""
    key: bool = True
    guideline: str = ""
    id: str = ""
    """Of the annotation; empty for one that has none yet."""


def marks_by_frame(annotations: pa.Table, *, with_ids: bool = False) -> dict[FrameId, list[Mark]]:
    """Frame -> its annotations in order of their ids; an empty list where it holds nothing.

    Without ids they are marks to be answered anew, and get ids of their own.
    """
    found: dict[FrameId, list[Mark]] = {}
    ordered = full(annotations).sort_by([("frame_id", "ascending"), ("annotation_id", "ascending")])
    frames = ordered["frame_id"].to_pylist()
    names = _FIELDS if with_ids else _FIELDS[:-1]
    columns = (ordered[_COLUMN_OF.get(name, name)].to_pylist() for name in names)
    for frame, *values in zip(frames, *columns, strict=True):
        marks = found.setdefault(frame, [])
        if values[0] != EMPTY:
            marks.append(_mark(dict(zip(names, values, strict=True))))
    return found


_FIELDS = tuple(Mark.__dataclass_fields__)
_COLUMN_OF = {"track": "track_id", "id": "annotation_id"}


def _mark(values: dict[str, Any]) -> Mark:
    values["points"], values["parts"] = tuple(values["points"]), tuple(values["parts"])
    values["attributes"] = json.loads(values["attributes"]) if values["attributes"] else {}
    return Mark(**values)


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

    A mark without an id gets `frame/author/number`, so that an author's second answer to a
    frame replaces the first one in an index.
    """
    listed = [
        (mark.id or f"{frame}/{author}/{number:04d}", frame, mark)
        for frame in sorted(marks)
        for number, mark in enumerate([*marks[frame]] or [_NOTHING])
    ]
    columns: dict[str, Sequence[Any]] = {
        "annotation_id": [name for name, _, _ in listed],
        "frame_id": [frame for _, frame, _ in listed],
        "author": [author] * len(listed),
        "source": [source] * len(listed),
        "attributes": [attributes_text(mark.attributes) for _, _, mark in listed],
        "track_id": [mark.track for _, _, mark in listed],
    }
    for name in ANNOTATIONS.names:
        if name not in columns:
            columns[name] = [getattr(mark, name) for _, _, mark in listed]
    return pa.table(columns, schema=ANNOTATIONS)


def attributes_text(attributes: Mapping[str, str]) -> str:
    """Attributes as a column holds them."""
    return canonical_json(dict(attributes)).decode() if attributes else ""


def boxes_of(marks: Iterable[Mark]) -> np.ndarray:
    """(n, 4) float64: x, y, w, h."""
    listed = [(mark.x, mark.y, mark.w, mark.h) for mark in marks]
    return np.array(listed, dtype=np.float64).reshape(-1, 4)


_NOTHING = Mark(category=EMPTY, x=0.0, y=0.0, w=0.0, h=0.0)
