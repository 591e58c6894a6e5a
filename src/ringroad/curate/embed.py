"""Embeds frames by layout of colour and edges, without a network. Similarity lives in query."""

from __future__ import annotations

from functools import cache

import numpy as np

NAME = "layout-64"
SIZE = 64

COLOUR_GRID = (3, 4)
EDGE_GRID = (3, 4)
ORIENTATIONS = 4
PROJECTION_SEED = 64
"""Part of the embedding's definition: another seed would be another embedding."""

_FEATURES = COLOUR_GRID[0] * COLOUR_GRID[1] * 3 + EDGE_GRID[0] * EDGE_GRID[1] * ORIENTATIONS


def embed(pixels: np.ndarray) -> np.ndarray:
    """Map frames to points; pictures of alike layout lie near.

    Mean colour on a grid, and histograms of gradient direction on a grid (N. Dalal, B. Triggs,
    CVPR 2005, without block overlap), each scaled to unit length, then a projection by random
    signs (D. Achlioptas, J. Computer and System Sciences 66, 2003).

    Args:
        pixels: (n, height, width, 3) uint8 RGB, at least 8 by 8 pixels.

    Returns:
        (n, 64) float32 of unit length. A frame's vector does not depend on its neighbours in
        the batch.
    """
    if pixels.ndim != 4 or pixels.shape[-1] != 3 or min(pixels.shape[1:3]) < 8:
        raise ValueError(f"expected (n, height, width, 3) of at least 8 by 8, got {pixels.shape}")
    vectors = np.empty((len(pixels), SIZE), dtype=np.float32)
    for vector, picture in zip(vectors, pixels, strict=True):
        vector[:] = _unit(_projection() @ _features(picture))
    return vectors


@cache
def _projection() -> np.ndarray:
    """(64, features) float32 of signs."""
    signs = np.random.Generator(np.random.PCG64(PROJECTION_SEED)).integers(
        0, 2, size=(SIZE, _FEATURES)
    )
    return (2 * signs - 1).astype(np.float32)


def _features(picture: np.ndarray) -> np.ndarray:
    colour = picture.astype(np.float32) / np.float32(255)
    edges = _edges(colour.mean(axis=-1))
    return np.concatenate(
        [_unit((_cells(colour, COLOUR_GRID) - 0.5).ravel()), _unit(edges - edges.mean())]
    )


def _edges(grey: np.ndarray) -> np.ndarray:
    """Square roots of gradient strength by cell and direction, direction modulo 180 degrees."""
    down, right = np.gradient(grey)
    angle = np.arctan2(down, right) % np.float32(np.pi)
    direction = (angle * np.float32(ORIENTATIONS / np.pi)).astype(np.int64) % ORIENTATIONS
    strength = np.hypot(down, right)
    layers = np.zeros((*grey.shape, ORIENTATIONS), dtype=np.float32)
    np.put_along_axis(layers, direction[..., None], strength[..., None], axis=-1)
    roots: np.ndarray = np.sqrt(_cells(layers, EDGE_GRID))
    return roots.ravel()


def _cells(layers: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Means of (height, width, c) over a grid of (rows, columns): (rows, columns, c) float32."""
    height, width = layers.shape[:2]
    tops = np.arange(grid[0]) * height // grid[0]
    lefts = np.arange(grid[1]) * width // grid[1]
    sums = np.add.reduceat(np.add.reduceat(layers, tops, axis=0), lefts, axis=1)
    area = np.diff(np.append(tops, height))[:, None] * np.diff(np.append(lefts, width))[None, :]
    means: np.ndarray = (sums / area[..., None]).astype(np.float32)
    return means


def _unit(vector: np.ndarray) -> np.ndarray:
    length = np.float32(np.sqrt((vector * vector).sum()))
    if length == 0:
        return vector
    unit: np.ndarray = (vector / length).astype(np.float32)
    return unit
