"""Rows of the low-rate lane as messages others know: IMU, GNSS, and numbers for all the rest.

A message holds several signals at one time. So signals share one only where their times are the
same, every one of them; the others leave as numbers of their own, and no value is made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ringroad.media.export.parcel import GNSS, IMU, NUMBER
from ringroad.media.message import UNKNOWN_STATUS

IMU_SIGNALS = {
    **{f"imu.angular_velocity.{axis}": "rad/s" for axis in "xyz"},
    **{f"imu.linear_acceleration.{axis}": "m/s2" for axis in "xyz"},
}
PLACE_SIGNALS = {"gnss.latitude": "deg", "gnss.longitude": "deg"}
ALTITUDE, STATUS = "gnss.altitude", "gnss.status"
LARGEST_STATUS = 127


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignalPart:
    """What one topic of low rate says.

    Attributes:
        channel: of the recording.
        kind: imu, gnss or number.
        name: of a number; empty otherwise.
        unit: of a number.
        times: (n,) int64 ns.
        values: (n, k) float64, as `parcel.Numbers`.
    """

    channel: str
    kind: str
    name: str
    unit: str
    times: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Series:
    unit: str
    times: np.ndarray
    values: np.ndarray


def signal_parts(rows: pa.Table) -> Iterator[SignalPart]:
    """Rows of `schemas.SIGNALS`, by channel and time, as topics; channel by channel."""
    for channel, series in _series(rows).items():
        left = dict(series)
        yield from _imu(channel, left)
        yield from _gnss(channel, left)
        for (name, unit), found in left.items():
            yield SignalPart(
                channel=channel,
                kind=NUMBER,
                name=name,
                unit=unit,
                times=found.times,
                values=found.values[:, None],
            )


Named = dict[tuple[str, str], _Series]
"""Name and unit -> values."""


def _series(rows: pa.Table) -> dict[str, Named]:
    """Channel -> its signals. One sort, then stretches of equal names."""
    names = ("channel", "name", "unit")
    plain = [rows.column(name).combine_chunks() for name in names]
    codes, words = [], []
    for column in plain:
        coded = column.dictionary_encode() if not pa.types.is_dictionary(column.type) else column
        codes.append(coded.indices.to_numpy(zero_copy_only=False))
        words.append(coded.dictionary.to_pylist())
    times, values = rows.column("time_ns").to_numpy(), rows.column("value").to_numpy()
    if not len(times):
        return {}
    order = np.lexsort((times, *reversed(codes)))
    sorted_codes = np.stack([code[order] for code in codes])
    edges = np.flatnonzero((np.diff(sorted_codes, axis=1) != 0).any(axis=0)) + 1
    found: dict[str, Named] = {}
    for begin, end in zip([0, *edges], [*edges, len(order)], strict=True):
        channel, name, unit = (
            word[code] for word, code in zip(words, sorted_codes[:, begin], strict=True)
        )
        taken = order[begin:end]
        part = _Series(unit=unit, times=times[taken], values=values[taken])
        found.setdefault(channel, {})[name, unit] = part
    return {channel: dict(sorted(found[channel].items())) for channel in sorted(found)}


def _imu(channel: str, left: Named) -> Iterator[SignalPart]:
    parts = [left.get(key) for key in IMU_SIGNALS.items()]
    together = [part for part in parts if part is not None]
    if len(together) < len(parts) or not _at_once(together):
        return
    for key in IMU_SIGNALS.items():
        del left[key]
    yield _joined(channel, IMU, together)


def _gnss(channel: str, left: Named) -> Iterator[SignalPart]:
    place = [left.get(key) for key in PLACE_SIGNALS.items()]
    together = [part for part in place if part is not None]
    if len(together) < len(place) or not _at_once(together):
        return
    for key in PLACE_SIGNALS.items():
        del left[key]
    times = together[0].times
    together.append(_optional(left, (ALTITUDE, "m"), times, np.nan))
    status = left.get((STATUS, ""))
    fits = status is None or bool(
        ((status.values % 1 == 0) & (np.abs(status.values) <= LARGEST_STATUS)).all()
    )
    unknown = _Series(unit="", times=times, values=np.full(len(times), float(UNKNOWN_STATUS)))
    together.append(_optional(left, (STATUS, ""), times, UNKNOWN_STATUS) if fits else unknown)
    yield _joined(channel, GNSS, together)


def _optional(left: Named, key: tuple[str, str], times: np.ndarray, unknown: float) -> _Series:
    """A signal that is known at just these times, taken out of what is left; else `unknown`."""
    found = left.get(key)
    if found is not None and np.array_equal(found.times, times):
        return left.pop(key)
    return _Series(unit=key[1], times=times, values=np.full(len(times), float(unknown)))


def _at_once(parts: list[_Series]) -> bool:
    return all(np.array_equal(part.times, parts[0].times) for part in parts)


def _joined(channel: str, kind: str, parts: list[_Series]) -> SignalPart:
    values = np.stack([part.values for part in parts], axis=1)
    return SignalPart(
        channel=channel, kind=kind, name="", unit="", times=parts[0].times, values=values
    )


def lost_fields(encoding: str) -> str:
    """What messages of a type hold besides what ingest keeps of them; empty where nothing."""
    return FIELDS_LOST.get(encoding, "")


FIELDS_LOST: Mapping[str, str] = {
    "sensor_msgs/msg/Imu": "orientation and covariances",
    "sensor_msgs/msg/NavSatFix": "the service and covariances",
    "geometry_msgs/msg/TwistStamped": "all but the speed ahead and the turn rate",
    "geometry_msgs/msg/Twist": "all but the speed ahead and the turn rate",
    "can_msgs/msg/Frame": "remote and error frames, and the number of bytes",
}
"""Message type -> fields that are not in the low-rate lane."""
