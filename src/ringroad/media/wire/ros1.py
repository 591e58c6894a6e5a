"""ROS 1 messages by the thousand: the serialisation without padding, behind the same cursor.

Messages of ROS 1 and ROS 2 of one name have the same fields; only their headers differ, which
count in ROS 1. Format: wiki.ros.org/roscpp/Overview/MessagesSerializationAndAdaptingTypes.
"""

from __future__ import annotations

import numpy as np

from ringroad.domain.errors import UnreadableSource
from ringroad.media.containers.mcap_index import REMEDY
from ringroad.media.wire.cdr import Cursor

MOST_HEADER_BYTES = 4096


class Ros1Cursor(Cursor):
    """A cursor over messages whose fields follow each other without a gap, little endian."""

    def __init__(self, buffer: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
        self.buffer = buffer
        self.origins = starts
        self.ends = ends
        self.at = starts
        self.frame = ""
        self.order = "<"

    def stamps(self) -> np.ndarray:
        """A `std_msgs/Header`: (n,) int64 ns of its stamp; its number is stepped over."""
        self.skip("u4")
        return super().stamps()

    def times(self) -> np.ndarray:
        """A `time`: (n,) int64 ns."""
        parts = self.numbers("u4", 2).astype(np.int64)
        stamps: np.ndarray = parts[:, 0] * 1_000_000_000 + parts[:, 1]
        return stamps

    def _align(self, size: int) -> None:
        """Nothing is aligned."""


def bag_data(buffer: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end of each message's data, given where its record begins in an unpacked chunk.

    Raises:
        UnreadableSource: a record does not fit into its chunk.
    """
    headers = _lengths(buffer, begins)
    if (headers > MOST_HEADER_BYTES).any():
        raise UnreadableSource("its index points at no message", remedy=REMEDY)
    starts = begins + 8 + headers
    ends = starts + _lengths(buffer, starts - 4)
    if (ends > len(buffer)).any():
        raise UnreadableSource("a message does not fit into its chunk", remedy=REMEDY)
    return starts, ends


def _lengths(buffer: np.ndarray, at: np.ndarray) -> np.ndarray:
    if len(at) and (at.max() + 4 > len(buffer) or at.min() < 0):
        raise UnreadableSource("its index points outside of a chunk", remedy=REMEDY)
    lengths: np.ndarray = buffer[at[:, None] + np.arange(4)].view("<u4")[:, 0].astype(np.int64)
    return lengths
