"""One bit per direction: codes of vectors, and the scan that finds which may be near.

The sign of a projection onto a random direction agrees between two vectors with probability
1 - angle / pi (M. Charikar, "Similarity estimation techniques from rounding algorithms", STOC
2002), so the Hamming distance of two codes estimates the angle between vectors. Directions that
are orthogonal estimate it better than independent ones (J. Ji et al., "Super-bit
locality-sensitive hashing", NeurIPS 2012). Vectors are centred first: embeddings of one network
crowd into a cone. Codes only say which vectors to look at; distances are computed exactly.
"""

from __future__ import annotations

import numpy as np

BITS = 512
WORDS = BITS // 64
_SEED = 20_021
"""Part of the format: other directions would make other codes."""
_ROWS_AT_ONCE = 32_768
FAR = np.uint16(BITS + 1)
"""Distance of rows that do not count."""


def directions(dimension: int) -> np.ndarray:
    """(BITS, dimension) float32: orthonormal rows in groups of `dimension`."""
    generator = np.random.Generator(np.random.PCG64(_SEED))
    groups = []
    for _ in range(-(-BITS // dimension)):
        q, r = np.linalg.qr(generator.standard_normal((dimension, dimension)))
        groups.append((q * np.sign(np.diag(r))).T)
    return np.concatenate(groups)[:BITS].astype(np.float32)


def codes_of(vectors: np.ndarray, centre: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """(n, d) float32 -> (WORDS, n) uint64, word by word so that a scan reads on evenly."""
    codes = np.empty((WORDS, len(vectors)), dtype=np.uint64)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        block = np.asarray(vectors[start : start + _ROWS_AT_ONCE], dtype=np.float32)
        signs = (block - centre) @ towards.T > 0
        packed = np.packbits(signs, axis=1, bitorder="little").view(np.uint64)
        codes[:, start : start + len(block)] = packed.T
    return codes


def hamming(codes: np.ndarray, code: np.ndarray) -> np.ndarray:
    """(WORDS, n) codes and a (WORDS,) code -> (n,) uint16 differing bits."""
    apart = np.empty(codes.shape[1], dtype=np.uint16)
    for start in range(0, codes.shape[1], _ROWS_AT_ONCE):
        block = codes[:, start : start + _ROWS_AT_ONCE]
        total = np.bitwise_count(block[0] ^ code[0]).astype(np.uint16)
        for word in range(1, WORDS):
            total += np.bitwise_count(block[word] ^ code[word])
        apart[start : start + block.shape[1]] = total
    return apart


def closest(apart: np.ndarray, count: int) -> np.ndarray:
    """Places of the `count` smallest distances, and of all that equal the last of them."""
    reach = np.cumsum(np.bincount(apart, minlength=BITS + 2)[: BITS + 1])
    cut = int(np.searchsorted(reach, count))
    found: np.ndarray = np.flatnonzero(apart <= min(cut, BITS))
    return found
