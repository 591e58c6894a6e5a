"""Road and rain out of signals: on drives whose speed is known, and on a real minute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ringroad.curate.signal_tags import rain, roads
from ringroad.media.schemas import EGO, SIGNALS

SECOND = 1_000_000_000


def ego(speed: np.ndarray, yaw: float = 0.0) -> pa.Table:
    count = len(speed)
    names = pa.array(["car/a"] * count).dictionary_encode()
    nothing = np.full(count, np.nan)
    columns = [names, np.arange(count) * SECOND // 10, speed, nothing, np.full(count, yaw)]
    return pa.table([*columns, nothing, nothing], names=EGO.names).cast(EGO)


@pytest.mark.parametrize(
    ("speed", "yaw", "road"),
    [(30.0, 0.0, "motorway"), (20.0, 0.0, None), (9.0, 0.05, "urban"), (9.0, 0.0, None),
     (0.0, 0.0, None)],
)  # fmt: skip
def test_a_steady_drive(speed: float, yaw: float, road: str | None) -> None:
    state = ego(np.full(900, speed), yaw)
    assert roads(state, np.array([45 * SECOND])) == [road]


def test_what_is_short_or_not_known_stays_unknown() -> None:
    assert roads(ego(np.full(100, 30.0)), np.array([5 * SECOND])) == [None]
    assert roads(ego(np.full(900, np.nan)), np.array([45 * SECOND])) == [None]
    assert roads(EGO.empty_table(), np.array([0])) == [None]


def test_wipers_tell_of_rain_while_they_are_on() -> None:
    times = np.arange(0, 300, 1) * SECOND
    on = (times >= 150 * SECOND).astype(float)
    names = pa.array(["FRONT_WIPER_STATE"] * 300).dictionary_encode()
    text = pa.array([""] * 300).dictionary_encode()
    columns = [text, text, times, names, on, text]
    signals = pa.table(columns, names=SIGNALS.names)
    assert rain(signals, np.array([60, 290]) * SECOND) == [None, "rain"]
    assert rain(SIGNALS.empty_table(), np.array([0])) == [None]


def test_the_real_minute_of_a_full_motorway_is_left_open(test_data: Path) -> None:
    """comma2k19: an interstate at 29 to 71 km/h, which a rule of speed must not call a town."""
    folder = next((test_data / "comma2k19").glob("*/*/40"))
    speed = np.load(folder / "processed_log/CAN/speed/value").ravel()
    times = np.load(folder / "processed_log/CAN/speed/t").ravel()
    state = ego(np.interp(np.arange(times[0], times[-1], 0.1), times, speed))
    assert roads(state, np.array([30 * SECOND])) == [None]
