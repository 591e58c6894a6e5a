"""What annotators said of one frame, in pixels of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

UNKNOWN = -1
"""A light state that nobody told; a padded category."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """Boxes and polylines of one frame.

    Attributes:
        boxes: (m, 4) x, y, w, h.
        categories: (m,) places in the pack's list.
        states: (m,) places in the pack's light states, -1 where unknown; None for all unknown.
        lines: polylines, each (p, 2) with p of at least 2.
        line_categories: of each polyline.
    """

    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    categories: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    states: np.ndarray | None = None
    lines: Sequence[np.ndarray] = ()
    line_categories: Sequence[int] = ()
