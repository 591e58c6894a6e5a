"""Road and weather as far as signals tell them: how fast one drives, whether wipers move.

Rules, not networks: what they cannot tell stays unknown, and any tag of a hand or a tagger stands
before them.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.time import SECOND_NS

WINDOW_NS = 60 * SECOND_NS
LEAST_S = 20.0
"""Of known speed within a window; under it nothing is told."""
MOTORWAY_MPS = 22.0
"""A motorway: nine tenths of the window are faster than 79 km/h."""
URBAN_MPS = 15.3
"""In town: nine tenths are slower than 55 km/h, with a turn of at least `TURN_RAD`."""
TURN_RAD = 0.6
WIPERS = 0.3
"""Rain: so much of the window has wipers on."""
MOTORWAY, URBAN, RAIN = "motorway", "urban", "rain"


def roads(ego: pa.Table, times_ns: np.ndarray) -> list[str | None]:
    """Kind of road at each time, out of the speed and the turning around it; None for unknown.

    A slow minute without a turn may be a town or a jam, and one at 60 km/h a country road or a
    full motorway, so both stay unknown.

    Args:
        ego: rows of `schemas.EGO` of one recording, by time.
        times_ns: (n,) int64.
    """
    if not ego.num_rows or not len(times_ns):
        return [None] * len(times_ns)
    at = ego["time_ns"].to_numpy()
    speed = ego["speed_mps"].to_numpy().astype(np.float64)
    turning = np.nan_to_num(ego["yaw_rate_rps"].to_numpy().astype(np.float64))
    step_s = np.minimum(np.diff(at, append=at[-1]) / 1e9, 1.0)
    told: dict[int, str | None] = {}
    found = []
    for moment in times_ns.tolist():
        second = moment // SECOND_NS  # one answer a second is enough
        if second not in told:
            low, high = np.searchsorted(at, [moment - WINDOW_NS // 2, moment + WINDOW_NS // 2])
            part = slice(int(low), int(high))
            told[second] = _road(speed[part], step_s[part], turning[part])
        found.append(told[second])
    return found


def _road(speed: np.ndarray, step_s: np.ndarray, turning: np.ndarray) -> str | None:
    known = np.isfinite(speed)
    if step_s[known].sum() < LEAST_S:
        return None
    slow, fast = np.percentile(speed[known], [10, 90])
    if slow >= MOTORWAY_MPS:
        return MOTORWAY
    heading = np.cumsum(turning * step_s)
    town = 1 < fast <= URBAN_MPS and np.ptp(heading) >= TURN_RAD
    return URBAN if town else None


def rain(signals: pa.Table, times_ns: np.ndarray) -> list[str | None]:
    """`rain` where front wipers are on for long enough around a time; None for unknown.

    A signal of wipers is one whose name says so and that is a number above 0 while they are on.

    Args:
        signals: rows of `schemas.SIGNALS` of one recording.
        times_ns: (n,) int64.
    """
    names = pc.unique(signals["name"].cast(pa.string())).to_pylist()
    wipers = [name for name in names if _of_wipers(name)]
    if not wipers:
        return [None] * len(times_ns)
    mine = signals.filter(
        pc.is_in(signals["name"].cast(pa.string()), value_set=pa.array(wipers[:1]))
    ).sort_by("time_ns")
    at, on = mine["time_ns"].to_numpy(), mine["value"].to_numpy() > 0
    total = np.concatenate([[0], np.cumsum(on)])
    low = np.searchsorted(at, times_ns - WINDOW_NS // 2)
    high = np.searchsorted(at, times_ns + WINDOW_NS // 2)
    share = (total[high] - total[low]) / np.maximum(high - low, 1)
    return [RAIN if enough else None for enough in (share >= WIPERS).tolist()]


def _of_wipers(name: str) -> bool:
    low = name.lower()
    return "wiper" in low and not any(word in low for word in ("rear", "wash", "fault", "error"))
