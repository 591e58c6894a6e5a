"""What a loader loads, and how."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ringroad.datasets.loader.augment import Augment
from ringroad.datasets.loader.order import ALL, OrderConfig
from ringroad.datasets.loader.pack import FULL, HALF
from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import InvalidConfig
from ringroad.domain.ids import digest_of

RAISE, SKIP = "raise", "skip"
LEAST_SLOTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LoaderConfig:
    """What is loaded, and how."""

    batch: int = 32
    """Frames per step and rank."""
    split: str = ""
    """train, val or test; all where empty."""
    seed: int = 0
    """Of the order, and of augmentation."""
    window: int = ALL
    """How many shards (or groups of pictures) are mixed at a time: -1 all, 0 none."""
    rank: int = 0
    world: int = 1
    drop_last: bool = False
    """Leave out what does not fill a step of all ranks."""
    scale: int = FULL
    """2 for half width and height."""
    augment: Augment | None = None
    threads: int = 0
    """That decode; 0 for as many as this process may use cores."""
    slots: int = 4
    """Batches in memory, the one that is worked with included."""
    on_error: str = RAISE
    """`raise`, or `skip` to leave out frames that cannot be had and tell them in the batch."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.scale not in {FULL, HALF} or self.on_error not in {RAISE, SKIP}:
            raise InvalidConfig(
                f"scale {self.scale}, on_error {self.on_error!r}",
                remedy="scale is 1 or 2, on_error is raise or skip",
            )
        if self.threads < 0 or self.slots < LEAST_SLOTS:
            raise InvalidConfig(
                f"{self.threads} threads, {self.slots} slots",
                remedy=f"threads are 0 or more, slots {LEAST_SLOTS} or more",
            )
        self.order()

    def order(self) -> OrderConfig:
        """How frames follow one another."""
        return OrderConfig(
            seed=self.seed, batch=self.batch, window=self.window, rank=self.rank,
            world=self.world, drop_last=self.drop_last,
        )  # fmt: skip

    def view(self) -> str:
        """Digest of all that decides what a frame looks like and which ones there are."""
        told = (self.split, self.window, self.scale, asdict(self.augment) if self.augment else {})
        return digest_of(canonical_json(told))[:16]
