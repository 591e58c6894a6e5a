"""CDR messages by the thousand: one field of all messages at a time, in numpy.

The encoding of ROS 2 (OMG XCDR version 1): four bytes of encapsulation, then fields, each aligned
to its own size counted from behind those four bytes. Nothing is made per message, so that a
message costs tenths of a microsecond and not tens.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from ringroad.domain.errors import UnreadableSource

ENCAPSULATION = 4
MOST_NAME_BYTES = 256
ORDER = {0: ">", 1: "<"}
"""Encapsulation kind -> byte order of plain CDR."""


class Cursor:
    """Stands at one place of each of n messages, and moves through all of them together.

    Args:
        buffer: (b,) uint8 that holds the messages.
        starts: (n,) int64, where each begins.
        ends: (n,) int64, behind its last byte.

    `frame` is the frame id of the first message, once its header was passed.

    Raises:
        UnreadableSource: from any method, where a message is shorter than what is asked of it.
    """

    def __init__(self, buffer: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
        self.buffer = buffer
        self.origins = starts + ENCAPSULATION
        self.ends = ends
        self.at = starts
        self.frame = ""
        kinds = self._bytes(ENCAPSULATION)[:, :2]
        if (kinds != kinds[:1]).any() or (kinds[:1, 0] != 0).any() or (kinds[:1, 1] > 1).any():
            raise UnreadableSource(
                "messages are not plain CDR", remedy="record with the default ROS 2 encoding"
            )
        self.order = ORDER[int(kinds[0, 1])] if len(kinds) else "<"

    def numbers(self, kind: str, count: int = 1) -> np.ndarray:
        """The next `count` numbers of each message, as (n, count); `kind` is `f8`, `u4` ..."""
        dtype = np.dtype(self.order + kind)
        self._align(dtype.itemsize)
        return self._bytes(dtype.itemsize * count).view(dtype)

    def skip(self, kind: str, count: int = 1) -> None:
        """Step over numbers without reading them."""
        size = np.dtype(kind).itemsize
        self._align(size)
        self._step(size * count)

    def skip_text(self) -> None:
        """Step over a string."""
        self._step(self.numbers("u4")[:, 0].astype(np.int64))

    def texts(self) -> list[str]:
        """A string of each message."""
        lengths = self.numbers("u4")[:, 0].astype(np.int64)
        begins = self.at
        self._step(lengths)
        ranges = zip(begins.tolist(), self.at.tolist(), strict=True)
        return [_decoded(self.buffer[begin:end]) for begin, end in ranges]

    def first_text(self) -> str:
        """Step over a string, and say what it is in the first message."""
        lengths = self.numbers("u4")[:, 0].astype(np.int64)
        begins = self.at
        self._step(lengths)
        return _decoded(self.buffer[begins[0] : self.at[0]]) if len(begins) else ""

    def one(self, row: int) -> Cursor:
        """A cursor over one of the messages, at the same place."""
        alone = copy(self)
        only = slice(row, row + 1)
        alone.origins, alone.ends, alone.at = self.origins[only], self.ends[only], self.at[only]
        return alone

    def sequence(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the bytes of a `uint8[]` begin in the buffer, and how many they are."""
        lengths = self.numbers("u4")[:, 0].astype(np.int64)
        begins = self.at
        self._step(lengths)
        return begins, lengths

    def stamps(self) -> np.ndarray:
        """A `std_msgs/msg/Header`: (n,) int64 ns of its stamp."""
        stamps_ns = self.times()
        self.frame = self.first_text()
        return stamps_ns

    def times(self) -> np.ndarray:
        """A `builtin_interfaces/msg/Time`: (n,) int64 ns."""
        seconds = self.numbers("i4")[:, 0].astype(np.int64)
        nanoseconds = self.numbers("u4")[:, 0].astype(np.int64)
        return seconds * 1_000_000_000 + nanoseconds

    def _align(self, size: int) -> None:
        if size > 1:
            self.at = self.at + (self.origins - self.at) % size

    def _step(self, size: int | np.ndarray) -> None:
        after = self.at + size
        if (after > self.ends).any():
            raise UnreadableSource(
                "a message is shorter than its type", remedy="copy the file again from its origin"
            )
        self.at = after

    def _bytes(self, size: int) -> np.ndarray:
        begins = self.at
        self._step(size)
        found: np.ndarray = self.buffer[begins[:, None] + np.arange(size)]
        return found


def _decoded(text: np.ndarray) -> str:
    """Names are short: what is longer is cut."""
    return text[:MOST_NAME_BYTES].tobytes().rstrip(b"\0").decode("utf-8", "replace")
