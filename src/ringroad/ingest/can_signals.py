"""A CAN log to signals: identifiers that a database describes by name, the others as bytes.

Databases do not say which bus they are of, and identifiers mean different things on different
buses. So a bus is decoded by the database that describes most of its frames, where it describes
a fair share of the identifiers and no frame contradicts it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ringroad.domain.recording import CAN, Channel
from ringroad.ingest.rows import Signal, rate_hz
from ringroad.media.can import CanLog, CanMessage, by_identifier, decode, describes

SHARE = 0.25
"""Of a bus's identifiers that its database describes at least."""
MOST_IDENTIFIERS = 4096
"""A bus with more is noise; standard identifiers have eleven bits."""

Databases = Mapping[str, Mapping[int, CanMessage]]
"""File -> identifier -> message."""


def can_signals(
    log: CanLog, databases: Databases, *, channel: str
) -> tuple[list[Signal], list[Channel], list[str]]:
    """Signals `can.0x0aa.WHEEL_SPEEDS.WHEEL_SPEED_FL` or `can.0x0aa.bytes0-3`, of each bus.

    Args:
        log: frames of all buses.
        databases: in the order in which they are preferred where two describe as much.
        channel: of a bus, its number follows.

    Returns:
        Signals, a channel for each bus, and notes on which database decodes which.
    """
    signals: list[Signal] = []
    channels: list[Channel] = []
    notes: list[str] = []
    for bus in np.unique(log.bus).tolist():
        parts = dict(by_identifier(log, bus))
        name = f"{channel}/{bus}"
        if len(parts) > MOST_IDENTIFIERS:
            notes.append(f"{name}: {len(parts)} identifiers are those of no vehicle; left out")
            continue
        chosen, messages = _best(log, parts, databases)
        for identifier, rows in parts.items():
            known = messages.get(identifier)
            if known is None:
                signals += _halves(log, name, identifier, rows)
            else:
                signals += _decoded(log, name, (identifier, known), rows)
        times = log.time_ns[log.bus == bus]
        channels.append(
            Channel(
                name=name,
                sensor=CAN,
                encoding="can",
                messages=len(times),
                rate_hz=rate_hz(len(times) - 1, int(np.ptp(times))),
            )
        )
        if chosen:
            told = f"{len(messages.keys() & parts.keys())} of {len(parts)} identifiers"
            notes.append(f"{name}: {told} are decoded by {chosen}, the others kept as bytes")
        elif databases:
            notes.append(f"{name}: no CAN database describes it; kept as bytes")
    return signals, channels, notes


def _best(
    log: CanLog, parts: Mapping[int, np.ndarray], databases: Databases
) -> tuple[str, Mapping[int, CanMessage]]:
    """The database of a bus, and its messages; an empty name where there is none."""
    most, chosen = 0, ""
    for file, messages in databases.items():
        known = {number: rows for number, rows in parts.items() if number in messages}
        if len(known) < SHARE * len(parts):
            continue
        if not all(describes(messages[number], log.data[rows]) for number, rows in known.items()):
            continue
        frames = sum(len(rows) for rows in known.values())
        if frames > most:
            most, chosen = frames, file
    return chosen, databases[chosen] if chosen else {}


def _decoded(
    log: CanLog, channel: str, known: tuple[int, CanMessage], rows: np.ndarray
) -> list[Signal]:
    identifier, message = known
    return [
        Signal(
            channel=channel,
            name=f"can.0x{identifier:03x}.{found.message}.{found.name}",
            unit=found.unit,
            time_ns=log.time_ns[rows[found.rows]],
            values=found.values,
        )
        for found in decode(message, log.data[rows])
    ]


def _halves(log: CanLog, channel: str, identifier: int, rows: np.ndarray) -> list[Signal]:
    """Bytes 0 to 3 and 4 to 7 as whole numbers, the first byte highest: doubles hold both.

    The second half is left out where all its bits are zero.
    """
    halves = np.ascontiguousarray(log.data[rows]).view(">u4").astype(np.float64)
    names: Sequence[str] = ("bytes0-3", "bytes4-7") if halves[:, 1].any() else ("bytes0-3",)
    return [
        Signal(
            channel=channel,
            name=f"can.0x{identifier:03x}.{name}",
            unit="",
            time_ns=log.time_ns[rows],
            values=halves[:, at],
        )
        for at, name in enumerate(names)
    ]
