"""Makes frames a little different each time they are shown: flip, shift, light, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """How much. 0 turns a part off."""

    flip: float = 0.5
    """Chance to mirror left and right."""
    zoom: float = 0.2
    """Largest enlargement; the cut lies anywhere."""
    light: float = 0.25
    """Largest change of brightness and contrast, as a share."""
    noise: float = 4.0
    """Largest standard deviation of added noise, in levels of 255."""


def augment(
    frame: np.ndarray, boxes: np.ndarray, config: AugmentConfig, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One frame and its boxes, changed.

    Args:
        frame: (h, w, 3) uint8.
        boxes: (m, 4) x, y, w, h in its pixels.
        config: how much.
        rng: draws the same numbers whatever the configuration, frame by frame.

    Returns:
        The new frame, the new boxes clipped to it, and (m,) bool: which of them are still
        at least half inside.
    """
    mirrored, zoom, place_x, place_y, gain, lift, grain = rng.random(7)
    boxes = boxes.copy()
    if mirrored < config.flip:
        frame = frame[:, ::-1]
        boxes[:, 0] = frame.shape[1] - boxes[:, 0] - boxes[:, 2]
    frame, boxes = _zoomed(frame, boxes, 1 + zoom * config.zoom, place_x, place_y)
    frame = _lit(frame, config, gain, lift, grain, rng)
    clipped = _clipped(boxes, frame.shape[1], frame.shape[0])
    area = np.maximum(boxes[:, 2] * boxes[:, 3], 1e-6)
    kept = clipped[:, 2] * clipped[:, 3] >= 0.5 * area
    return frame, clipped, kept


def _zoomed(
    frame: np.ndarray, boxes: np.ndarray, factor: float, place_x: float, place_y: float
) -> tuple[np.ndarray, np.ndarray]:
    """Cut out 1 / factor of the frame and bring it to full size, nearest neighbour."""
    height, width = frame.shape[:2]
    cut_w, cut_h = width / factor, height / factor
    left, top = place_x * (width - cut_w), place_y * (height - cut_h)
    rows = np.minimum((top + (np.arange(height) + 0.5) / factor).astype(np.int64), height - 1)
    columns = np.minimum((left + (np.arange(width) + 0.5) / factor).astype(np.int64), width - 1)
    moved = (boxes - np.array([left, top, 0, 0], np.float32)) * np.float32(factor)
    return frame[rows[:, None], columns[None, :]], moved


def _lit(
    frame: np.ndarray,
    config: AugmentConfig,
    gain: float,
    lift: float,
    grain: float,
    rng: np.random.Generator,
) -> np.ndarray:
    bright = np.float32(1 + config.light * (2 * gain - 1))
    offset = np.float32(255 * 0.25 * config.light * (2 * lift - 1))
    changed = frame.astype(np.float32) * bright + offset
    sigma = np.float32(config.noise * grain)
    changed += sigma * rng.standard_normal(frame.shape[:2], np.float32)[:, :, None]
    lit: np.ndarray = np.clip(changed, 0, 255).astype(np.uint8)
    return lit


def _clipped(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    low = np.clip(boxes[:, :2], 0, [width, height])
    high = np.clip(boxes[:, :2] + boxes[:, 2:], 0, [width, height])
    return np.concatenate([low, high - low], axis=1).astype(np.float32)
