"""Strategies that ask for doubt and for spread at once, or share the budget out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import InputError
from ringroad.mine.asking import asks
from ringroad.mine.candidates import covered, points, ranked, scores
from ringroad.mine.coreset import k_center_greedy
from ringroad.mine.options import MiningOptions, read_options
from ringroad.mine.spread import plus_plus
from ringroad.mine.thinning import Spacing, thin


@asks()
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
    unsure = ranked(scores(candidates, chosen.column or "uncertainty"), seed)
    spacing.free[unsure[chosen.pool_factor * count :]] = False
    around = points(candidates)
    return k_center_greedy(
        around, covered(labelled, around), count=count, seed=seed, spacing=spacing
    )


@asks()
def badge(
    candidates: pa.Table,
    labelled: np.ndarray,
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames drawn by uncertainty times squared distance, see `spread.plus_plus`."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    doubt = scores(candidates, chosen.column or "uncertainty")
    around = points(candidates)
    return plus_plus(
        around,
        covered(labelled, around),
        count=count,
        seed=seed,
        spacing=spacing,
        weights=np.where(np.isfinite(doubt), doubt, 0.0),
    )


@asks()
def per_box(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """The most uncertainty per box to draw first: cheap doubts before dear ones."""
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    doubt = scores(candidates, chosen.column or "uncertainty")
    cost = np.maximum(1.0, scores(candidates, "boxes"))
    return thin(ranked(doubt / cost, seed), spacing, count=count)


@asks()
def balanced(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """The most uncertain frames of each group in turn, so that every group has its share."""
    chosen = read_options(options)
    groups = _groups(candidates, chosen)
    return _shared(candidates, groups, dict.fromkeys(set(groups), 1.0), count, seed, chosen)


@asks()
def weighted(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """The most uncertain frames of each group; groups by weight, such as their KPI gap."""
    chosen = read_options(options)
    groups = _groups(candidates, chosen)
    if not chosen.weights:
        raise InputError(
            "no weights are given", remedy="set weights, such as { night = 3, day = 1 }"
        )
    return _shared(candidates, groups, dict(chosen.weights), count, seed, chosen)


def _groups(candidates: pa.Table, chosen: MiningOptions) -> list[str]:
    if chosen.group_column not in candidates.column_names:
        raise InputError(
            f"candidates have no column {chosen.group_column!r} to share the budget by",
            remedy="set group_column to one they have, such as condition",
        )
    return [str(value) for value in candidates[chosen.group_column].to_pylist()]


def _shared(
    candidates: pa.Table,
    groups: list[str],
    shares: Mapping[str, float],
    count: int,
    seed: int,
    chosen: MiningOptions,
) -> list[int]:
    """One after the other from the group that is farthest behind its share (D'Hondt's rule)."""
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    order = ranked(scores(candidates, chosen.column or "uncertainty"), seed)
    waiting: dict[str, list[int]] = {}
    for place in order.tolist():
        if shares.get(groups[place], 0.0) > 0:
            waiting.setdefault(groups[place], []).append(place)
    queues = {name: iter(places) for name, places in sorted(waiting.items())}
    taken = dict.fromkeys(queues, 0)
    found: list[int] = []
    while queues and len(found) < count:
        name = max(queues, key=lambda group: (shares[group] / (taken[group] + 1), group))
        place = next((at for at in queues[name] if spacing.free[at]), None)
        if place is None:
            del queues[name]
            continue
        spacing.take(place)
        taken[name] += 1
        found.append(place)
    return found
