"""Cuts rankings to a label budget, so that arms of a comparison cost the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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


def rank_to_budget(
    rank: Callable[[int], Sequence[FrameId]],
    cost_of: Mapping[FrameId, int],
    *,
    budget_boxes: int,
    price: float,
    most: int,
) -> tuple[FrameId, ...]:
    """Let a strategy rank as many frames as a budget buys, and take those that it pays for.

    How many frames a ranking names decides what it holds: blends spread over a multiple of it. So
    the number is foreseen from the price of a frame, and where that falls short, the pool is
    ranked again for more, by what the frames taken have cost.

    Args:
        rank: at most so many frames, the most wanted first; equal numbers give equal rankings.
        cost_of: boxes of each frame.
        budget_boxes: what may be spent.
        price: boxes that a frame is expected to cost, such as the mean so far.
        most: frames in the pool.
    """
    count = min(most, max(1, math.ceil(budget_boxes / max(price, 1.0))))
    while True:
        ranking = rank(count)
        taken = take_until(ranking, cost_of, budget_boxes)
        if len(taken) < len(ranking) or len(ranking) < count or count >= most:
            return taken
        spent = sum(_cost(frame, cost_of) for frame in taken)
        if spent >= budget_boxes:
            return taken
        more = math.ceil((budget_boxes - spent) * len(taken) / spent)
        count = min(most, max(count + more, math.ceil(1.1 * count)))


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
