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
    """Blends spread their choice over so many times `count` uncertain frames."""
    column: str = ""
    """Of candidates, the score to go by; each strategy has its own where none is named."""
    condition: str = "night"
    """`rule`: the tag that its author believes in; `all` for none."""
    rare_column: str = "pedestrians"
    """`rule`: column of candidates with the number of pre-labelled rare boxes; "" for none."""
    group_column: str = "condition"
    """`balanced` and `weighted`: column whose values share the budget."""
    weights: Mapping[str, float] | None = None
    """`weighted`: value of that column to its share of the budget, such as the gap of its KPI."""
    neighbours: int = 20
    """`typical`: how many neighbours tell how densely a frame is surrounded."""
    reference: int = 2_000
    """`facility-location`: how many frames of the pool the choice has to stand for."""

    def __post_init__(self) -> None:
        """Gaps are not negative, a pool is not smaller than the choice, weights add up."""
        if self.min_gap_ns < 0:
            raise ValueError(f"min_gap_ns is {self.min_gap_ns}, it must not be negative")
        for name in ("pool_factor", "neighbours", "reference"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, it must be 1 or more")
        shares = list((self.weights or {}).values())
        if any(not share >= 0 for share in shares) or (shares and not sum(shares) > 0):
            raise ValueError("weights are shares of the budget: none below 0, not all 0")


def read_options(options: Mapping[str, object]) -> MiningOptions:
    """Options by name.

    Raises:
        InvalidConfig: an unknown name, or a value of another type or range.
    """
    return build(MiningOptions, options, subject="mining options")
