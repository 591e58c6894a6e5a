"""Ranks short texts by the words of a query. Knows no synonyms and no network."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

SATURATION, LENGTH = 1.2, 0.75
"""k1 and b of BM25, the values of its authors."""
_WORD = re.compile(r"[^\W_]+")


def rank_words(
    column: pa.ChunkedArray, asked: str, *, among: np.ndarray, limit: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose text matches the words best, and their scores, best first.

    BM25 (S. Robertson, H. Zaragoza, "The probabilistic relevance framework", 2009). Texts that
    repeat are scored once; how common a word is counts over all rows. A row that holds none of
    the words is left out; rows of equal score come by number.

    Args:
        column: (n,) texts with a dictionary, null for none.
        asked: words in any case.
        among: (n,) bool, the rows that count.
        limit: at most so many.
    """
    codes, texts = _encoded(column)
    rows = np.flatnonzero(among & (codes >= 0))
    counts = np.bincount(codes[rows], minlength=len(texts)).astype(np.float64)
    scores = _scores([_words(text) for text in texts], counts, _words(asked))
    found = scores[codes[rows]]
    kept = np.flatnonzero(found > 0)
    order = kept[np.lexsort((rows[kept], -found[kept]))][:limit]
    return rows[order], found[order].astype(np.float32)


def _scores(texts: Sequence[list[str]], counts: np.ndarray, asked: list[str]) -> np.ndarray:
    """(texts,) float64."""
    lengths = np.array([len(words) for words in texts], dtype=np.float64)
    total = counts.sum()
    mean = (lengths * counts).sum() / total if total else 1.0
    tallies = [Counter(words) for words in texts]
    scores = np.zeros(len(texts))
    for word in dict.fromkeys(asked):
        often = np.array([tally[word] for tally in tallies], dtype=np.float64)
        holding = counts[often > 0].sum()
        rare = np.log1p((total - holding + 0.5) / (holding + 0.5))
        weight = often + SATURATION * (1 - LENGTH + LENGTH * lengths / max(mean, 1e-9))
        scores += rare * often * (SATURATION + 1) / np.maximum(weight, 1e-9)
    return scores


def _encoded(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Number of each row's text, -1 for none, and the texts."""
    whole = column.unify_dictionaries().combine_chunks()
    if not len(whole):
        return np.empty(0, np.int64), []
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, whole.dictionary.to_pylist()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
