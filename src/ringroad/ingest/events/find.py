"""Signals, and tracks where there are any, to rows of events."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ringroad.domain.ids import RecordingId
from ringroad.ingest.events.driving import driving_events
from ringroad.ingest.events.found import Found, event_rows
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.events.near import near_misses
from ringroad.ingest.events.road import bumps
from ringroad.ingest.events.turning import turning_events
from ringroad.media.motion import motion_of, signals_of


def find_events(
    signals: pa.Table,
    *,
    recording: RecordingId,
    limits: EventLimits | None = None,
    tracks: pa.Table | None = None,
) -> pa.Table:
    """Rows of `schemas.EVENTS` of one recording, by start.

    Args:
        signals: its rows of `schemas.SIGNALS`. Speed comes from a speed signal, else from GNSS
            places; yaw rate from a signal, else from the IMU, else from GNSS. What needs a signal
            that is not there is not found, and nothing is guessed.
        recording: whose they are.
        limits: what counts.
        tracks: rows of `near.TRACKS`; without them there are no near misses.
    """
    return event_rows(recording, _all(signals, limits or EventLimits(), tracks))


def _all(table: pa.Table, limits: EventLimits, tracks: pa.Table | None) -> Iterator[Found]:
    signals = signals_of(table)
    for motion in motion_of(signals, gap_s=limits.gap_s):
        yield from driving_events(motion, limits)
        yield from turning_events(motion, limits)
    yield from bumps(signals, limits)
    if tracks is not None:
        yield from near_misses(tracks, limits)
