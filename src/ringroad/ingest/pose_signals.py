"""Where the vehicle was, as signals: `pose.position.x` to `z`, and `pose.orientation.w` to `z`."""

from __future__ import annotations

import numpy as np

from ringroad.domain.recording import SIGNALS, Channel
from ringroad.ingest.rows import Signal, rate_hz

UNITS = {
    **{f"pose.position.{axis}": "m" for axis in "xyz"},
    **{f"pose.orientation.{part}": "" for part in "wxyz"},
}
"""Names in the order of the columns of `values` below."""


def pose_signals(
    channel: str, time_ns: np.ndarray, values: np.ndarray, *, encoding: str
) -> tuple[list[Signal], list[Channel]]:
    """Signals of one channel, which tells the vehicle's pose in the map; none without a pose.

    Args:
        channel: its name.
        time_ns: (n,) int64 in any order; of equal times the first one stays.
        values: (n, 7) float64: x, y, z in metres, then a unit quaternion w, x, y, z.
        encoding: what the poses were read from.
    """
    times, first = np.unique(time_ns, return_index=True)
    if not len(times):
        return [], []
    kept = np.asarray(values, np.float64)[first]
    signals = [
        Signal(channel=channel, name=name, unit=unit, time_ns=times, values=kept[:, place])
        for place, (name, unit) in enumerate(UNITS.items())
    ]
    rate = rate_hz(len(times) - 1, int(times[-1] - times[0]))
    noun = Channel(
        name=channel, sensor=SIGNALS, encoding=encoding, messages=len(times), rate_hz=rate
    )
    return signals, [noun]
