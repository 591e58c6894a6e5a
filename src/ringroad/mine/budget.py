"""Cuts rankings to a label budget, so that arms of a comparison cost the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What one strategy sends to the annotators."""

    name: str
    frames: tuple[FrameId, ...]
    boxes: int
    """What they cost."""


def take_until(
    ranking: Sequence[FrameId], cost_of: Mapping[FrameId, int], budget_boxes: int
) -> tuple[FrameId, ...]:
    """The head of a ranking that fits into a budget.

    It stops at the first frame that no longer fits: skipping on to cheaper frames would favour
    empty streets. So an arm falls short of the budget by less than one frame's cost.

    Raises:
        InputError: a frame has no cost.
    """
    taken: list[FrameId] = []
    spent = 0
    for frame in ranking:
        spent += _cost(frame, cost_of)
        if spent > budget_boxes:
            break
        taken.append(frame)
    return tuple(taken)


def equal_cost(
    rankings: Mapping[str, Sequence[FrameId]],
    cost_of: Mapping[FrameId, int],
    *,
    budget_boxes: int | None = None,
) -> tuple[Arm, ...]:
    """Cut each arm's ranking to one budget; without one, to what the cheapest arm costs whole."""
    if budget_boxes is None:
        totals = [sum(_cost(f, cost_of) for f in ranking) for ranking in rankings.values()]
        budget_boxes = min(totals, default=0)
    arms = []
    for name, ranking in rankings.items():
        frames = take_until(ranking, cost_of, budget_boxes)
        spent = sum(_cost(frame, cost_of) for frame in frames)
        arms.append(Arm(name=name, frames=frames, boxes=spent))
    return tuple(arms)


def _cost(frame: FrameId, cost_of: Mapping[FrameId, int]) -> int:
    try:
        return cost_of[frame]
    except KeyError as error:
        raise InputError(
            "the label cost of this frame is not known",
            subject=frame,
            remedy="give a cost for each ranked frame",
        ) from error
