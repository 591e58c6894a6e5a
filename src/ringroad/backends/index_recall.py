"""Measures what the codes of an index miss, and chooses how many vectors to compare exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ringroad.backends.index_files import Manifest, SpaceFiles
from ringroad.backends.index_view import EXACT_ROWS, LocalIndexView, VectorSpace, ranked

PROBES = 64
NEAREST = 10
WANTED = 0.99
"""Recall that is aimed at: above the 0.95 of the budget, because queries are not probes."""
RERANKS = (256, 512, 1024, 2048, 4096, 8192, 16_384)
GROWN = 3.0
"""Measured again once a space holds so many times the vectors it held then."""
_SEED = 7
_ROWS_AT_ONCE = 65_536


def measured(root: Path, manifest: Manifest) -> Manifest:
    """The same with recall of those spaces that grew; small ones are searched exactly."""
    for space in manifest.spaces:
        if space.vectors > EXACT_ROWS and space.vectors >= GROWN * space.measured:
            view = LocalIndexView(root, manifest)
            manifest = manifest.with_space(_measure(view.held[space.name], space))
    return manifest


def _measure(held: VectorSpace, files: SpaceFiles) -> SpaceFiles:
    """Take stored vectors as examples, leave each out of its own answer."""
    places = held.counting(None)
    drawn = np.random.Generator(np.random.PCG64(_SEED)).choice(
        places, size=min(PROBES, len(places)), replace=False
    )
    examples = held.take(np.sort(drawn))
    truth = exact_nearest(held, examples, NEAREST + 1)
    recall = 0.0
    for rerank in RERANKS:
        recall = float(
            np.mean(
                [
                    _share(held, example, rows, rerank)
                    for example, rows in zip(examples, truth, strict=True)
                ]
            )
        )
        if recall >= WANTED:
            break
    return replace(
        files, rerank=rerank, recall=recall, probes=len(examples), measured=files.vectors
    )


def exact_nearest(held: VectorSpace, examples: np.ndarray, limit: int) -> list[np.ndarray]:
    """Rows nearest to each of (m, d) examples, by one matrix product per block of vectors."""
    best = [np.empty(0, np.int64) for _ in examples]
    scores = [np.empty(0, np.float32) for _ in examples]
    places = held.counting(None)
    for start in range(0, len(places), _ROWS_AT_ONCE):
        block = places[start : start + _ROWS_AT_ONCE]
        vectors = held.take(block)
        far = (vectors * vectors).sum(axis=1)[None, :] - 2 * (examples @ vectors.T)
        for at, row in enumerate(far):
            some = np.argpartition(row, min(4 * limit, len(row) - 1))[: 4 * limit]
            both = np.concatenate([scores[at], row[some]])
            kept = np.argsort(both, kind="stable")[: 4 * limit]
            best[at] = np.concatenate([best[at], block[some]])[kept]
            scores[at] = both[kept]
    return [
        ranked(held, found, example, limit)[0]
        for found, example in zip(best, examples, strict=True)
    ]


def _share(held: VectorSpace, example: np.ndarray, truth: np.ndarray, rerank: int) -> float:
    """Of the nearest but the example itself, how many are found."""
    found, _ = ranked(held, held.candidates(example, None, rerank), example, NEAREST + 1)
    return len(np.intersect1d(found[1:], truth[1:])) / max(1, len(truth) - 1)
