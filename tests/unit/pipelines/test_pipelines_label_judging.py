"""Judges for the ranking of errors: none is asked about labels that it saw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ringroad.domain.errors import InputError
from ringroad.domain.ids import FrameId
from ringroad.label.errors import Labelled, folds_of, rank_errors
from ringroad.label.rows import Mark
from ringroad.pipelines.label.judging import Cells, with_judges
from ringroad.train.box_judge import JudgeConfig

CATEGORIES = ("car", "pedestrian")
SIZE = (240, 160)
SCALE = (1 / 8, 1 / 8)
QUICK = JudgeConfig(hidden=48, narrow=24, epochs=12, batch=64)


def drive(frames: int, *, seed: int = 0) -> tuple[dict[FrameId, Cells], dict[FrameId, list[Mark]]]:
    """Frames whose features show what is there, and labels that say it; no detector helps."""
    rng = np.random.default_rng(seed)
    shown, marks = {}, {}
    for number in range(frames):
        frame = FrameId(f"v/d/camera/{number:06d}")
        cells = rng.normal(0, 0.1, (20, 30, 6))
        marks[frame] = []
        for slot in range(3):
            x, y = 10 * slot + int(rng.integers(0, 3)), int(rng.integers(0, 12))
            w, h = rng.integers(4, 8, 2).tolist()
            kind = int(rng.integers(2))
            cells[y : y + h, x : x + w, kind] += 1.0
            marks[frame].append(Mark(category=CATEGORIES[kind], x=8.0 * x, y=8.0 * y, w=8.0 * w,
                                     h=8.0 * h, id=f"{number}-{slot}"))  # fmt: skip
        shown[frame] = Cells(cells=cells, scale=SCALE)
    return shown, marks


def labelled(marks: dict[FrameId, list[Mark]]) -> Labelled:
    return Labelled(
        marks=marks, predictions={}, sizes=dict.fromkeys(marks, SIZE), categories=CATEGORIES
    )


def test_wrong_labels_come_first_without_any_detector() -> None:
    shown, marks = drive(120)
    rng = np.random.default_rng(1)
    wrong = set()
    for at in rng.permutation(120)[:18].tolist():
        here = marks[FrameId(f"v/d/camera/{at:06d}")]
        mark = here[0]
        if at % 2:
            here[0] = replace(mark, category=CATEGORIES[mark.category == "car"])
        else:
            here[0] = replace(mark, x=mark.x + 0.5 * mark.w)
        wrong.add(mark.id)
    ranked = rank_errors(with_judges(shown, labelled(marks), seed=0, config=QUICK), seed=0)
    first = {item.where.id for item in ranked[: 2 * len(wrong)]}
    assert len(first & wrong) >= 15  # of 18
    alone = rank_errors(labelled(marks), seed=0)
    assert len({item.where.id for item in alone[: 2 * len(wrong)]} & wrong) < 10


def test_a_judge_never_saw_the_labels_that_it_is_asked_about() -> None:
    shown, marks = drive(60)
    folds = folds_of(sorted(marks))
    mine = [frame for frame, fold in folds.items() if fold == 0]
    other = {f: [] if f in mine else list(some) for f, some in marks.items()}
    boxes = np.array([[80.0, 40, 40, 40]])
    says = []
    for some in (marks, other):
        opinion = with_judges(shown, labelled(some), seed=0, config=QUICK).opinion
        assert opinion is not None
        says.append({frame: opinion(frame, boxes) for frame in folds})
    # Draws differ with the number of boxes, so that folds are compared by what they were taught.
    elsewhere = next(frame for frame in folds if frame not in mine)
    gone = np.abs(says[0][elsewhere] - says[1][elsewhere]).max()
    assert gone > 1e-3  # what others learned from fold 0 is another thing now
    assert says[0][mine[0]].shape == (1, len(CATEGORIES) + 6)


def test_frames_of_one_block_judge_nobody() -> None:
    shown, marks = drive(15)
    with pytest.raises(InputError, match="too near"):
        with_judges(shown, labelled(marks), seed=0, config=QUICK)
    with pytest.raises(InputError, match="no picture"):
        with_judges({}, labelled(marks), seed=0, config=QUICK)
