"""State of the vehicle at a steady rate, out of a recording's signals. Finds no manoeuvres."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ringroad.domain.ids import RecordingId
from ringroad.domain.time import SECOND_NS
from ringroad.media.motion import (
    LATITUDE,
    LONGITUDE,
    RATE_HZ,
    Motion,
    Series,
    first_of,
    motion_of,
    on_grid,
    signals_of,
)
from ringroad.media.schemas import EGO, NAME

EGO_HZ = 10
GAP_S = 1.0
"""Longer gaps in speed or yaw rate are gaps in the state."""
PLACE_GAP_S = 2.5


def ego_state(signals: pa.Table, recording: RecordingId) -> pa.Table:
    """Rows of `schemas.EGO`, ten a second, by time.

    Speed and yaw rate come from CAN, IMU or GNSS, whichever a recording has (`media.motion`);
    what none of them tells is NaN. Where there are places alone, each row has a place.

    Args:
        signals: rows of `schemas.SIGNALS` of one recording.
        recording: its id.
    """
    rows = signals.set_column(
        signals.schema.get_field_index("name"), "name", signals["name"].cast(pa.string())
    )
    places = (first_of(rows, (LATITUDE,)), first_of(rows, (LONGITUDE,)))
    pieces = list(motion_of(signals_of(rows), gap_s=GAP_S)) or _still(places[0])
    parts = [_part(piece, places) for piece in pieces]
    columns = [np.concatenate([part[at] for part in parts]) for at in range(6)] if parts else []
    if not columns:
        return EGO.empty_table()
    names = pa.array([str(recording)] * len(columns[0]), pa.string()).dictionary_encode()
    arrays = [
        names.cast(NAME),
        *(pa.array(c).cast(field.type) for c, field in zip(columns, list(EGO)[1:], strict=True)),
    ]
    return pa.table(arrays, schema=EGO)


def _part(piece: Motion, places: tuple[Series | None, Series | None]) -> list[np.ndarray]:
    every = slice(None, None, RATE_HZ // EGO_HZ)
    time_ns = piece.time_ns[every]
    return [
        time_ns,
        piece.speed[every],
        piece.acceleration[every],
        piece.yaw_rate[every],
        *(on_grid(place, time_ns, PLACE_GAP_S) for place in places),
    ]


def _still(latitude: Series | None) -> list[Motion]:
    """A grid over the places where nothing tells of motion, such as one place or two."""
    if latitude is None or not len(latitude.time_ns):
        return []
    first, last = int(latitude.time_ns[0]), int(latitude.time_ns[-1])
    time_ns = np.arange(first, last + 1, SECOND_NS // RATE_HZ)
    unknown = np.full(len(time_ns), np.nan)
    return [
        Motion(
            time_ns=time_ns,
            speed=unknown,
            acceleration=unknown,
            yaw_rate=unknown,
            steering_rate=unknown,
        )
    ]
