"""Near misses: somebody ahead whom the vehicle would reach within moments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ringroad.domain.time import SECOND_NS
from ringroad.ingest.events.found import NEAR_MISS, Found
from ringroad.ingest.events.limits import EventLimits
from ringroad.ingest.events.spans import peaks, spans_over

TRACKS = pa.schema(
    [
        pa.field("track_id", pa.string(), nullable=False),
        pa.field("time_ns", pa.int64(), nullable=False),
        pa.field("gap_m", pa.float64(), nullable=False),  # free way between bumpers
        pa.field("closing_mps", pa.float64(), nullable=False),  # positive where the gap shrinks
    ]
)
"""What is ahead in the vehicle's own lane, whoever tracked it: radar, lidar or camera."""
LOST_NS = SECOND_NS // 2
"""A track that was not seen for longer begins anew."""


def near_misses(tracks: pa.Table, limits: EventLimits) -> Iterator[Found]:
    """Stretches of each track whose time to collision falls below the limit."""
    rows = tracks.sort_by([("track_id", "ascending"), ("time_ns", "ascending")])
    if not rows.num_rows:
        return
    names = rows["track_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    time_ns = rows["time_ns"].to_numpy()
    gap = np.maximum(rows["gap_m"].to_numpy(), 1e-3)
    closing = rows["closing_mps"].to_numpy()
    # Hysteresis looks for high values: compare one over the time.
    urgency = np.where(closing >= limits.closing_mps, closing / gap, np.nan)
    breaks = np.ones(len(names), bool)
    breaks[1:] = (np.diff(names) != 0) | (np.diff(time_ns) > LOST_NS)
    runs = spans_over(urgency, reach=1 / limits.ttc_s, hold=1 / limits.ttc_end_s, breaks=breaks)
    for (begin, end), peak in zip(runs.tolist(), peaks(urgency, runs).tolist(), strict=True):
        told = f"{1 / peak:.2f} s to collision, gap {gap[begin:end].min():.1f} m"
        yield NEAR_MISS, int(time_ns[begin]), int(time_ns[end - 1]), 1 / peak, "s", told
