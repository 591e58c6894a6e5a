"""Annotations of frames as revisions: read at any time, written next to one another, reverted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ringroad.domain.annotation import HUMAN
from ringroad.domain.artifact import Artifact
from ringroad.domain.errors import StaleRevision, UnknownName, UsageError
from ringroad.domain.ids import FrameId
from ringroad.domain.revision import Revision
from ringroad.label.answers import checked_rows, marks_of
from ringroad.label.rows import Mark, marks_by_frame
from ringroad.media.annotation_rows import joined
from ringroad.pipelines.label.records import (
    ANNOTATIONS,
    batch_frame_rows,
    by_hand,
    guideline_artifact,
    guideline_of,
    stored_rows,
)
from ringroad.pipelines.label.sizes import frame_size
from ringroad.pipelines.workspace import Workspace

STEP, REVERT = "edit_labels", "revert_labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """New revisions of frames, which are in one batch."""

    batch: Artifact
    numbers: Mapping[FrameId, int]


def revisions(workspace: Workspace, frame: FrameId) -> Sequence[Revision]:
    """The history of a frame's annotations, oldest first; empty where it has none."""
    return workspace.catalog.revisions(frame)


def revision(workspace: Workspace, frame: FrameId, number: int | None = None) -> Revision:
    """One revision, or the current one. Raises UnknownName."""
    known = workspace.catalog.revisions(frame)
    found = [item for item in known if number in (None, item.number)]
    if not found:
        told = f"it has 1 to {known[-1].number}" if known else "nobody annotated it yet"
        raise UnknownName(
            "has no such revision" if known else "has no annotations", subject=frame, remedy=told
        )
    return found[-1]


def revision_rows(workspace: Workspace, frame: FrameId, number: int | None = None) -> pa.Table:
    """Annotations of a frame at one revision, or now. Raises UnknownName."""
    found = revision(workspace, frame, number)
    return batch_frame_rows(workspace, found.batch, frame)


def revision_marks(workspace: Workspace, frame: FrameId, number: int | None = None) -> list[Mark]:
    """The same as marks, with their ids."""
    return marks_of(revision_rows(workspace, frame, number), frame)


def unrevised_marks(workspace: Workspace, frames: Sequence[FrameId]) -> dict[FrameId, list[Mark]]:
    """What frames without any revision hold: annotations of a loop, or of a whole import.

    Whoever edits such a frame begins with these: its first revision is all that it holds then.
    """
    if not frames or ANNOTATIONS not in workspace.catalog.batch_tables():
        return {}
    quoted = ", ".join("'" + frame.replace("'", "''") + "'" for frame in frames)
    rows = workspace.rows(ANNOTATIONS, where=f"frame_id IN ({quoted})")
    return marks_by_frame(rows, with_ids=True)


def edit(
    workspace: Workspace,
    marks: Mapping[FrameId, Sequence[Mark]],
    *,
    expected: Mapping[FrameId, int],
    author: str,
    source: str = HUMAN,
    guideline: str = "",
    reason: str = "",
) -> Edited:
    """Write the next revision of frames, all in one transaction, or none.

    Args:
        workspace: where.
        marks: frame -> all that it holds from now on.
        expected: frame -> the revision that was edited; 0 where it had none.
        author: who drew it.
        source: one of `domain.annotation.SOURCES`.
        guideline: version that it was drawn under; what it does not know is refused.
        reason: why.

    Raises:
        StaleRevision: the annotations of a frame moved; says who won, and when.
        InvalidAnnotations: something the guideline does not know.
        UsageError: a frame without its expected revision, or no frame.
    """
    if not marks or set(marks) - set(expected):
        missing = min(set(marks) - set(expected), default="no frame")
        raise UsageError("nobody said which revision was edited", subject=missing)
    known = guideline_of(workspace, guideline)
    tables = [
        checked_rows(
            frame,
            marks[frame],
            author=author,
            source=source,
            guideline=known,
            version=guideline,
            size=frame_size(workspace, frame),
        )
        for frame in sorted(marks)
    ]
    batch = stored_rows(workspace, joined(tables))
    numbers = {frame: expected[frame] + 1 for frame in sorted(marks)}
    now_ns = workspace.clock.now_ns()
    execution = by_hand(
        STEP,
        inputs={"guideline": guideline_artifact(guideline)} if guideline else {},
        outputs={"annotations": batch},
        parameters={"by": author, "numbers": numbers, "reason": reason},
        now_ns=now_ns,
    )
    made = [
        Revision(
            frame=frame,
            number=number,
            batch=batch.id,
            author=author,
            source=source,
            guideline=guideline,
            reason=reason,
            made_ns=now_ns,
        )
        for frame, number in numbers.items()
    ]
    workspace.catalog.commit(execution, [batch], made, batches={batch.id: ANNOTATIONS})
    return Edited(batch=batch, numbers=numbers)


def revert(
    workspace: Workspace,
    frame: FrameId,
    number: int,
    *,
    by: str,
    reason: str = "",
    expected: int | None = None,
) -> Revision:
    """Make earlier annotations current again, as a new revision.

    Args:
        workspace: where.
        frame: whose annotations.
        number: the revision to go back to.
        by: who wants it.
        reason: why.
        expected: the current revision; whatever it is without.

    Raises:
        UnknownName: there is no such revision.
        StaleRevision: the current revision is another.
    """
    old, now = revision(workspace, frame, number), revision(workspace, frame)
    if expected is not None and now.number != expected:
        raise StaleRevision(
            f"its annotations are at revision {now.number} ({now.author or 'somebody'}), "
            f"not {expected}",
            subject=frame,
            place=f"revision {now.number}",
            remedy="look at them first",
        )
    now_ns = workspace.clock.now_ns()
    back = Revision(
        frame=frame,
        number=now.number + 1,
        batch=old.batch,
        author=by,
        source=old.source,
        guideline=old.guideline,
        reason=reason or f"back to revision {number}",
        made_ns=now_ns,
    )
    workspace.catalog.change_labels([back], now_ns=now_ns)
    return back
