"""CAN frames to signals by a CAN database (DBC), all frames of one identifier at once.

A database is read by cantools, bits are taken out by NumPy: some thousand times faster than frame
by frame. Frames of more than eight bytes (CAN FD) are not decoded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cantools
import numpy as np
from cantools.database import Message
from cantools.database.can import Database
from cantools.database.can.signal import Signal as DbcSignal

from ringroad.domain.errors import UnreadableSource

FRAME_BYTES = 8
FRAME_BITS = 64
MOST_DBC_BYTES = 8 << 20
UNITS = {"kph": "km/h", "m/s^2": "m/s2", "m/s/s": "m/s2", "degrees": "deg", "degree": "deg"}
"""Spellings of units in databases -> those of rows."""
_FLOATS = {16: np.float16, 32: np.float32, 64: np.float64}
_WORDS = {16: np.uint16, 32: np.uint32, 64: np.uint64}

CanMessage = Message
"""What a database says of one identifier; others hand it on and do not look inside."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanLog:
    """Frames in the order of their times, all of them padded with zeros to eight bytes.

    Attributes:
        time_ns: (n,) int64.
        bus: (n,) int64.
        identifier: (n,) int64.
        data: (n, 8) uint8.
    """

    time_ns: np.ndarray
    bus: np.ndarray
    identifier: np.ndarray
    data: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanSignal:
    """One signal of one identifier.

    Attributes:
        message: its name in the database.
        name: of the signal.
        unit: as rows spell it.
        rows: (k,) which of the frames hold it.
        values: (k,) float64, scaled.
    """

    message: str
    name: str
    unit: str
    rows: np.ndarray
    values: np.ndarray


def load_dbc(data: bytes) -> dict[int, CanMessage]:
    """The messages of a database by identifier.

    Raises:
        UnreadableSource: too large, or cantools does not take it.
    """
    remedy = "leave the file out, or write it again with a CAN database editor"
    if len(data) > MOST_DBC_BYTES:
        raise UnreadableSource(f"a CAN database of {len(data)} bytes", remedy=remedy)
    try:
        database = cantools.database.load_string(
            data.decode("cp1252", errors="replace"), database_format="dbc", strict=False
        )
    except Exception as error:  # its parsers raise whatever the text leads them to
        what = f"is no CAN database that cantools takes: {str(error)[:200]}"
        raise UnreadableSource(what, remedy=remedy) from error
    if not isinstance(database, Database):
        raise UnreadableSource("describes no CAN messages", remedy=remedy)
    return {message.frame_id: message for message in database.messages}


def decode(message: CanMessage, data: np.ndarray) -> list[CanSignal]:
    """All signals of frames of one identifier.

    Args:
        message: what the database says of it.
        data: (n, 8) uint8.

    Returns:
        By name. Of multiplexed signals, the frames whose selector says that they hold them;
        signals that reach beyond eight bytes are left out.
    """
    words = {
        "big_endian": _words(data, ">u8"),
        "little_endian": _words(data, "<u8"),
    }
    every = np.arange(len(data))
    raws = {item.name: _raw(item, words[item.byte_order]) for item in _within(message)}
    found = []
    for item in _within(message):
        rows = every
        selector = raws.get(item.multiplexer_signal or "")
        if item.multiplexer_ids is not None:
            if selector is None:
                continue
            rows = np.flatnonzero(np.isin(selector, np.array(item.multiplexer_ids)))
        found.append(
            CanSignal(
                message=message.name,
                name=item.name,
                unit=UNITS.get(item.unit or "", item.unit or ""),
                rows=rows,
                values=_scaled(item, raws[item.name][rows]),
            )
        )
    return sorted(found, key=lambda signal: signal.name)


def by_identifier(log: CanLog, bus: int) -> Iterator[tuple[int, np.ndarray]]:
    """Each identifier of a bus, ascending, and the rows of its frames."""
    mine = np.flatnonzero(log.bus == bus)
    order = mine[np.argsort(log.identifier[mine], kind="stable")]
    numbers, starts = np.unique(log.identifier[order], return_index=True)
    if len(numbers):
        yield from zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)


def describes(message: CanMessage, data: np.ndarray) -> bool:
    """Whether frames could be of a message: none has bits where it has no bytes."""
    return not data[:, min(message.length, FRAME_BYTES) :].any()


def _within(message: CanMessage) -> list[DbcSignal]:
    """Signals that lie in the first eight bytes."""
    return [item for item in message.signals if item.length > 0 and _shift(item) >= 0]


def _shift(item: DbcSignal) -> int:
    """How far to the right a signal has to go in its word; negative where it reaches beyond.

    A little-endian signal starts with its lowest bit. A big-endian one starts with its highest,
    and bits count from the right in each byte.
    """
    if item.byte_order == "little_endian":
        return item.start if item.start + item.length <= FRAME_BITS else -1
    first = item.start // 8 * 8 + 7 - item.start % 8
    return FRAME_BITS - first - item.length


def _words(data: np.ndarray, kind: str) -> np.ndarray:
    """(n,) uint64 in the machine's own order of bytes."""
    words: np.ndarray = np.ascontiguousarray(data).view(kind)[:, 0].astype(np.uint64)
    return words


def _raw(item: DbcSignal, words: np.ndarray) -> np.ndarray:
    """(n,) uint64, int64 or a float, as sent."""
    bits = words >> np.uint64(_shift(item))
    bits = bits & np.uint64((1 << item.length) - 1)
    if item.is_float and item.length in _FLOATS:
        floats: np.ndarray = bits.astype(_WORDS[item.length]).view(_FLOATS[item.length])
        return floats
    if not item.is_signed:
        return bits
    sign = np.uint64(1 << (item.length - 1))
    signed: np.ndarray = ((bits ^ sign) - sign).view(np.int64)
    return signed


def _scaled(item: DbcSignal, raw: np.ndarray) -> np.ndarray:
    values: np.ndarray = raw.astype(np.float64) * float(item.scale) + float(item.offset)
    return values
