"""What labelling costs, in boxes and in seconds under a stated assumption."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa

from ringroad.domain.ids import FrameId
from ringroad.label.rows import EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """An assumption, not a measurement of ours.

    H. Su, J. Deng, L. Fei-Fei ("Crowdsourcing annotations for visual object detection", AAAI
    workshop 2012) report a median of 25.5 s to draw one ImageNet box; driving annotators draw
    many alike and are taken to be faster.
    """

    seconds_per_box: float = 10.0
    seconds_per_look: float = 5.0
    """To open a frame and search it, whatever it holds."""
    boxes_per_empty_frame: int = 1
    """Searching a frame that holds nothing counts as one box, so that no frame is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCost:
    """The cost of a batch of answers."""

    looks: int
    """Frames times annotators."""
    boxes: int
    """In the currency of budgets, see `cost_by_frame`."""
    seconds: float


def cost_by_frame(annotations: pa.Table, *, model: CostModel | None = None) -> dict[FrameId, int]:
    """Frame -> cost of one look in boxes, as mining budgets count it."""
    assumed = model or CostModel()
    boxes: Counter[FrameId] = Counter()
    for frame, category in zip(
        annotations["frame_id"].to_pylist(), annotations["category"].to_pylist(), strict=True
    ):
        boxes[frame] += category != EMPTY
    return {frame: count or assumed.boxes_per_empty_frame for frame, count in boxes.items()}


def label_cost(answers: pa.Table, *, model: CostModel | None = None) -> LabelCost:
    """Cost of answers by one or many annotators; each author's look at a frame is paid."""
    assumed = model or CostModel()
    boxes: Counter[tuple[str, str]] = Counter()
    for frame, author, category in zip(
        answers["frame_id"].to_pylist(),
        answers["author"].to_pylist(),
        answers["category"].to_pylist(),
        strict=True,
    ):
        boxes[frame, author] += category != EMPTY
    seconds = sum(
        assumed.seconds_per_look + assumed.seconds_per_box * drawn for drawn in boxes.values()
    )
    counted = sum(drawn or assumed.boxes_per_empty_frame for drawn in boxes.values())
    return LabelCost(looks=len(boxes), boxes=counted, seconds=float(seconds))
