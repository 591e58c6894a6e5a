"""Columns of candidates as arrays, with one clear error where something is missing.

Candidates are a table with one row per frame:

    frame_id, recording_id   text
    time_ns                  int64
    condition                text: day, dusk, night
    brightness               float, 0 to 1
    boxes                    int, predicted boxes
    vector                   list of float32: an embedding
    pedestrians              int, pre-labelled boxes of the rare category (`rule` only)
    uncertainty              float: entropy of the answers; null or NaN where it cannot say
    margin, bald, variation, disagreement, change   float, where somebody measured them
    rare_uncertainty, rare_expected                 float, likewise, of the rare category alone

`labelled` is (m, d) float32: embeddings of frames that are labelled, m = 0 for none.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import InputError

MEASURED = {
    "margin": "the margin between the network's two likeliest answers",
    "bald": "what several answers of one network disagree about (dropout)",
    "variation": "how often members of an ensemble differ",
    "disagreement": "what two networks disagree about",
    "change": "what changes between a frame and the one before it",
    "rare_uncertainty": "how unsure the network is of the rare category",
    "rare_expected": "how many of the rare category the network expects",
}


def scores(candidates: pa.Table, column: str) -> np.ndarray:
    """(n,) float64 of one column; -inf where a frame has none."""
    if column not in candidates.column_names:
        told = MEASURED.get(column, "a score by this name")
        raise InputError(
            f"candidates have no column {column!r}: nobody measured {told}",
            remedy="choose by another score, or have it measured: docs/strategies.md",
        )
    values = np.asarray(candidates[column].to_numpy(zero_copy_only=False), np.float64)
    if len(values) and np.isnan(values).all():
        raise InputError(
            f"the {column} of all {len(values)} candidates is not a number",
            remedy="name a network that says how sure it is, or choose by another score",
        )
    found: np.ndarray = np.nan_to_num(values, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    return found


def points(candidates: pa.Table) -> np.ndarray:
    """(n, d) float32 of the `vector` column."""
    if "vector" not in candidates.column_names:
        raise InputError("candidates lack embeddings", remedy="describe the frames first")
    column = candidates["vector"].combine_chunks()
    flat = np.asarray(column.flatten(), dtype=np.float32)
    rows = max(1, len(candidates))
    if column.null_count or len(flat) % rows:
        raise InputError(
            "candidates lack embeddings, or have them of unequal length",
            remedy="run the network over all of them first",
        )
    return flat.reshape(len(candidates), len(flat) // rows)


def covered(labelled: np.ndarray, around: np.ndarray) -> np.ndarray:
    """`labelled` as (m, d) float32, m = 0 whatever shape nothing came in."""
    if labelled.size == 0 or len(around) == 0:
        return np.empty((0, around.shape[1]), dtype=np.float32)
    if labelled.ndim != 2 or labelled.shape[1] != around.shape[1]:
        raise InputError(
            f"labelled embeddings are {labelled.shape}, candidates (n, {around.shape[1]})",
            remedy="embed both with the same network",
        )
    return labelled.astype(np.float32)


def shuffled(count: int, seed: int) -> np.ndarray:
    """(n,) places in an order that the seed draws."""
    return np.random.Generator(np.random.PCG64(seed)).permutation(count)


def ranked(values: np.ndarray, seed: int) -> np.ndarray:
    """Places, largest value first; ties in the order that the seed draws."""
    order = shuffled(len(values), seed)
    found: np.ndarray = order[np.argsort(-values[order], kind="stable")]
    return found
