"""Frames of a pack whose records are packets of a video: a group is decoded once for all of them.

A frame of a video cannot be decoded without those before it in its group of pictures. Whoever needs
the first frame of a group decodes the whole group; the others wait for it and take theirs. Groups
stay in memory until their frames were taken, at most `pool` of them. With a window of groups in the
order (`OrderConfig.window`) every group is decoded once an epoch; without one, when frames come in
any order, a group may be decoded again and again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from ringroad.datasets.loader.augment import Augment
from ringroad.datasets.loader.fill import PackFill, Scratch
from ringroad.datasets.loader.pack import FULL, Pack
from ringroad.datasets.loader.shards import Shards
from ringroad.domain.errors import UnreadableSource
from ringroad.media.pictures.jpeg_into import REMEDY, halved
from ringroad.media.video.container import decode_packets

LEAST_POOL = 4


@dataclass(slots=True, eq=False)
class _Group:
    """One group of pictures: decoded by whoever holds the turn first."""

    turn: Lock = field(default_factory=Lock)
    frames: dict[int, np.ndarray] = field(default_factory=dict)


class VideoFill(PackFill):
    """Frames of a pack whose records are H.264 that we encoded ourselves.

    Args:
        pack: what is loaded.
        shards: where records are read.
        scale: half size is made of the decoded frame.
        augment: how frames are changed.
        seed: of augmentation.
        pool: how many decoded groups are kept at most.
    """

    def __init__(
        self,
        pack: Pack,
        shards: Shards,
        *,
        scale: int,
        augment: Augment | None,
        seed: int,
        pool: int = LEAST_POOL,
    ) -> None:
        super().__init__(pack, shards, pack.full, scale=scale, augment=augment, seed=seed)
        self.pool = max(pool, LEAST_POOL)
        self.decoded = 0
        """How many groups were decoded so far."""
        self._groups: OrderedDict[int, _Group] = OrderedDict()
        self._lock = Lock()
        starts = np.flatnonzero(pack.start == np.arange(len(pack)))
        self._ends = dict(zip(starts.tolist(), [*starts[1:].tolist(), len(pack)], strict=True))

    def decode(self, row: int, out: np.ndarray, scratch: Scratch) -> None:
        """Take a frame out of its group, which is decoded first where it is not."""
        del scratch
        start = int(self.pack.start[row])
        group = self._group(start)
        with group.turn:
            if row not in group.frames:
                group.frames = self._decoded(start)
            pixels = group.frames.pop(row)
        if not group.frames:
            self._forget(start, group)
        if self.scale != FULL:
            pixels = halved(pixels)
        if pixels.shape != out.shape:
            raise UnreadableSource(
                f"is {pixels.shape[1]}x{pixels.shape[0]} pixels, not {out.shape[1]}x{out.shape[0]}",
                remedy=REMEDY,
            )
        np.copyto(out, pixels)

    def _group(self, start: int) -> _Group:
        with self._lock:
            found = self._groups.setdefault(start, _Group())
            self._groups.move_to_end(start)
            while len(self._groups) > self.pool:
                self._groups.popitem(last=False)
        return found

    def _forget(self, start: int, group: _Group) -> None:
        with self._lock:
            if self._groups.get(start) is group and not group.frames:
                del self._groups[start]

    def _decoded(self, start: int) -> dict[int, np.ndarray]:
        rows = range(start, self._ends[start])
        packets = self._packets(start, self._ends[start])
        pixels = decode_packets(self.pack.header.encoding, b"", packets, rows, rows, None)
        self.decoded += 1
        return dict(zip(rows, pixels, strict=True))

    def _packets(self, start: int, end: int) -> list[bytes]:
        """All packets of a group by one read, verified."""
        records = self.records
        offsets = records.offset[start:end] - records.offset[start]
        lengths = records.length[start:end]
        data = memoryview(bytearray(int(offsets[-1] + lengths[-1])))
        self.shards.read_into(int(records.shard[start]), int(records.offset[start]), data)
        packets = [
            bytes(data[offset : offset + length])
            for offset, length in zip(offsets.tolist(), lengths.tolist(), strict=True)
        ]
        for row, packet in enumerate(packets, start=start):
            self.check(row, packet)
        return packets
