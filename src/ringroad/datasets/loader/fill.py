"""Makes one frame of a pack: reads its record, verifies it, decodes it, changes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import xxhash

from ringroad.datasets.loader.augment import Augment, changed_marks, draw
from ringroad.datasets.loader.marks import Marks
from ringroad.datasets.loader.order import Step
from ringroad.datasets.loader.pack import FULL, HALF, Pack, Records
from ringroad.datasets.loader.shards import Shards
from ringroad.domain.errors import DigestMismatch, RingroadError, SourceMissing, UnreadableSource
from ringroad.media.pictures.jpeg_into import decode_into
from ringroad.media.pictures.warp import warp


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scratch:
    """Memory of one thread: the longest record, and a picture before it is changed."""

    record: memoryview
    picture: np.ndarray


class PackFill(ABC):
    """What all kinds of records have in common.

    Args:
        pack: what is loaded.
        shards: where records are read.
        records: those that are read.
        scale: of the pictures that come out.
        augment: how they are changed.
        seed: of augmentation.
    """

    def __init__(
        self,
        pack: Pack,
        shards: Shards,
        records: Records,
        *,
        scale: int,
        augment: Augment | None,
        seed: int,
    ) -> None:
        self.pack = pack
        self.shards = shards
        self.records = records
        self.scale = scale
        self.augment = augment
        self.seed = seed
        self.size = pack.size(scale)

    def scratch(self) -> Scratch:
        """Memory for one thread."""
        width, height = self.size
        shape = (height, width, 3) if self.augment is not None else (0, 0, 3)
        longest = int(self.records.length.max(initial=0))
        return Scratch(record=memoryview(bytearray(longest)), picture=np.empty(shape, np.uint8))

    def expect(self, step: Step) -> None:
        """Tell the shards what will be read. What cannot be had is told when it is read."""
        records, rows = self.records, step.rows
        shards = records.shard[rows]
        try:
            for shard in np.unique(shards).tolist():
                mine = rows[shards == shard]
                ranges = zip(records.offset[mine].tolist(), records.length[mine].tolist())  # noqa: B905 (one index)
                self.shards.expect(shard, [*ranges])
        except (SourceMissing, OSError):
            return

    def fill(self, step: Step, place: int, out: np.ndarray, scratch: Scratch) -> Marks:
        """Write one frame and return its marks. Errors name frame and shard."""
        row = int(step.rows[place])
        self.make(row, out if self.augment is None else scratch.picture, scratch)
        marks = self.pack.marks(row, self.scale)
        if self.augment is None:
            return marks
        return self._change(self.augment, scratch.picture, marks, out, epoch=step.epoch, row=row)

    def make(self, row: int, out: np.ndarray, scratch: Scratch) -> None:
        """Write the frame of a row as it was packed. Errors name frame and shard."""
        try:
            self.decode(row, out, scratch)
        except RingroadError as error:
            raise self._named(error, row) from error
        except OSError as error:
            what = UnreadableSource(f"cannot be read: {error.strerror}", remedy="see to the disk")
            raise self._named(what, row) from error

    @abstractmethod
    def decode(self, row: int, out: np.ndarray, scratch: Scratch) -> None:
        """Decode the frame of a row. Raises RingroadError."""

    def _change(
        self, config: Augment, picture: np.ndarray, marks: Marks, out: np.ndarray, *,
        epoch: int, row: int,
    ) -> Marks:  # fmt: skip
        change = draw(config, self.size, seed=self.seed, epoch=epoch, row=row)
        warp(picture, out, change.inverse, change.colour, config.fill)
        return changed_marks(marks, change, self.size, least_visible=config.least_visible)

    def check(self, row: int, data: memoryview | bytes) -> None:
        """Raise DigestMismatch where a record is not what was packed."""
        if xxhash.xxh3_64_intdigest(data) != int(self.records.xxh3[row]):
            raise DigestMismatch(
                "a record differs from what was packed",
                remedy="copy the shard again from its origin",
            )

    def _named(self, error: RingroadError, row: int) -> RingroadError:
        """The same error, saying which frame and shard it is about."""
        shard = self.shard_of(row)
        return type(error)(
            error.what,
            subject=f"frame {self.pack.frame_id(row)}",
            place=f"shard {shard} of {self.pack.folder}",
            remedy=error.remedy,
        )

    def shard_of(self, row: int) -> str:
        """The file name of the shard that holds a row."""
        return self.pack.shard_path(int(self.records.shard[row])).name


class JpegFill(PackFill):
    """Frames of a pack whose records are JPEG.

    At half size the stored halves are read where there are some, else the full pictures are
    decoded at half the size.
    """

    def __init__(
        self, pack: Pack, shards: Shards, *, scale: int, augment: Augment | None, seed: int
    ) -> None:
        halves = pack.half if scale == HALF else None
        super().__init__(pack, shards, halves or pack.full, scale=scale, augment=augment, seed=seed)
        self.reduced = scale != FULL and halves is None

    def decode(self, row: int, out: np.ndarray, scratch: Scratch) -> None:
        """Read, verify and decode the record of a row."""
        decode_into(self.read(row, scratch.record), out, reduced=self.reduced)

    def read(self, row: int, buffer: memoryview) -> memoryview:
        """The record of a row, verified; a part of the buffer."""
        records = self.records
        data = buffer[: int(records.length[row])]
        self.shards.read_into(int(records.shard[row]), int(records.offset[row]), data)
        self.check(row, data)
        return data
