"""Opens labelling tasks: each frame is looked at by different annotators, blind to each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ringroad.domain.canonical import canonical_json
from ringroad.domain.errors import UsageError
from ringroad.domain.ids import ArtifactId, FrameId, digest_of
from ringroad.domain.task import OPEN, LabelTask


def open_tasks(
    selection: ArtifactId,
    frames: Sequence[FrameId],
    annotators: Sequence[str],
    *,
    looks: int = 2,
) -> tuple[LabelTask, ...]:
    """One task per frame and look, in the order of the frames.

    All groups of `looks` annotators take turns, so that the work is even and each meets each.
    A task names no other annotator and no other answer. Equal arguments give equal ids.

    Raises:
        UsageError: there are fewer different annotators than looks.
    """
    pool = sorted(set(annotators))
    if not 1 <= looks <= len(pool):
        raise UsageError(
            f"{looks} looks per frame by {len(pool)} annotators",
            subject=selection,
            remedy="name at least as many different annotators as looks",
        )
    groups = list(combinations(pool, looks))
    return tuple(
        LabelTask(
            id=task_id(selection, frame, annotator),
            selection=selection,
            frame=frame,
            annotator=annotator,
            state=OPEN,
        )
        for turn, frame in enumerate(frames)
        for annotator in groups[turn % len(groups)]
    )


def task_id(selection: ArtifactId, frame: FrameId, annotator: str) -> str:
    """The first 128 bits of a digest over what makes the task."""
    return digest_of(canonical_json([selection, frame, annotator]))[:32]
