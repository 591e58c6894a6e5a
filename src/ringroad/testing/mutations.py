"""Damaged files from whole ones, by seed: what a reader must survive."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

EXTREMES = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0xFFFFFFFF,
    (1 << 63) - 1,
    2**64 - 1,
)
"""Numbers that lengths and counts are most often wrong at."""

Mutator = Callable[[bytearray, np.random.Generator], None]


def mutated(data: bytes, seed: int) -> bytes:
    """A damaged copy: one to four changes, each of a kind drawn by the seed."""
    rng = np.random.Generator(np.random.PCG64(seed))
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        MUTATORS[int(rng.integers(len(MUTATORS)))](out, rng)
    return bytes(out)


def _flip(out: bytearray, rng: np.random.Generator) -> None:
    """Single bits."""
    for _ in range(int(rng.integers(1, 9))):
        if out:
            out[int(rng.integers(len(out)))] ^= 1 << int(rng.integers(8))


def _overwrite(out: bytearray, rng: np.random.Generator) -> None:
    """A number by an extreme one, of either byte order."""
    width = int(rng.choice([1, 2, 4, 8]))
    if len(out) >= width:
        at = int(rng.integers(len(out) - width + 1))
        value = EXTREMES[int(rng.integers(len(EXTREMES)))] & ((1 << 8 * width) - 1)
        out[at : at + width] = value.to_bytes(width, "little" if rng.random() < 0.5 else "big")


def _cut(out: bytearray, rng: np.random.Generator) -> None:
    """The end away."""
    del out[int(rng.integers(len(out) + 1)) :]


def _remove(out: bytearray, rng: np.random.Generator) -> None:
    """A stretch out of the middle."""
    begin, end = _stretch(out, rng)
    del out[begin:end]


def _repeat(out: bytearray, rng: np.random.Generator) -> None:
    """A stretch once more."""
    begin, end = _stretch(out, rng)
    out[begin:begin] = out[begin:end]


def _noise(out: bytearray, rng: np.random.Generator) -> None:
    """A stretch by random bytes."""
    begin, end = _stretch(out, rng)
    out[begin:end] = rng.bytes(end - begin)


def _swap(out: bytearray, rng: np.random.Generator) -> None:
    """Two neighbouring stretches change places."""
    begin, end = _stretch(out, rng)
    middle = (begin + end) // 2
    out[begin:end] = out[middle:end] + out[begin:middle]


def _stretch(out: bytearray, rng: np.random.Generator) -> tuple[int, int]:
    begin = int(rng.integers(len(out) + 1))
    return begin, min(len(out), begin + int(rng.integers(1, 257)))


MUTATORS: tuple[Mutator, ...] = (
    _flip,
    _overwrite,
    _overwrite,
    _cut,
    _remove,
    _repeat,
    _noise,
    _swap,
)
