"""One annotation on its way in or out of a file, before it is a row or after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ringroad.domain.annotation import BOX, IMPORT


@dataclass(slots=True, kw_only=True)
class Drawn:
    """The fields of `domain.annotation.Annotation`, changeable, and cheap to make by the million.

    On the way in, coordinates are pixels of the picture as the file says its size, and a box of
    zero size is filled in from the points.
    """

    category: str
    x: float = 0.0
    y: float = 0.0
    w: float = 0.0
    h: float = 0.0
    light_state: str = ""
    shape: str = BOX
    points: list[float] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    mask: str = ""
    space: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    track: str = ""
    key: bool = True
    guideline: str = ""
    id: str = ""
    """Ours, where the file knows it."""
    author: str = ""
    source: str = IMPORT


_COLUMNS = {"track": "track_id", "id": "annotation_id"}
_NAMES = tuple(name for name in Drawn.__dataclass_fields__ if name != "attributes")


def drawn_of(rows: pa.Table) -> Iterator[Drawn]:
    """Rows of `schemas.ANNOTATIONS`, one after the other."""
    columns = [rows[_COLUMNS.get(name, name)].to_pylist() for name in _NAMES]
    texts = rows["attributes"].to_pylist()
    for text, *values in zip(texts, *columns, strict=True):
        fields: dict[str, Any] = dict(zip(_NAMES, values, strict=True))
        yield Drawn(attributes=json.loads(text) if text else {}, **fields)
