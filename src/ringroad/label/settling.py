"""How several answers to one frame become one: what an order names in `plugins.CONSENSUS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from ringroad.label.consensus import ConsensusRules, reach_consensus


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settled:
    """One answer, and how much was disputed on the way.

    Attributes:
        annotations: rows of `schemas.ANNOTATIONS` of one frame, author and source `consensus`.
        disagreements: things that annotators did not see alike.
    """

    annotations: pa.Table
    disagreements: int


class Settling(Protocol):
    """Made from the options of an order: `plugins.CONSENSUS.load(name)(**options)`."""

    def __call__(self, answers: Sequence[pa.Table]) -> Settled:
        """One answer out of two or more to one frame, in the order of their looks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """`consensus.reach_consensus` frame by frame."""

    min_iou: float = 0.5
    keep_side_px: float = 24.0
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError as `ConsensusRules`."""
        self._rules()

    def __call__(self, answers: Sequence[pa.Table]) -> Settled:
        """One answer by majority, the middle of what a majority drew."""
        agreed = reach_consensus(answers, rules=self._rules())
        return Settled(annotations=agreed.annotations, disagreements=len(agreed.disagreements))

    def _rules(self) -> ConsensusRules:
        return ConsensusRules(
            min_iou=self.min_iou, keep_side_px=self.keep_side_px, weights=self.weights
        )
