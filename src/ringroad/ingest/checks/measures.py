"""What pictures measure, many at a time, for the picture checks. Judges nothing.

Curation measures frames for search (`curate/describe.py`); these figures are of faults.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOGETHER = 8
"""Pictures measured at a time: their luma stays in the cache."""
BLOCK = 8
"""Side of a block in pixels."""
COARSE = 4
CLIPPED = 250
LEVELS = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """Of n pictures in a row. Luma is BT.601, levels are of 255.

    Attributes:
        mean: (n,) of luma.
        spread: (n,) standard deviation of luma.
        top: (n,) the level that 99 % of the pixels stay below.
        clipped: (n,) share of pixels at 250 or more.
        detail: (n,) energy of differences between pixels by that between means of 4 x 4 pixels.
        colours: (n, 3) means of red, green and blue.
        change: (n,) mean change of luma against the picture before; NaN for the first.
        blocks: (n, rows, columns) float32, mean luma of blocks of 8 x 8 pixels.
    """

    mean: np.ndarray
    spread: np.ndarray
    top: np.ndarray
    clipped: np.ndarray
    detail: np.ndarray
    colours: np.ndarray
    change: np.ndarray
    blocks: np.ndarray


def measure(pixels: np.ndarray) -> Measures:
    """Measure (n, height, width, 3) uint8 RGB pictures."""
    parts: list[list[np.ndarray]] = []
    before: np.ndarray | None = None
    for start in range(0, len(pixels), TOGETHER):
        some = pixels[start : start + TOGETHER]
        luma = luma_of(some)
        parts.append([*_levels(luma), _detail(luma), _colours(some), _change(luma, before)])
        parts[-1].append(block_means(luma, BLOCK))
        before = luma[-1]
    if not parts:
        none = np.zeros(0)
        blocks = np.zeros((0, 1, 1), np.float32)
        parts = [[none, none, none, none, none, np.zeros((0, 3)), none, blocks]]
    whole = [np.concatenate(column) for column in zip(*parts, strict=True)]
    mean, spread, top, clipped, detail, colours, change, blocks = whole
    return Measures(
        mean=mean,
        spread=spread,
        top=top,
        clipped=clipped,
        detail=detail,
        colours=colours,
        change=change,
        blocks=blocks,
    )


def luma_of(pixels: np.ndarray) -> np.ndarray:
    """(n, height, width) uint8 BT.601 luma of RGB pictures."""
    red, green, blue = (pixels[..., at].astype(np.uint16) for at in range(3))
    red *= 77
    green *= 150
    blue *= 29
    red += green
    red += blue
    red >>= 8
    return red.astype(np.uint8)


def block_means(luma: np.ndarray, side: int) -> np.ndarray:
    """(n, height // side, width // side) float32; what is left over at the edges is dropped."""
    count, height, width = luma.shape
    rows, columns = max(1, height // side), max(1, width // side)
    tall, wide = min(side, height), min(side, width)
    cut = luma[:, : rows * tall, : columns * wide].reshape(count, rows, tall, columns, wide)
    summed = cut.sum(axis=4, dtype=np.uint16).sum(axis=2, dtype=np.uint32)
    found: np.ndarray = (summed / np.float32(tall * wide)).astype(np.float32)
    return found


def _levels(luma: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean, spread, 99 % level and clipped share of each picture, from its histogram."""
    flat = luma.reshape(len(luma), -1)
    counts = np.stack([np.bincount(one, minlength=LEVELS) for one in flat]) / flat.shape[1]
    levels = np.arange(LEVELS)
    mean = counts @ levels
    spread = np.sqrt(np.maximum(counts @ levels**2 - mean**2, 0.0))
    top = (np.cumsum(counts, axis=1) < 0.99).sum(axis=1).astype(np.float64)
    return mean, spread, top, counts[:, CLIPPED:].sum(axis=1)


def _detail(luma: np.ndarray) -> np.ndarray:
    """About 0.25 where edges are sharp, more with fine texture or noise, near 0.06 where blurred.

    A sharp edge makes one difference of full height among pixels and one among coarse means; a
    soft one is spread over many pixels, and the squares of its small differences add up to less.
    """
    fine = np.diff(luma[:, ::2].astype(np.int16), axis=2).astype(np.float32)
    coarse = np.diff(block_means(luma, COARSE), axis=2)
    small = (
        np.square(fine).mean(axis=(1, 2), dtype=np.float64) if fine.size else np.zeros(len(luma))
    )
    large = np.square(coarse).mean(axis=(1, 2), dtype=np.float64) if coarse.size else small
    found: np.ndarray = small / np.maximum(large, 1e-6)
    return found


def _colours(pixels: np.ndarray) -> np.ndarray:
    found: np.ndarray = pixels[:, ::4, ::4].mean(axis=(1, 2), dtype=np.float64)
    return found


def _change(luma: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """Mean absolute change of every second row and column."""
    small = luma[:, ::2, ::2].astype(np.int16)
    first = np.full(small.shape[1:], np.nan) if before is None else before[::2, ::2]
    found = np.empty(len(luma))
    found[0] = np.abs(small[0] - first.astype(np.float32)).mean()
    for place in range(1, len(luma)):
        found[place] = np.abs(small[place] - small[place - 1]).mean()
    return found
