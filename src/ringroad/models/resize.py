"""Bilinear resizing of one frame in NumPy, for networks that fix their input size."""

from __future__ import annotations

import numpy as np


def resize(frame: np.ndarray, height: int, width: int) -> np.ndarray:
    """Sample (h, w, 3) at new pixel centres, without smoothing first.

    Pixel centres lie at half-integers, edges are repeated. That is what most detectors were
    trained with, so a frame much larger than the network is sampled, not averaged.

    Returns:
        (height, width, 3) float32 in the units of the input.
    """
    if frame.shape[:2] == (height, width):
        return frame.astype(np.float32)
    top, bottom, down = _taps(frame.shape[0], height)
    left, right, across = _taps(frame.shape[1], width)
    down, across = down[:, None, None], across[None, :, None]
    upper = frame[top][:, left] * (1 - across) + frame[top][:, right] * across
    lower = frame[bottom][:, left] * (1 - across) + frame[bottom][:, right] * across
    sampled: np.ndarray = upper * (1 - down) + lower * down
    return sampled


def _taps(old: int, new: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and second source index of each new pixel, and the weight of the second."""
    centre = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
    first = np.floor(centre).astype(np.intp)
    return first, np.minimum(first + 1, old - 1), (centre - first).astype(np.float32)
