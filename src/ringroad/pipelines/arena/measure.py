"""Columns that strategies choose by, measured with a head on every frame that is not tested on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ringroad.mine.aggregate import aggregate
from ringroad.mine.scores import bald, divergence, entropy, margin, variation
from ringroad.models.dense_head import DenseHead
from ringroad.pipelines.arena.frames import features_at
from ringroad.train.dense import ask_with_dropout, probabilities

AGGREGATION = "top-mean"
COUNTED = 0.3
"""Cells over it count as pre-labels."""
EXPECTED = 0.02
"""Peaks over it count as far as they are likely, where objects are expected."""
MEMBERS = frozenset({"bald", "variation"})
"""Columns that need several answers of one network."""
_FRAMES_AT_ONCE = 32


def measured(
    heads: Sequence[DenseHead],
    maps: Sequence[np.ndarray],
    places: np.ndarray,
    recordings: Sequence[str],
    *,
    columns: Sequence[str],
    rare: int,
    passes: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """How unsure a head is of each frame, cell by cell and then by `AGGREGATION`.

    Args:
        heads: the head, and a second one where `disagreement` is asked for.
        maps: features of each recording.
        places: of the frames, counted over all recordings, in order of time.
        recordings: of each frame.
        columns: of `candidates.MEASURED`; uncertainty, boxes and pre-labels are always there.
        rare: place of the rare category among the network's.
        passes: with dropout on.
        seed: of dropout.
    """
    parts: dict[str, list[np.ndarray]] = {}
    last: np.ndarray | None = None
    for start in range(0, len(places), _FRAMES_AT_ONCE):
        some = features_at(maps, places[start : start + _FRAMES_AT_ONCE])
        first = probabilities(heads[0], some)
        cells = {"uncertainty": entropy(first)}
        if "margin" in columns:
            cells["margin"] = margin(first)
        if "rare_uncertainty" in columns:
            cells["rare_uncertainty"] = entropy(first[..., [rare]])
        if "disagreement" in columns:
            cells["disagreement"] = divergence(first, probabilities(heads[1], some))
        if "change" in columns:
            before = np.concatenate([first[:1] if last is None else last, first[:-1]])
            cells["change"] = divergence(first, before)
            last = first[-1:]
        if MEMBERS & set(columns):
            members = ask_with_dropout(heads[0], some, passes=passes, seed=seed + start)
            cells |= {"bald": bald(members), "variation": variation(members)}
        for name, values in cells.items():
            parts.setdefault(name, []).append(aggregate(values, AGGREGATION))
        parts.setdefault("boxes", []).append(_objects(first.max(axis=-1) >= COUNTED))
        parts.setdefault("pedestrians", []).append(_objects(first[..., rare] >= COUNTED))
        if "rare_expected" in columns:
            parts.setdefault("rare_expected", []).append(_expected(first[..., rare]))
    found = {name: np.concatenate(values) for name, values in parts.items()}
    if "change" in found:
        _forget_cuts(found["change"], recordings)
    return {name: v for name, v in found.items() if name not in MEMBERS or name in columns}


def _forget_cuts(change: np.ndarray, recordings: Sequence[str]) -> None:
    """Nothing comes before the first frame of a recording, so nothing changed there."""
    names = np.asarray(recordings)
    first = np.concatenate([[True], names[1:] != names[:-1]])
    change[first] = 0.0


def _objects(over: np.ndarray) -> np.ndarray:
    """(n, rows, columns) bool -> (n,) about how many things: cells whose upper and left are not."""
    upper = np.pad(over, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    left = np.pad(over, ((0, 0), (0, 0), (1, 0)))[:, :, :-1]
    return np.asarray((over & ~upper & ~left).sum(axis=(1, 2)), np.int64)


def _expected(heat: np.ndarray) -> np.ndarray:
    """(n, rows, columns) probabilities -> (n,) sum over the peaks of their neighbourhoods."""
    rows, columns = heat.shape[1:]
    padded = np.pad(heat, ((0, 0), (1, 1), (1, 1)))
    highest = np.max(
        [padded[:, r : r + rows, c : c + columns] for r in range(3) for c in range(3)], axis=0
    )
    peaks = (heat >= highest) & (heat >= EXPECTED)
    return np.asarray(np.where(peaks, heat, 0.0).sum(axis=(1, 2)), np.float64)
