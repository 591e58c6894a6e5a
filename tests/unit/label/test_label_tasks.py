"""Tasks: two different annotators per frame, evenly, with ids that repeat."""

from __future__ import annotations

from collections import Counter

import pytest

from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.label.tasks import open_tasks

SELECTION = ArtifactId("selection:0")
FRAMES = [FrameId(f"v/r/front/{i:06d}") for i in range(12)]


def test_two_different_annotators_per_frame_share_the_work() -> None:
    tasks = open_tasks(SELECTION, FRAMES, ["cyd", "ann", "ben", "ann"])
    assert [task.frame for task in tasks] == [frame for frame in FRAMES for _ in range(2)]
    pairs = [(tasks[i].annotator, tasks[i + 1].annotator) for i in range(0, len(tasks), 2)]
    assert all(first != second for first, second in pairs)
    assert set(Counter(pairs).values()) == {4}
    assert set(Counter(task.annotator for task in tasks).values()) == {8}
    assert all(task.state == "open" and task.answer is None for task in tasks)


def test_ids_repeat_and_differ() -> None:
    tasks = open_tasks(SELECTION, FRAMES, ["ann", "ben"])
    assert tasks == open_tasks(SELECTION, FRAMES, ["ben", "ann"])
    assert len({task.id for task in tasks}) == len(tasks)
    other = open_tasks(ArtifactId("selection:1"), FRAMES, ["ann", "ben"])
    assert {task.id for task in tasks}.isdisjoint(task.id for task in other)


def test_one_annotator_cannot_be_blind_to_themselves() -> None:
    with pytest.raises(UsageError, match="as looks"):
        open_tasks(SELECTION, FRAMES, ["ann", "ann"])
