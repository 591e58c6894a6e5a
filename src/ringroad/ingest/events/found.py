"""One event before it becomes a row."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from ringroad.domain.ids import RecordingId
from ringroad.media.schemas import EVENTS

HARD_BRAKE = "hard-brake"
HARD_ACCELERATION = "hard-acceleration"
STOP = "stop"
STANDSTILL = "standstill"
START = "start"
SPEEDING = "speeding"
TURN_LEFT, TURN_RIGHT = "turn-left", "turn-right"
U_TURN = "u-turn"
LANE_LEFT, LANE_RIGHT = "lane-change-left", "lane-change-right"
SHARP_STEERING = "sharp-steering"
BUMP = "bump"
NEAR_MISS = "near-miss"
KINDS = (
    HARD_BRAKE, HARD_ACCELERATION, STOP, STANDSTILL, START, SPEEDING, TURN_LEFT, TURN_RIGHT,
    U_TURN, LANE_LEFT, LANE_RIGHT, SHARP_STEERING, BUMP, NEAR_MISS,
)  # fmt: skip

Found = tuple[str, int, int, float, str, str]
"""Event, start_ns, end_ns, strongest value, its unit, message."""


def event_rows(recording: RecordingId, found: Iterable[Found]) -> pa.Table:
    """Rows of `schemas.EVENTS` by start and kind."""
    ordered = sorted({(item[1], item[0]): item for item in found}.items())
    rows = [(f"{recording}/{item[0]}/{item[1]}", recording, *item) for _, item in ordered]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(EVENTS)
    arrays = [pa.array(part, field.type) for part, field in zip(columns, EVENTS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=EVENTS)
