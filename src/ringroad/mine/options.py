"""Options that every mining strategy understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringroad.domain.config import build


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningOptions:
    """Checked options; a strategy uses those that concern it."""

    min_gap_ns: int = 0
    """Two frames of one recording that are closer in time are not both chosen."""
    pool_factor: int = 4
    """`entropy-k-center` spreads its choice over so many times `count` uncertain frames."""
    condition: str = "night"
    """`rule`: the tag that its author believes in."""
    rare_column: str = "pedestrians"
    """`rule`: column of candidates with the number of pre-labelled rare boxes; "" for none."""

    def __post_init__(self) -> None:
        """Gaps are not negative, and a pool is not smaller than the choice."""
        if self.min_gap_ns < 0:
            raise ValueError(f"min_gap_ns is {self.min_gap_ns}, it must not be negative")
        if self.pool_factor < 1:
            raise ValueError(f"pool_factor is {self.pool_factor}, it must be 1 or more")


def read_options(options: Mapping[str, object]) -> MiningOptions:
    """Options by name.

    Raises:
        InvalidConfig: an unknown name, or a value of another type or range.
    """
    return build(MiningOptions, options, subject="mining options")
