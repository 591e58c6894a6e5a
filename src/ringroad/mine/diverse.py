"""Strategies that spread their choice over what the pool looks like. No network is asked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ringroad.mine.asking import asks
from ringroad.mine.candidates import covered, points, ranked
from ringroad.mine.coreset import k_center_greedy
from ringroad.mine.options import read_options
from ringroad.mine.spread import facility_greedy, plus_plus, typicality
from ringroad.mine.thinning import Spacing


@asks()
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
    around = points(candidates)
    return k_center_greedy(
        around, covered(labelled, around), count=count, seed=seed, spacing=spacing
    )


@asks()
def k_means(
    candidates: pa.Table,
    labelled: np.ndarray,
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames drawn by their squared distance to what is covered, see `spread.plus_plus`."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    around = points(candidates)
    return plus_plus(around, covered(labelled, around), count=count, seed=seed, spacing=spacing)


@asks()
def facility_location(
    candidates: pa.Table,
    labelled: np.ndarray,
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """The frames that stand for the pool best, see `spread.facility_greedy`."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    around = points(candidates)
    return facility_greedy(
        around,
        covered(labelled, around),
        count=count,
        seed=seed,
        spacing=spacing,
        reference=chosen.reference,
    )


@asks()
def typical(
    candidates: pa.Table,
    labelled: np.ndarray,
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames in dense parts of the pool that lie apart from each other."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    around = points(candidates)
    dense = ranked(typicality(around, neighbours=chosen.neighbours), seed)
    spacing.free[dense[chosen.pool_factor * count :]] = False
    return k_center_greedy(
        around, covered(labelled, around), count=count, seed=seed, spacing=spacing
    )
