"""Columns of `schemas.ANNOTATIONS` out of what a reader found and checks.py let pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.domain.annotation import CUBOID, IMPORT, LIGHT, LIGHT_STATES
from ringroad.domain.canonical import canonical_json
from ringroad.label.formats.drawn import Drawn
from ringroad.label.formats.intake.checks import Checked, Waiting
from ringroad.media.annotation_rows import scaled_points
from ringroad.media.schemas import ANNOTATIONS

LIGHT_KEYS = ("light_state", "trafficLightColor")
LIGHT_NAMES = {"yellow": "amber", "none": "unknown", **{name: name for name in LIGHT_STATES}}


def factor_of(recorded: np.ndarray, stated: np.ndarray) -> np.ndarray:
    """(n, 2) by what coordinates are multiplied to count in pixels as recorded."""
    known = (recorded > 0) & (stated > 0)
    return np.where(known, recorded / np.where(known, stated, 1.0), 1.0)


def shapes(more: Sequence[Drawn | None], factor: np.ndarray) -> dict[str, Any]:
    """Columns of what is not a plain box."""
    plain = Drawn(category="")
    items = [item or plain for item in more]
    if not any(more):
        points: list[list[float]] = [[]] * len(items)
    else:
        points = [
            _scaled(item, factor[place]) if item.points else [] for place, item in enumerate(items)
        ]
    return {
        "points": points,
        **{name: [getattr(item, name) for item in items]
           for name in ("shape", "parts", "mask", "space", "key")},
        "track_id": [item.track for item in items],
    }  # fmt: skip


def _scaled(item: Drawn, factor: np.ndarray) -> list[float]:
    across, down = factor.tolist()
    if item.space or item.shape == CUBOID or across == down == 1.0:
        return item.points
    return scaled_points(item.shape, item.points, across, down)


def read_lights(rows: Waiting, names: Sequence[str], good: Checked) -> None:
    """Move the state of lights out of their attributes; refuse states that nobody knows."""
    for place in good.kept:
        item = rows.more[place]
        if item is None or names[place] != LIGHT or item.light_state:
            continue
        said = next((item.attributes[key] for key in LIGHT_KEYS if key in item.attributes), None)
        if said is None:
            continue
        if said not in LIGHT_NAMES:
            known = f"known: {', '.join(LIGHT_STATES)}"
            good.refuse(place, "unknown-light-state", f"{said!r} is no state", known)
        else:
            item.light_state = LIGHT_NAMES[said]


def attributes_text(item: Drawn | None) -> str:
    """Attributes as their column holds them, without the state of a light that has its own."""
    if item is None or not item.attributes:
        return ""
    kept = item.attributes
    if item.light_state:
        kept = {name: value for name, value in kept.items() if name not in LIGHT_KEYS}
    return canonical_json(kept).decode() if kept else ""


def light_state_of(category: str, item: Drawn | None) -> str:
    """The state of a light; empty for everything else."""
    if category != LIGHT:
        return ""
    return (item.light_state if item is not None else "") or LIGHT_STATES[0]


def empty_rows(frames: pa.Array, author: str) -> pa.RecordBatch:
    """The one row of each frame that was looked at and holds nothing."""
    count = len(frames)
    values: dict[str, Any] = {
        "annotation_id": [f"{frame}/{author}/0000" for frame in frames.to_pylist()],
        "frame_id": frames,
        "author": [author] * count,
        "source": [IMPORT] * count,
        "shape": ["box"] * count,
        "key": [True] * count,
        "points": [[]] * count,
        "parts": [[]] * count,
    }
    zero = {pa.string(): "", pa.float32(): 0.0}
    arrays = [
        pa.array(values.get(item.name, [zero.get(item.type)] * count), item.type)
        for item in ANNOTATIONS
    ]
    return pa.record_batch(arrays, schema=ANNOTATIONS)
