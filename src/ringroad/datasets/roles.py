"""Gives every unit one role: kept for the test, labelled from the start, or in the pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa

from ringroad.domain.dataset import TEST
from ringroad.domain.errors import InputError

START = "start"
POOL = "pool"

ROLES = pa.schema(
    [
        pa.field("frame_id", pa.string(), nullable=False),
        pa.field("recording_id", pa.string(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("condition", pa.string(), nullable=False),  # of the frame
        pa.field("role", pa.string(), nullable=False),  # of its unit
    ]
)
"""One row per frame that belongs to a unit, by frame id."""


def assign_roles(
    split: pa.Table, *, start_frames: Collection[str], start_units: int, seed: int
) -> pa.Table:
    """Keep the test units of a split, draw units to start with; the rest is the pool.

    A unit may be started with where most of its frames are among `start_frames`.

    Args:
        split: rows of `split.ROWS`, drawn into train and test.
        start_frames: frames that the query for the start found.
        start_units: how many units are labelled from the start, at most.
        seed: of the draw.

    Raises:
        InputError: no unit is left to start with, or none for the pool.
    """
    wanted = frozenset(start_frames)
    units = split.column("unit").to_pylist()
    kept = {
        unit
        for unit, name in zip(units, split.column("split").to_pylist(), strict=True)
        if name == TEST
    }
    votes: Counter[str] = Counter()
    for unit, frame in zip(units, split.column("frame_id").to_pylist(), strict=True):
        votes[unit] += 1 if frame in wanted else -1
    able = sorted(unit for unit in votes if unit not in kept and votes[unit] > 0)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(able))
    first = {able[place] for place in order[:start_units]}
    role = {unit: TEST if unit in kept else START if unit in first else POOL for unit in votes}
    _check(role)
    columns = {name: split.column(name) for name in ROLES.names if name != "role"}
    columns["role"] = pa.chunked_array([[role[unit] for unit in units]], pa.string())
    return pa.table(columns).cast(ROLES).sort_by("frame_id")


def _check(role: Mapping[str, str]) -> None:
    counts = Counter(role.values())
    for wanted, remedy in (
        (START, "loosen split.start, or give more recordings"),
        (POOL, "lower split.start_units or split.test, or give more recordings"),
    ):
        if not counts[wanted]:
            raise InputError(
                f"no unit is left for {wanted!r} among {len(role)}", subject="split", remedy=remedy
            )
