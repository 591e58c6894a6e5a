"""Strategies that choose what to label next. Cutting to a label budget stands in budget.py.

Each one takes the candidates, what is labelled already, and how many frames to name, and
returns indices of candidates in order of preference, at most `count`. Candidates are a table
with one row per frame:

    frame_id, recording_id   text
    time_ns                  int64
    condition                text: day, dusk, night
    brightness               float, 0 to 1
    uncertainty              float, nats; null or NaN where the network cannot say
    boxes                    int, predicted boxes
    vector                   list of float32: the network's embedding
    pedestrians              int, pre-labelled boxes of the rare category (`rule` only)

`labelled` is (m, d) float32: embeddings of frames that are labelled, m = 0 for none.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import InputError
from ringroad.mine.coreset import k_center_greedy
from ringroad.mine.options import read_options
from ringroad.mine.thinning import Spacing, thin


def entropy(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """The most uncertain frames first; ties are broken by the seed."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    return thin(_by_uncertainty(candidates, seed), spacing, count=count)


def k_center(
    candidates: pa.Table,
    labelled: np.ndarray,
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """The frames that best cover what the network has not been shown, see `coreset`."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    points = _points(candidates)
    return k_center_greedy(
        points, _covered(labelled, points), count=count, seed=seed, spacing=spacing
    )


def entropy_k_center(
    candidates: pa.Table,
    labelled: np.ndarray,
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """k-center over the `pool_factor * count` most uncertain frames."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    pool = _by_uncertainty(candidates, seed)[: chosen.pool_factor * count]
    spacing.free[:] = False
    spacing.free[pool] = True
    points = _points(candidates)
    return k_center_greedy(
        points, _covered(labelled, points), count=count, seed=seed, spacing=spacing
    )


def random(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames drawn without looking at them: the arm that each strategy has to beat."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    return thin(_shuffled(len(candidates), seed), spacing, count=count)


def rule(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,  # noqa: ARG001 (strategies share one signature)
    options: Mapping[str, object],
) -> list[int]:
    """What an engineer would pick by hand, fixed beforehand: the manual arm.

    Frames tagged with the condition that carry a pre-label of the rare category, spread evenly
    in time; then, if these are too few, the other frames with the tag, spread as evenly.
    """
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    tagged = np.array([c == chosen.condition for c in candidates["condition"].to_pylist()], bool)
    rare = tagged & _has_rare(candidates, chosen.rare_column)
    ranking = [*_spread(candidates, rare), *_spread(candidates, tagged & ~rare)]
    return thin(ranking, spacing, count=count)


def _by_uncertainty(candidates: pa.Table, seed: int) -> np.ndarray:
    """Indices, most uncertain first, frames without a figure last."""
    values = np.asarray(candidates["uncertainty"].to_numpy(zero_copy_only=False), np.float64)
    shuffled = _shuffled(len(values), seed)
    return shuffled[np.argsort(-np.nan_to_num(values[shuffled], nan=-np.inf), kind="stable")]


def _shuffled(count: int, seed: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).permutation(count)


def _spread(candidates: pa.Table, mask: np.ndarray) -> list[int]:
    """Those of the mask so ordered that each prefix lies evenly over recordings and time.

    In order of recording and time, position p of n comes at the van der Corput number of p
    (base 2): the middle before the quarters, the quarters before the eighths.
    """
    recordings = np.asarray(candidates["recording_id"].to_pylist(), dtype=str)
    times = np.asarray(candidates["time_ns"], dtype=np.int64)
    places = np.flatnonzero(mask)
    ordered = places[np.lexsort((times[places], recordings[places]))]
    bits = max(1, len(ordered) - 1).bit_length()
    turns = [int(format(i, f"0{bits}b")[::-1], 2) for i in range(2**bits)]
    return [int(ordered[turn]) for turn in turns if turn < len(ordered)]


def _has_rare(candidates: pa.Table, column: str) -> np.ndarray:
    if not column:
        return np.zeros(len(candidates), dtype=bool)
    if column not in candidates.column_names:
        raise InputError(
            f"candidates have no column {column!r}",
            remedy="add the pre-labelled counts, or set rare_column to '' to go by the tag alone",
        )
    return np.array([(value or 0) > 0 for value in candidates[column].to_pylist()], dtype=bool)


def _points(candidates: pa.Table) -> np.ndarray:
    """(n, d) float32 of the `vector` column."""
    column = candidates["vector"].combine_chunks()
    flat = np.asarray(column.flatten(), dtype=np.float32)
    rows = max(1, len(candidates))
    if column.null_count or len(flat) % rows:
        raise InputError(
            "candidates lack embeddings, or have them of unequal length",
            remedy="run the network over all of them first",
        )
    return flat.reshape(len(candidates), len(flat) // rows)


def _covered(labelled: np.ndarray, points: np.ndarray) -> np.ndarray:
    """`labelled` as (m, d) float32, m = 0 whatever shape nothing came in."""
    if labelled.size == 0 or len(points) == 0:
        return np.empty((0, points.shape[1]), dtype=np.float32)
    if labelled.ndim != 2 or labelled.shape[1] != points.shape[1]:
        raise InputError(
            f"labelled embeddings are {labelled.shape}, candidates (n, {points.shape[1]})",
            remedy="embed both with the same network",
        )
    return labelled.astype(np.float32)
