"""How far labels are from the truth: errors per thing, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.ids import FrameId
from ringroad.label.rows import Mark
from ringroad.label.things import paired_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelErrors:
    """Counts against the truth."""

    truths: int
    missed: int
    invented: int
    confused: int
    """Found where something is, under another category."""
    overlap: float
    """Sum of the likeness of found things to the truth."""
    found: int

    @property
    def per_thing(self) -> float:
        """Missed, invented and confused ones per thing there is."""
        return (self.missed + self.invented + self.confused) / max(1, self.truths)

    @property
    def mean_iou(self) -> float:
        """Likeness of what was found, on average."""
        return self.overlap / max(1, self.found)


def errors_against(
    truth: Mapping[FrameId, Sequence[Mark]],
    labels: Mapping[FrameId, Sequence[Mark]],
    *,
    min_iou: float = 0.5,
) -> LabelErrors:
    """Compare labels with the truth, frame by frame; a frame without labels is all missed."""
    truths = missed = invented = confused = found = 0
    overlap = 0.0
    for frame, there in truth.items():
        drawn = labels.get(frame, ())
        same = np.array(
            [[0.25 * (a.category == b.category) for b in drawn] for a in there]
        ).reshape(len(there), len(drawn))
        paired = paired_marks(there, drawn, min_iou=min_iou, bonus=same)
        truths += len(there)
        missed += len(there) - len(paired)
        invented += len(drawn) - len(paired)
        confused += sum(there[i].category != drawn[j].category for i, j, _ in paired)
        overlap += sum(likeness for _, _, likeness in paired)
        found += len(paired)
    return LabelErrors(
        truths=truths,
        missed=missed,
        invented=invented,
        confused=confused,
        overlap=overlap,
        found=found,
    )
