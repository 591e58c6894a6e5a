"""What is known of a recording's lidar and radar sweeps, channel by channel."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ringroad.domain.errors import InputError
from ringroad.domain.recording import Recording
from ringroad.pipelines.finding import table_of
from ringroad.pipelines.recordings.happening import known_of
from ringroad.pipelines.recordings.taken import taken_of
from ringroad.pipelines.workspace import Workspace


def sweeps_of(workspace: Workspace, recording: Recording) -> list[dict[str, Any]]:
    """Sweeps and points of each channel; `points` is -1 where only decoding would tell.

    Empty where there are none, or where the recording's index is gone.
    """
    try:
        made = known_of(workspace, taken_of(workspace, recording)).sweeps
    except InputError:
        return []
    if made is None:
        return []
    rows = table_of(workspace, made)
    keys = ["channel", "sensor", "encoding"]
    sums = pa.TableGroupBy(rows, keys).aggregate(
        [("sequence", "count"), ("points", "min"), ("points", "sum")]
    )
    return [
        {key: row[key] for key in keys}
        | {
            "sweeps": row["sequence_count"],
            "points": row["points_sum"] if row["points_min"] >= 0 else -1,
        }
        for row in sums.sort_by("channel").to_pylist()
    ]
