"""Judges of boxes for the ranking of label errors: each asked only about labels it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.label.errors import BLOCK, FOLDS, folds_of
from ringroad.label.evidence import Opinion
from ringroad.label.observed import Predicted
from ringroad.label.rows import Mark, boxes_of
from ringroad.train.box_judge import (
    BoxJudge,
    Examples,
    JudgeConfig,
    examples,
    fit_judge,
    judge_boxes,
    pooled,
)

PROPOSED = 30
"""Detections of a frame that are learned from, surest first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Features of one frame, and how its pixels lie on them.

    Attributes:
        cells: (rows, columns, channels).
        scale: cells per pixel across and down.
        shift: the cell that the frame's left top corner lies at.
    """

    cells: np.ndarray
    scale: tuple[float, float]
    shift: tuple[float, float] = (0.0, 0.0)

    def boxes(self, marks: np.ndarray) -> np.ndarray:
        """(n, 4) x, y, w, h in pixels -> in cells."""
        boxes = np.asarray(marks, np.float64).reshape(-1, 4)
        scaled = boxes * np.array([*self.scale, *self.scale])
        found: np.ndarray = scaled + np.array([*self.shift, 0.0, 0.0])
        return found


def judged(
    frames: Mapping[FrameId, Cells],
    marks: Mapping[FrameId, Sequence[Mark]],
    predictions: Mapping[FrameId, Sequence[Predicted]],
    *,
    categories: Sequence[str],
    seed: int,
    config: JudgeConfig | None = None,
) -> Opinion:
    """Judges fitted on all folds but one each; who is asked depends on the frame.

    Args:
        frames: features of every frame that has labels.
        marks: the labels.
        predictions: detections of any network; what of them was not drawn teaches nothing.
        categories: in the order of the answers.
        seed: of weights and draws.
        config: how they are fitted.

    Raises:
        InputError: there is but one block of frames.
    """
    how = config or JudgeConfig()
    folds = folds_of(sorted(marks))
    rng = np.random.Generator(np.random.PCG64(seed))
    every = np.concatenate([frames[frame].boxes(boxes_of(marks[frame])) for frame in folds])
    lessons: dict[int, list[Examples]] = {fold: [] for fold in range(FOLDS)}
    for frame, fold in folds.items():
        lessons[fold].append(
            _lesson(
                frames[frame], marks[frame], predictions.get(frame, ()), every, categories, how, rng
            )
        )
    judges: dict[int, BoxJudge] = {}
    for fold in sorted(set(folds.values())):
        others = [part for at, parts in lessons.items() if at != fold for part in parts]
        if not others:
            raise InputError(
                f"{len(folds)} frames lie too near to one another to judge some by the others",
                remedy=f"name more labels: other recordings, or more than {BLOCK} frames of one",
            )
        judges[fold] = fit_judge(others, len(categories), how, seed=seed + fold)

    def opinion(frame: FrameId, boxes: np.ndarray) -> np.ndarray:
        at = frames[frame]
        return judge_boxes(judges[folds[frame]], pooled(at.cells, at.boxes(boxes)))

    return opinion


def _lesson(
    frame: Cells,
    marks: Sequence[Mark],
    predicted: Sequence[Predicted],
    every: np.ndarray,
    categories: Sequence[str],
    how: JudgeConfig,
    rng: np.random.Generator,
) -> Examples:
    surest = sorted(predicted, key=lambda item: -item.score)[:PROPOSED]
    known = [mark for mark in marks if mark.category in categories]
    return examples(
        frame.cells,
        frame.boxes(boxes_of(known)),
        np.array([categories.index(mark.category) for mark in known], np.int64),
        frame.boxes(boxes_of([item.mark for item in surest])),
        every,
        categories=len(categories),
        config=how,
        rng=rng,
    )
