"""Reads predictions of any network from a COCO results file, row by row and without trust."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ringroad.domain.annotation import LIGHT, LIGHT_STATES
from ringroad.domain.errors import InvalidAnnotations
from ringroad.domain.ids import FrameId
from ringroad.domain.problem import Problem
from ringroad.media.schemas import PREDICTIONS

LARGEST_PX = 1e6
"""No picture is so wide; beyond it the numbers are not pixels."""


class _RowRefused(Exception):
    """One row of the file cannot be used; carries the problem."""

    def __init__(self, code: str, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.code, self.what, self.remedy = code, what, remedy


def read_predictions(
    data: bytes,
    *,
    frames: Mapping[int | str, FrameId],
    categories: Mapping[int, str],
    model: str,
) -> tuple[pa.Table, tuple[Problem, ...]]:
    """Read a list of `{"image_id", "category_id", "bbox", "score"}`.

    A row that cannot be used becomes a problem, the rest goes on. A row of the category `light`
    may say its `light_state`.

    Args:
        data: the file.
        frames: the file's image id -> frame.
        categories: the file's category id -> ours.
        model: what the network is called; stands in each row, and in its id.

    Returns:
        Rows of `schemas.PREDICTIONS` in file order, and the problems in file order.

    Raises:
        InvalidAnnotations: not JSON, or not a list.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    counts: Counter[FrameId] = Counter()
    for index, row in enumerate(_parse(data)):
        try:
            read = _row(row, frames, categories)
        except _RowRefused as refused:
            problems.append(
                Problem(
                    code=refused.code,
                    place=f"[{index}]",
                    what=refused.what,
                    remedy=refused.remedy,
                )
            )
            continue
        frame = read["frame_id"]
        number = counts[frame]
        counts[frame] += 1
        rows.append({**read, "model": model, "prediction_id": f"{frame}/{model}/{number:04d}"})
    return pa.Table.from_pylist(rows, schema=PREDICTIONS), tuple(problems)


def _parse(data: bytes) -> list[Any]:
    remedy = "export the file again as COCO results, one list of boxes"
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidAnnotations(f"not JSON: {error}", remedy=remedy) from error
    if not isinstance(document, list):
        raise InvalidAnnotations("not a COCO results file: no list at the top", remedy=remedy)
    return document


def _row(
    row: object, frames: Mapping[int | str, FrameId], categories: Mapping[int, str]
) -> dict[str, Any]:
    """All columns that the file decides."""
    if not isinstance(row, dict):
        raise _RowRefused("not-an-object", f"a {type(row).__name__} stands where an object should")
    image = row.get("image_id")
    if isinstance(image, bool) or not isinstance(image, (int, str)) or image not in frames:
        raise _RowRefused(
            "unknown-image",
            f"no frame belongs to image_id {image!r:.80}",
            "use the image ids of the dataset that was exported",
        )
    number = row.get("category_id")
    if isinstance(number, bool) or not isinstance(number, int) or number not in categories:
        raise _RowRefused(
            "unknown-category",
            f"category_id {number!r:.80} is not mapped",
            f"known: {', '.join(str(known) for known in sorted(categories)) or 'none'}",
        )
    box = dict(zip("xywh", _box(row.get("bbox")), strict=True))
    score = _number(row.get("score"))
    if not 0.0 <= score <= 1.0:
        raise _RowRefused(
            "bad-score", f"score {row.get('score')!r:.80} is not a number from 0 to 1"
        )
    category = categories[number]
    state = row.get("light_state") if category == LIGHT else ""
    return {
        "frame_id": frames[image],
        "category": category,
        "score": score,
        "light_state": state if state in LIGHT_STATES else "",
        **box,
    }


def _box(value: object) -> list[float]:
    """Top-left corner and size in pixels."""
    sides = [_number(part) for part in value] if isinstance(value, list) else []
    if len(sides) != 4 or not all(abs(side) <= LARGEST_PX for side in sides):
        raise _RowRefused(
            "bad-box", f"bbox {value!r:.80} is not four numbers", "give x, y, width, height"
        )
    if sides[2] <= 0.0 or sides[3] <= 0.0:
        raise _RowRefused(
            "empty-box",
            f"bbox {value!r:.80} has no area",
            "give x, y, width, height, not two corners",
        )
    return sides


def _number(value: object) -> float:
    """The number, or NaN, which no check lets pass."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
