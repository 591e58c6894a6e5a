"""What a network is fitted to: frames, boxes, what was looked for. Arrays only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.models.config import NetworkConfig
from ringroad.models.targets import IGNORE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingData:
    """n frames with what annotators said of them.

    Attributes:
        frames: (n, height, width, 3) uint8 RGB at the network's size.
        boxes: n arrays (m, 4) float32 x, y, w, h in pixels of those frames.
        categories: n arrays (m,) int64, indices into the network's categories.
        states: n arrays (m,) int64, indices into its light states, or IGNORE.
        annotated: (n, categories) float32, 1 where somebody looked for the category.
        states_annotated: (n,) float32, 1 where light states were told.
        weights: (n,) float32.
    """

    frames: np.ndarray
    boxes: Sequence[np.ndarray]
    categories: Sequence[np.ndarray]
    states: Sequence[np.ndarray]
    annotated: np.ndarray
    states_annotated: np.ndarray
    weights: np.ndarray


def training_data(
    config: NetworkConfig,
    frames: np.ndarray,
    sizes: np.ndarray,
    frame_ids: Sequence[str],
    annotations: pa.Table,
    *,
    annotated: Sequence[str],
    states_annotated: bool,
    weights: np.ndarray,
) -> TrainingData:
    """Bring annotation rows into arrays, scaled to the network's input.

    Args:
        config: of the network; annotations of other categories are left out.
        frames: (n, height, width, 3) uint8.
        sizes: (n, 2) width and height of each frame as recorded.
        frame_ids: n ids, in the order of the frames.
        annotations: rows of `schemas.ANNOTATIONS` of those frames.
        annotated: categories that somebody looked for.
        states_annotated: whether light states were told.
        weights: (n,).
    """
    index = {name: place for place, name in enumerate(config.categories)}
    states = {name: place for place, name in enumerate(config.light_states)}
    of_frame: dict[str, list[tuple[float, ...]]] = {frame: [] for frame in frame_ids}
    columns = ("frame_id", "category", "x", "y", "w", "h", "light_state")
    for frame, category, x, y, w, h, state in zip(
        *(annotations.column(name).to_pylist() for name in columns), strict=True
    ):
        if frame in of_frame and category in index:
            told = states[state] if state in states and state != "unknown" else IGNORE
            of_frame[frame].append((x, y, w, h, index[category], told))
    rows = [np.array(of_frame[f], np.float32).reshape(-1, 6) for f in frame_ids]
    mask = np.array([name in annotated for name in config.categories], np.float32)
    scale = np.array([[config.width, config.height]], np.float32) / sizes
    count = len(frame_ids)
    return TrainingData(
        frames=frames,
        boxes=[part[:, :4] * np.tile(scale[n], 2) for n, part in enumerate(rows)],
        categories=[part[:, 4].astype(np.int64) for part in rows],
        states=[part[:, 5].astype(np.int64) for part in rows],
        annotated=np.tile(mask, (count, 1)),
        states_annotated=np.full(count, float(states_annotated), np.float32),
        weights=weights.astype(np.float32),
    )
