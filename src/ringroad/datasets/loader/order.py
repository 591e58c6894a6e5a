"""In which order frames are shown: drawn per epoch from the seed, shared out among ranks.

The order of an epoch is one permutation for all ranks. Step after step takes `batch` frames per
rank from it, rank r every `world`-th of them from the r-th on. So a position in the order is
enough to go on from, with another number of ranks or another batch size too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xxhash

from ringroad.domain.errors import InvalidConfig

ALL = -1
"""Window: frames of the whole pack are mixed."""
NONE = 0
"""Window: frames come as they lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfig:
    """How frames follow one another.

    Attributes:
        seed: of all draws.
        batch: frames per step and rank.
        window: how many groups (shards, or groups of pictures of a video) are mixed at a time:
            `ALL`, `NONE`, or a number. Few keep the bytes in use few.
        rank: of this process.
        world: how many processes share the frames.
        drop_last: leave out what does not fill a step of all ranks. Else the last step is
            smaller, and where ranks are several, first frames come once more to fill it.
    """

    seed: int = 0
    batch: int = 32
    window: int = ALL
    rank: int = 0
    world: int = 1
    drop_last: bool = False

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.batch < 1 or self.window < ALL or self.seed < 0:
            raise InvalidConfig(
                f"batch {self.batch}, window {self.window}, seed {self.seed}",
                remedy="a batch has frames, a window is -1 or more, a seed 0 or more",
            )
        if self.world < 1 or not 0 <= self.rank < self.world:
            raise InvalidConfig(
                f"rank {self.rank} of {self.world}", remedy="ranks count from 0 to world - 1"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """What one batch of one rank holds.

    Attributes:
        epoch: from 0 on.
        position: frames of the epoch's order that all ranks have taken before this step.
        after: the same after it.
        last: whether the epoch ends with it.
        rows: rows of the pack, in order.
        digest: of the epoch's order.
    """

    epoch: int
    position: int
    after: int
    last: bool
    rows: np.ndarray
    digest: str


class Order:
    """The order of frames, epoch by epoch.

    Args:
        rows: rows of the pack that take part, ascending.
        groups: (len(rows),) group of each, equal ones next to one another.
        config: how they follow one another.
    """

    def __init__(self, rows: np.ndarray, groups: np.ndarray, config: OrderConfig) -> None:
        self.rows = rows
        self.config = config
        cuts = np.flatnonzero(np.diff(groups)) + 1
        self._bounds = np.concatenate([[0], cuts, [len(rows)]])

    def frames(self) -> int:
        """How many frames of an epoch's order are taken by all ranks together."""
        config = self.config
        if config.drop_last:
            return len(self.rows) // (config.batch * config.world) * config.batch * config.world
        return -(-len(self.rows) // config.world) * config.world

    def steps(self) -> int:
        """How many steps an epoch has that is gone through from its start."""
        return -(-self.frames() // (self.config.batch * self.config.world))

    def epoch(self, epoch: int) -> np.ndarray:
        """Rows of the pack in the order of an epoch, for all ranks."""
        if self.config.window == NONE or not len(self.rows):
            return self.rows
        rng = np.random.Generator(np.random.PCG64([self.config.seed, epoch]))
        if self.config.window == ALL:
            return self.rows[rng.permutation(len(self.rows))]
        groups = rng.permutation(len(self._bounds) - 1)
        parts = []
        for at in range(0, len(groups), self.config.window):
            chosen = groups[at : at + self.config.window]
            mixed = np.concatenate([np.arange(*self._bounds[g : g + 2]) for g in chosen])
            parts.append(self.rows[mixed[rng.permutation(len(mixed))]])
        found: np.ndarray = np.concatenate(parts)
        return found

    def from_position(self, epoch: int, position: int) -> Iterator[Step]:
        """Steps from a position of an epoch on, without end.

        Raises:
            InvalidConfig: an epoch has no step at all.
        """
        if not self.steps():
            raise InvalidConfig(
                f"{len(self.rows)} frames do not fill one batch of {self.config.batch} "
                f"for each of {self.config.world} ranks",
                remedy="lower the batch, or set drop_last to False",
            )
        while True:
            yield from self._epoch(epoch, position)
            epoch, position = epoch + 1, 0

    def digest(self, epoch: int) -> str:
        """Of the order of an epoch, for all ranks."""
        return _digest(self.epoch(epoch))

    def _epoch(self, epoch: int, position: int) -> Iterator[Step]:
        config = self.config
        order = self.epoch(epoch)
        digest = _digest(order)
        total = self.frames()
        order = np.resize(order, total)
        while position < total:
            after = min(position + config.batch * config.world, total)
            yield Step(
                epoch=epoch,
                position=position,
                after=after,
                last=after == total,
                rows=order[position + config.rank : after : config.world],
                digest=digest,
            )
            position = after


def _digest(order: np.ndarray) -> str:
    return xxhash.xxh3_128_hexdigest(np.ascontiguousarray(order, np.int64).data)
