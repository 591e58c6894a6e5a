"""FastestDet off the shelf: one 22 x 22 map of cells, 80 COCO categories.

Network and decoding: dog-qiuqiu/FastestDet (BSD-3). Frames are squeezed to 352 x 352 without
regard to their shape, BGR, divided by 255.
"""

from __future__ import annotations

import numpy as np

from ringroad.domain.annotation import CATEGORIES
from ringroad.models.coco80 import clip, detections
from ringroad.models.resize import resize
from ringroad.protocols.predictor import Detections
from ringroad.protocols.runtime import Session

SIDE = 352


class FastestDet:
    """A predictor over a loaded session of the published network.

    The score of a cell is objectness^0.6 x category^0.4, as its authors decode it. Uncertainty:
    see `coco80`. There is no embedding.
    """

    name: str = "fastestdet"
    categories: tuple[str, ...] = CATEGORIES

    def __init__(self, session: Session, *, threshold: float = 0.35, iou: float = 0.45) -> None:
        self._session = session
        self._threshold = threshold
        self._iou = iou
        (self._input,) = session.inputs

    def predict(self, frames: np.ndarray) -> list[Detections]:
        """(n, height, width, 3) uint8 RGB in, n detections out."""
        return [self._one(frame) for frame in frames]

    def _one(self, frame: np.ndarray) -> Detections:
        feed = resize(frame, SIDE, SIDE)[..., ::-1].transpose(2, 0, 1)[None] / np.float32(255)
        outputs = self._session.run({self._input: np.ascontiguousarray(feed)})
        (cells,) = outputs.values()
        boxes, scores, best = decode(cells[0], *frame.shape[:2])
        return detections(boxes, scores, best, threshold=self._threshold, iou=self._iou)


def decode(cells: np.ndarray, height: int, width: int) -> tuple[np.ndarray, ...]:
    """One answer of the network to boxes in pixels of a frame of that size.

    Args:
        cells: (85, rows, columns): objectness, x, y, w, h, 80 category probabilities.
        height: of the frame, pixels.
        width: of the frame, pixels.

    Returns:
        (cells, 4) boxes x, y, w, h; (cells,) scores; (cells,) best category.
    """
    rows, columns = cells.shape[1:]
    flat = cells.reshape(85, -1)
    best = np.argmax(flat[5:], axis=0)
    scores = flat[0] ** 0.6 * np.max(flat[5:], axis=0) ** 0.4
    row, column = np.divmod(np.arange(rows * columns), columns)
    x = (column + np.tanh(flat[1])) / columns * width
    y = (row + np.tanh(flat[2])) / rows * height
    w = width / (1 + np.exp(-flat[3]))
    h = height / (1 + np.exp(-flat[4]))
    corners = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=1)
    return clip(corners, height, width), scores, best
