"""Every atom of one recording, as rows that queries read. Evaluates no query."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ringroad.curate.scenario.atoms import ATOMS
from ringroad.curate.scenario.intervals import Intervals
from ringroad.curate.scenario.scene import Ego, Tracks, ego_of, tracks_of
from ringroad.curate.scenario.stretches import of_tracks
from ringroad.domain.ids import RecordingId
from ringroad.media.schemas import INTERVALS

CATEGORY = "category:"
"""Stands before a category's name among the atoms: while a track of it was seen."""


def find_intervals(ego: pa.Table, tracks: pa.Table, *, recording: RecordingId) -> pa.Table:
    """Rows of `schemas.INTERVALS`: when each atom held, by atom, track and start.

    Args:
        ego: rows of `schemas.EGO` of the recording, by time.
        tracks: rows of `schemas.TRACKS` of it, in any order; none where nobody tracked.
        recording: its id.
    """
    vehicle = ego_of(ego)
    things = tracks_of(tracks, vehicle)
    names = np.array(["", *things.names], dtype=object)
    parts = [
        _rows(atom, held, names, recording) for atom, held in _found(vehicle, things) if len(held)
    ]
    return pa.concat_tables(parts) if parts else INTERVALS.empty_table()


def _found(vehicle: Ego, things: Tracks) -> Iterator[tuple[str, Intervals]]:
    for name, atom in ATOMS.items():
        if atom.of_vehicle is not None:
            yield name, atom.of_vehicle(vehicle)
        elif atom.of_tracks is not None:
            yield name, atom.of_tracks(things)
    for category in things.categories:
        yield f"{CATEGORY}{category}", of_tracks(things, things.is_a(category))


def _rows(atom: str, held: Intervals, names: np.ndarray, recording: RecordingId) -> pa.Table:
    count = len(held)
    tracks = names[held.track + 1].tolist()
    head = f"{recording}/{atom}/"
    ids = [
        f"{head}{track}/{start}"
        for track, start in zip(tracks, held.start_ns.tolist(), strict=True)
    ]
    return pa.table(
        [
            pa.array(ids),
            pa.array([str(recording)] * count),
            pa.array([atom] * count),
            pa.array(tracks, pa.string()),
            pa.array(held.start_ns),
            pa.array(held.end_ns),
            pa.array(held.value),
        ],
        schema=INTERVALS,
    )
