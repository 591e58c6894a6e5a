"""Frames of a pack by number, in any order: for what is no epoch, and for loaders of others."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ringroad.datasets.loader.fill import PackFill, Scratch
from ringroad.datasets.loader.loader import filler_of
from ringroad.datasets.loader.marks import Marks
from ringroad.datasets.loader.pack import FULL, Pack
from ringroad.datasets.loader.shards import FolderShards, Shards


class Frames:
    """Frames of a split. Safe to call from threads; it pickles, and opens its files anew.

    Args:
        pack: whose frames.
        split: train, val or test; all where empty.
        scale: 2 for half width and height.
        shards: where records are read; the pack's folder by default.
    """

    def __init__(
        self, pack: Pack, *, split: str = "", scale: int = FULL, shards: Shards | None = None
    ) -> None:
        self.pack = pack
        self.split = split
        self.scale = scale
        self.shards = shards or FolderShards(pack)
        self.rows = pack.rows(split)
        self.size = pack.size(scale)
        self._filler: PackFill = filler_of(pack, self.shards, scale=scale)
        self._local = threading.local()

    def __len__(self) -> int:
        """How many frames."""
        return len(self.rows)

    def __getitem__(self, number: int) -> tuple[np.ndarray, Marks]:
        """(h, w, 3) uint8 RGB and its marks. Errors name frame and shard."""
        width, height = self.size
        out = np.empty((height, width, 3), np.uint8)
        return out, self.read_into(number, out)

    def read_into(self, number: int, out: np.ndarray) -> Marks:
        """Decode a frame into (h, w, 3) uint8, and return its marks."""
        row = int(self.rows[number])
        self._filler.make(row, out, self._scratch())
        return self.pack.marks(row, self.scale)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.pack, self.split, self.scale, self.shards)

    def _scratch(self) -> Scratch:
        if not hasattr(self._local, "scratch"):
            self._local.scratch = self._filler.scratch()
        found: Scratch = self._local.scratch
        return found


def _again(pack: Pack, split: str, scale: int, shards: Shards) -> Frames:
    return Frames(pack, split=split, scale=scale, shards=shards)
