"""Run lengths of masks: COCO's compressed text, plain counts, pixels.

Runs go down the columns and begin with what is outside (COCO); CVAT's go along the rows of a crop.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_BASE = 48
_BITS = 5


def counts_of(text: str) -> list[int]:
    """Run lengths out of COCO's compressed text. Raises ValueError where it is none."""
    found: list[int] = []
    value, shift = 0, 0
    for letter in text:
        code = ord(letter) - _BASE
        if not 0 <= code < 64 or shift > 60:
            raise ValueError("its run lengths are not COCO's text")
        value |= (code & 31) << shift
        shift += _BITS
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        found.append(value + (found[-2] if len(found) > 2 else 0))
        value, shift = 0, 0
    if shift or any(count < 0 for count in found):
        raise ValueError("its run lengths are not COCO's text")
    return found


def text_of(counts: Sequence[int]) -> str:
    """COCO's compressed text of run lengths."""
    letters: list[str] = []
    for place, count in enumerate(counts):
        value = int(count) - (int(counts[place - 2]) if place > 2 else 0)
        more = True
        while more:
            code = value & 31
            value >>= _BITS
            more = value != (-1 if code & 16 else 0)
            letters.append(chr(code + (32 if more else 0) + _BASE))
    return "".join(letters)


def pixels_of(counts: Sequence[int], width: int, height: int) -> np.ndarray:
    """(height, width) bool. Raises ValueError where the runs do not fill the picture."""
    lengths = np.asarray(counts, np.int64)
    if lengths.size == 0 or lengths.min() < 0 or int(lengths.sum()) != width * height:
        raise ValueError(f"its runs do not fill {width} by {height} pixels")
    inside = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return inside.reshape(width, height).T


def counts_from(pixels: np.ndarray) -> list[int]:
    """Run lengths down the columns of a (height, width) mask."""
    flat = np.asarray(pixels, bool).T.reshape(-1)
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return [0, *runs] if flat.size and flat[0] else runs


def bounds_of(counts: Sequence[int], height: int) -> tuple[int, int, int, int]:
    """x, y, w, h of what is inside, without unpacking it; all zero where nothing is."""
    ends = np.cumsum(np.asarray(counts, np.int64))
    starts, stops = ends[:-1:2], ends[1::2]
    starts, stops = starts[stops > starts[: len(stops)]], stops[stops > starts[: len(stops)]]
    if height <= 0 or not len(starts):
        return 0, 0, 0, 0
    left, right = int(starts[0]) // height, int(stops[-1] - 1) // height
    whole = bool((starts // height != (stops - 1) // height).any())
    top = 0 if whole else int((starts % height).min())
    bottom = height - 1 if whole else int(((stops - 1) % height).max())
    return left, top, right - left + 1, bottom - top + 1
