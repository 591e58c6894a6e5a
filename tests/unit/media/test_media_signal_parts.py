from __future__ import annotations

import numpy as np
import pyarrow as pa

from ringroad.media.export.parcel import GNSS, IMU, NUMBER
from ringroad.media.export.signal_parts import IMU_SIGNALS, signal_parts
from ringroad.media.schemas import SIGNALS


def rows(*signals: tuple[str, str, str, list[int], list[float]]) -> pa.Table:
    """Channel, name, unit, times and values of each signal."""
    columns: dict[str, list[object]] = {name: [] for name in SIGNALS.names}
    for channel, name, unit, times, values in signals:
        count = len(times)
        for column, cells in zip(
            SIGNALS.names,
            (["r"] * count, [channel] * count, times, [name] * count, values, [unit] * count),
            strict=True,
        ):
            columns[column] += cells
    return pa.table(columns).cast(SIGNALS)


def imu(channel: str, times: list[int], **other: list[int]) -> list[tuple]:
    return [
        (channel, name, unit, other.get(name[-1], times), [float(at) for at in times])
        for name, unit in IMU_SIGNALS.items()
    ]


def kinds(table: pa.Table) -> list[tuple[str, str, str]]:
    return [(part.channel, part.kind, part.name) for part in signal_parts(table)]


def test_no_rows_make_no_part():
    assert kinds(SIGNALS.empty_table()) == []


def test_signals_of_one_time_share_a_message_and_others_stay_alone():
    table = rows(*imu("/imu", [1, 2]), ("/imu", "temperature", "K", [1, 2], [300.0, 301.0]))
    found = list(signal_parts(table))
    assert [(part.kind, part.name, part.unit) for part in found] == [
        (IMU, "", ""),
        (NUMBER, "temperature", "K"),
    ]
    assert found[0].values.tolist() == [[1.0] * 6, [2.0] * 6]
    assert found[1].values.tolist() == [[300.0], [301.0]]


def test_no_value_is_made_up_where_times_differ():
    table = rows(*imu("/imu", [1, 2], z=[1, 3]))
    assert {kind for _, kind, _ in kinds(table)} == {NUMBER}
    assert len(kinds(table)) == 6


def test_what_gnss_does_not_say_stays_unknown():
    table = rows(
        ("/gnss", "gnss.latitude", "deg", [5, 6], [48.0, 48.1]),
        ("/gnss", "gnss.longitude", "deg", [5, 6], [11.0, 11.1]),
        ("/gnss", "gnss.altitude", "m", [5], [500.0]),
        ("/gnss", "gnss.status", "", [5, 6], [0.0, 2.0]),
    )
    place, altitude = signal_parts(table)
    assert (place.kind, altitude.kind, altitude.name) == (GNSS, NUMBER, "gnss.altitude")
    np.testing.assert_array_equal(
        place.values, [[48.0, 11.0, np.nan, 0.0], [48.1, 11.1, np.nan, 2.0]]
    )


def test_a_status_that_ros_cannot_say_stays_a_number():
    table = rows(
        ("/gnss", "gnss.latitude", "deg", [5], [48.0]),
        ("/gnss", "gnss.longitude", "deg", [5], [11.0]),
        ("/gnss", "gnss.status", "", [5], [0.5]),
    )
    place, status = signal_parts(table)
    assert place.values[0, 3] == -2
    assert status.values.tolist() == [[0.5]]


def test_rows_in_any_order_come_out_by_time():
    table = rows(("/a", "speed", "m/s", [3, 1, 2], [3.0, 1.0, 2.0]))
    (part,) = signal_parts(table)
    assert part.times.tolist() == [1, 2, 3]
    assert part.values.ravel().tolist() == [1.0, 2.0, 3.0]
