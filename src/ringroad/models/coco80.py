"""From the 80 COCO categories of off-the-shelf detectors to ours, and what they share.

Cars, trucks and buses become `car`; persons `pedestrian`; bicycles and motorcycles `cyclist`
(the vehicle's box: its rider stays a `pedestrian` of its own); traffic lights `light` with the
state unknown; stop signs `sign`, the only sign COCO knows. All else is left out.
"""

from __future__ import annotations

import numpy as np

from ringroad.domain.annotation import (
    CAR,
    CATEGORIES,
    CYCLIST,
    LIGHT,
    LIGHT_STATES,
    PEDESTRIAN,
    SIGN,
)
from ringroad.models.nms import nms
from ringroad.protocols.predictor import Detections

OURS = {
    0: PEDESTRIAN,
    1: CYCLIST,
    2: CAR,
    3: CYCLIST,
    5: CAR,
    7: CAR,
    9: LIGHT,
    11: SIGN,
}
"""Place among the 80 outputs -> our category."""

STRONGEST = 100
"""How many cells the uncertainty of a frame is averaged over."""


def detections(
    boxes: np.ndarray, scores: np.ndarray, outputs: np.ndarray, *, threshold: float, iou: float
) -> Detections:
    """Map, threshold, suppress and sort the cells of one frame.

    Args:
        boxes: (cells, 4) top-left x, y, w, h in pixels of the frame.
        scores: (cells,) score of each cell's best output.
        outputs: (cells,) which of the 80 outputs that was.
        threshold: lowest score that is answered.
        iou: overlap above which the weaker of two boxes of a category goes.
    """
    groups = _GROUPS[outputs]
    chosen = np.flatnonzero((groups >= 0) & (scores >= threshold))
    kept = chosen[nms(boxes[chosen], scores[chosen], groups[chosen], iou=iou)]
    categories = tuple(CATEGORIES[group] for group in groups[kept])
    return Detections(
        boxes=boxes[kept].astype(np.float32),
        scores=scores[kept].astype(np.float32),
        categories=categories,
        light_states=tuple(LIGHT_STATES[0] if name == LIGHT else "" for name in categories),
        uncertainty=_uncertainty(np.where(groups >= 0, scores, 0.0)),
        embedding=np.empty(0, np.float32),
    )


def _uncertainty(scores: np.ndarray) -> float:
    """Mean binary entropy, in nats, of the strongest cells."""
    strongest = np.clip(np.sort(scores)[-STRONGEST:].astype(np.float64), 1e-7, 1 - 1e-7)
    return float(-np.mean(strongest * np.log(strongest) + (1 - strongest) * np.log1p(-strongest)))


def clip(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Corners (n, x1 y1 x2 y2) cut at the frame's edge, as top-left x, y, w, h."""
    corners = np.clip(boxes, 0.0, np.array([width, height, width, height], np.float32))
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)


_GROUPS = np.array([CATEGORIES.index(OURS[i]) if i in OURS else -1 for i in range(80)])
