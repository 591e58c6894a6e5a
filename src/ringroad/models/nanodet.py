"""NanoDet-m off the shelf: three maps of cells, 80 COCO categories, distances as distributions.

Network and decoding: RangiLyu/nanodet (Apache-2.0), after Li et al., Generalized Focal Loss,
2020: each side of a box is the mean of a distribution over 0 to 7 strides. Frames are fitted
into 416 x 416 with their shape kept (letterbox), BGR, normalised by ImageNet figures.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ringroad.domain.annotation import CATEGORIES
from ringroad.models.coco80 import clip, detections
from ringroad.models.resize import resize
from ringroad.protocols.predictor import Detections
from ringroad.protocols.runtime import Session

SIDE = 416
STRIDES = (8, 16, 32)
BINS = 8
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)


class NanoDet:
    """A predictor over a loaded session of the published network.

    Uncertainty: see `coco80`. There is no embedding.
    """

    name: str = "nanodet"
    categories: tuple[str, ...] = CATEGORIES

    def __init__(self, session: Session, *, threshold: float = 0.30, iou: float = 0.5) -> None:
        self._session = session
        self._threshold = threshold
        self._iou = iou
        (self._input,) = session.inputs

    def predict(self, frames: np.ndarray) -> list[Detections]:
        """(n, height, width, 3) uint8 RGB in, n detections out."""
        return [self._one(frame) for frame in frames]

    def _one(self, frame: np.ndarray) -> Detections:
        height, width = frame.shape[:2]
        fitted, scale, left, top = letterbox(frame)
        feed = ((fitted - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
        outputs = self._session.run({self._input: np.ascontiguousarray(feed)})
        corners, scores, best = decode(outputs)
        corners = (corners - np.array([left, top, left, top], np.float32)) / scale
        boxes = clip(corners, height, width)
        return detections(boxes, scores, best, threshold=self._threshold, iou=self._iou)


def letterbox(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Fit (h, w, 3) RGB into a square of black, centred.

    Returns:
        (416, 416, 3) float32 BGR; scale of x, y, x, y; columns on the left; rows on top.
    """
    height, width = frame.shape[:2]
    factor = SIDE / max(height, width)
    rows, columns = max(1, round(height * factor)), max(1, round(width * factor))
    top, left = (SIDE - rows) // 2, (SIDE - columns) // 2
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    square[top : top + rows, left : left + columns] = resize(frame, rows, columns)[..., ::-1]
    scale = np.array([columns / width, rows / height] * 2, np.float32)
    return square, scale, left, top


def decode(outputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Six maps to boxes in pixels of the square; maps are told apart by their shapes.

    Args:
        outputs: per stride (1, cells, 80) probabilities and (1, cells, 32) distributions.

    Returns:
        (cells, 4) corners x1, y1, x2, y2; (cells,) scores; (cells,) best category.
    """
    maps = {(m.shape[1], m.shape[2]): m[0] for m in outputs.values()}
    parts = []
    for stride in STRIDES:
        side = SIDE // stride
        probabilities = maps[side * side, 80]
        reach = _mean_of(maps[side * side, 4 * BINS].reshape(-1, 4, BINS)) * stride
        row, column = np.divmod(np.arange(side * side), side)
        centre = np.stack([column, row], axis=1) * stride + (stride - 1) / 2
        corners = np.concatenate([centre - reach[:, :2], centre + reach[:, 2:]], axis=1)
        parts.append((corners, probabilities.max(axis=1), probabilities.argmax(axis=1)))
    corners, scores, best = (np.concatenate(part) for part in zip(*parts, strict=True))
    return corners, scores, best


def _mean_of(logits: np.ndarray) -> np.ndarray:
    """Mean bin of a softmax over the last axis."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    mean: np.ndarray = (weights @ np.arange(BINS, dtype=np.float32)) / weights.sum(axis=-1)
    return mean
