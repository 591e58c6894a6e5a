"""Raw answers of the reference network to detections. NumPy only."""

from __future__ import annotations

import numpy as np

from ringroad.models.config import NetworkConfig
from ringroad.models.nms import nms
from ringroad.protocols.predictor import Detections

UNSURE_CELLS = 20
"""The uncertainty of a frame is the mean over so many cells, those it is least sure of."""


def decode(
    config: NetworkConfig,
    heat: np.ndarray,
    sides: np.ndarray,
    state: np.ndarray,
    embedding: np.ndarray,
    *,
    scale: tuple[float, float],
    threshold: float,
    limit: int = 100,
    iou: float = 0.5,
) -> Detections:
    """Detections on one frame.

    A cell is a detection where its heat is the highest of its 3 x 3 neighbours; boxes of one
    category that overlap by more than `iou` give way to the better one. The uncertainty is the
    binary entropy of the heat, in nats, summed over categories, mean over the `UNSURE_CELLS`
    cells where it is highest.

    Args:
        config: of the network.
        heat: (categories, rows, columns) logits.
        sides: (4, rows, columns) distances in cells.
        state: (states, rows, columns) logits.
        embedding: (d,).
        scale: pixels of the recorded frame per pixel of the network's input, x and y.
        threshold: lowest score.
        limit: most detections.
        iou: of two boxes that are one.
    """
    probability = 1.0 / (1.0 + np.exp(-heat.astype(np.float64)))
    category, row, column = np.nonzero((probability >= threshold) & _peaks(heat))
    scores = probability[category, row, column].astype(np.float32)
    order = np.argsort(-scores, kind="stable")[: 4 * limit]
    category, row, column, scores = category[order], row[order], column[order], scores[order]
    boxes = _boxes(config, sides, row, column, scale)
    kept = nms(boxes, scores, category, iou=iou)[:limit]
    return Detections(
        boxes=boxes[kept],
        scores=scores[kept],
        categories=tuple(config.categories[place] for place in category[kept]),
        light_states=tuple(_states(config, state, category[kept], row[kept], column[kept])),
        uncertainty=_uncertainty(probability),
        embedding=embedding.astype(np.float32),
    )


def _peaks(heat: np.ndarray) -> np.ndarray:
    """Where a cell is no lower than its eight neighbours, per category."""
    padded = np.pad(heat, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    rows, columns = heat.shape[1:]
    highest = np.max(
        [padded[:, r : r + rows, c : c + columns] for r in range(3) for c in range(3)], axis=0
    )
    peaks: np.ndarray = heat >= highest
    return peaks


def _boxes(
    config: NetworkConfig,
    sides: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    scale: tuple[float, float],
) -> np.ndarray:
    """(m, 4) x, y, w, h in pixels of the recorded frame, clipped to it."""
    left, top, right, bottom = sides[:, row, column]
    edges = np.stack(
        [column + 0.5 - left, row + 0.5 - top, column + 0.5 + right, row + 0.5 + bottom], axis=1
    )
    edges = edges * config.stride
    edges[:, 0::2] = np.clip(edges[:, 0::2], 0, config.width) * scale[0]
    edges[:, 1::2] = np.clip(edges[:, 1::2], 0, config.height) * scale[1]
    return np.concatenate([edges[:, :2], edges[:, 2:] - edges[:, :2]], axis=1).astype(np.float32)


def _states(
    config: NetworkConfig,
    state: np.ndarray,
    category: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
) -> list[str]:
    best = state[:, row, column].argmax(axis=0)
    light = config.categories.index("light") if "light" in config.categories else -1
    return [
        config.light_states[which] if found == light else ""
        for which, found in zip(best, category, strict=True)
    ]


def _uncertainty(probability: np.ndarray) -> float:
    p = np.clip(probability, 1e-7, 1 - 1e-7)
    entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p)).sum(axis=0).ravel()
    most = np.sort(entropy)[-UNSURE_CELLS:]
    return float(most.mean())
