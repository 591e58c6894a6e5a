"""Strategies that choose what to label next. Cutting to a label budget stands in budget.py.

Each one takes the candidates (`candidates.py` says their columns), the embeddings of what is
labelled already, and how many frames to name, and returns indices of candidates in order of
preference, at most `count`. Equal arguments give equal answers. A strategy of your own is such a
function and an entry point in the group `ringroad.strategies`: docs/strategies.md.

Here: by one score, and by hand. Those that spread: `diverse.py`; those that do both: `blended.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ringroad.domain.errors import InputError
from ringroad.mine.asking import asks
from ringroad.mine.candidates import ranked, scores, shuffled
from ringroad.mine.options import read_options
from ringroad.mine.thinning import Spacing, thin

ANY = "all"
"""The condition that every frame has."""


@asks()
def entropy(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """The most uncertain frames first; ties are broken by the seed."""
    return _by_score("uncertainty", candidates, count, seed, options)


@asks("margin")
def margin(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames first on which the two likeliest answers are nearest."""
    return _by_score("margin", candidates, count, seed, options)


@asks("bald")
def bald(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames first that one network answers differently each time (dropout)."""
    return _by_score("bald", candidates, count, seed, options)


@asks("variation")
def ensemble(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames first on which members of an ensemble differ most."""
    return _by_score("variation", candidates, count, seed, options)


@asks("disagreement")
def disagreement(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames first on which two networks differ most."""
    return _by_score("disagreement", candidates, count, seed, options)


@asks("change")
def change(
    candidates: pa.Table,
    labelled: np.ndarray,  # noqa: ARG001 (strategies share one signature)
    *,
    count: int,
    seed: int,
    options: Mapping[str, object],
) -> list[int]:
    """Frames first on which answers change most against the frames before and after."""
    return _by_score("change", candidates, count, seed, options)


@asks()
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
    return thin(shuffled(len(candidates), seed), spacing, count=count)


@asks()
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
    in time; then, if these are too few, the other frames with the tag, spread as evenly. The
    condition `all` asks for no tag: then the pre-label alone decides.
    """
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    conditions = candidates["condition"].to_pylist()
    tagged = np.array([chosen.condition in (ANY, c) for c in conditions], bool)
    rare = tagged & _has_rare(candidates, chosen.rare_column)
    ranking = [*_spread(candidates, rare), *_spread(candidates, tagged & ~rare)]
    return thin(ranking, spacing, count=count)


def _by_score(
    column: str, candidates: pa.Table, count: int, seed: int, options: Mapping[str, object]
) -> list[int]:
    chosen = read_options(options)
    spacing = Spacing(candidates, min_gap_ns=chosen.min_gap_ns)
    order = ranked(scores(candidates, chosen.column or column), seed)
    return thin(order, spacing, count=count)


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
