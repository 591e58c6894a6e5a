"""What triggers look at, as rows in order of time: the same on the road and in a replay."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ringroad.media.motion import LATITUDE, LONGITUDE, first_of

MOMENTS = pa.schema(
    [
        pa.field("time_ns", pa.int64(), nullable=False),  # when it is known
        pa.field("since_ns", pa.int64(), nullable=False),  # an event's start, else time_ns
        pa.field("event", pa.string(), nullable=False),  # "" where the row is none
        pa.field("value", pa.float64(), nullable=False),  # the event's, else 0
        pa.field("uncertainty", pa.float64(), nullable=False),  # NaN where nobody looked
        pa.field("latitude", pa.float64(), nullable=False),  # degrees, NaN where not told
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("condition", pa.string(), nullable=False),  # "" where not told
    ]
)


def moments_of(
    *,
    signals: pa.Table,
    events: pa.Table,
    frames: pa.Table | None = None,
    scores: pa.Table | None = None,
) -> pa.Table:
    """Rows of `MOMENTS` of one recording.

    Args:
        signals: rows of `schemas.SIGNALS`: places.
        events: rows of `schemas.EVENTS`; an event is known at its end.
        frames: rows of `schemas.FRAMES`: the condition of those that were described.
        scores: rows of `schemas.SCORES` about those frames: the network's uncertainty.
    """
    parts = [_rows(events["end_ns"].to_numpy(), {
        "since_ns": events["start_ns"], "event": events["event"], "value": events["value"],
    })]  # fmt: skip
    parts.append(_places(signals))
    if frames is not None:
        told = frames.filter(frames["condition"].is_valid())
        parts.append(_rows(told["time_ns"].to_numpy(), {"condition": told["condition"]}))
    if frames is not None and scores is not None:
        both = scores.select(["frame_id", "uncertainty"]).join(
            frames.select(["frame_id", "time_ns"]), "frame_id", join_type="inner"
        )
        both = both.sort_by([("time_ns", "ascending"), ("frame_id", "ascending")])
        doubt = both["uncertainty"].cast(pa.float64())
        parts.append(_rows(both["time_ns"].to_numpy(), {"uncertainty": doubt}))
    whole = pa.concat_tables(parts)
    order = np.argsort(whole["time_ns"].to_numpy(), kind="stable")
    return whole.take(order).combine_chunks()


def _places(signals: pa.Table) -> pa.Table:
    latitude, longitude = first_of(signals, (LATITUDE,)), first_of(signals, (LONGITUDE,))
    if latitude is None or longitude is None:
        return MOMENTS.empty_table()
    times, here, there = np.intersect1d(
        latitude.time_ns, longitude.time_ns, assume_unique=True, return_indices=True
    )
    place = {"latitude": latitude.values[here], "longitude": longitude.values[there]}
    return _rows(times, place)


def _rows(time_ns: np.ndarray, told: Mapping[str, object]) -> pa.Table:
    """Rows that say only what is told."""
    count = len(time_ns)
    nothing = np.full(count, np.nan)
    silent = pa.repeat(pa.scalar("", pa.string()), count)
    columns: dict[str, object] = {
        "time_ns": time_ns,
        "since_ns": time_ns,
        "event": silent,
        "value": np.zeros(count),
        "uncertainty": nothing,
        "latitude": nothing,
        "longitude": nothing,
        "condition": silent,
    }
    return pa.table(columns | dict(told), schema=MOMENTS)
