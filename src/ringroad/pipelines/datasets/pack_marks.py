"""What annotators said of the frames of a dataset version, as the loader's packs hold it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from ringroad.datasets.loader.marks import UNKNOWN, Marks
from ringroad.datasets.reading import annotations_of
from ringroad.datasets.version import header_of
from ringroad.domain.annotation import AREAS, LIGHT_STATES, PIXELS, POLYLINE
from ringroad.domain.dataset import LIGHT_STATE
from ringroad.pipelines.finding import labels_of, table_of
from ringroad.pipelines.workspace import Workspace


def marks_by_frame(workspace: Workspace, version: pa.Table) -> dict[str, Marks]:
    """Frame -> its boxes and polylines in pixels of the frame as recorded.

    Annotations of categories that the version does not name are left out; a frame without marks
    is not in it.
    """
    header = header_of(version)
    place = {name: at for at, name in enumerate(header.categories)}
    found: dict[str, _Said] = {}
    columns = (
        "frame_id", "category", "shape", "space", "x", "y", "w", "h", "light_state", "points"
    )  # fmt: skip
    rows = annotations_of(partial(table_of, workspace), version, labels_of(workspace, version))
    for row in rows.select(columns).to_pylist():
        if row["category"] in place:
            said = found.setdefault(row["frame_id"], _Said())
            said.take(row, place[row["category"]], told=LIGHT_STATE in header.tasks)
    return {frame: said.marks() for frame, said in found.items()}


class _Said:
    """Annotation rows of one frame, as they are read."""

    def __init__(self) -> None:
        self.boxes: list[tuple[float, ...]] = []
        self.categories: list[int] = []
        self.states: list[int] = []
        self.lines: list[np.ndarray] = []
        self.line_categories: list[int] = []

    def take(self, row: Mapping[str, Any], category: int, *, told: bool) -> None:
        """Areas become boxes, polylines in pixels lines; points and cuboids are left out."""
        if row["shape"] in AREAS:
            state = row["light_state"]
            known = told and state in LIGHT_STATES[1:]
            self.boxes.append(tuple(row[name] for name in ("x", "y", "w", "h")))
            self.categories.append(category)
            self.states.append(LIGHT_STATES.index(state) if known else UNKNOWN)
        elif row["shape"] == POLYLINE and row["space"] == PIXELS:
            self.lines.append(np.array(row["points"], np.float32).reshape(-1, 2))
            self.line_categories.append(category)

    def marks(self) -> Marks:
        """All of it."""
        return Marks(
            boxes=np.array(self.boxes, np.float32).reshape(-1, 4),
            categories=np.array(self.categories, np.int32),
            states=np.array(self.states, np.int32),
            lines=self.lines,
            line_categories=self.line_categories,
        )
