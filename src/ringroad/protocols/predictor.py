"""A network as the loop sees it: frames in, detections out, whoever trained it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detections:
    """Boxes on one frame, best first.

    Attributes:
        boxes: (n, 4) float32, top-left x, y, w, h in pixels of the frame handed in.
        scores: (n,) float32 in [0, 1].
        categories: n category names.
        light_states: n names out of `LIGHT_STATES`; empty text where it is not a light.
        uncertainty: how unsure the network is of the whole frame, in nats, by the predictor's
            stated aggregation of its score map; NaN where it cannot say.
        embedding: (d,) float32 feature of the whole frame; size 0 where there is none.
    """

    boxes: np.ndarray
    scores: np.ndarray
    categories: tuple[str, ...]
    light_states: tuple[str, ...]
    uncertainty: float
    embedding: np.ndarray


class Predictor(Protocol):
    """Maps a stack of frames to detections. Deterministic. One thread at a time.

    Attributes:
        name: stands in prediction rows and reports.
        categories: all categories it can ever answer with; metrics mask the rest.
    """

    name: str
    categories: tuple[str, ...]

    def predict(self, frames: np.ndarray) -> list[Detections]:
        """(n, height, width, 3) uint8 RGB in, n detections out."""
        ...
