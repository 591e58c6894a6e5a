"""Labelling tasks and annotation heads in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from ringroad.backends.catalog_base import SqlRoom
from ringroad.backends.catalog_schema import ANNOTATION_HEAD, LABEL_TASK
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.task import AnnotationHead, LabelTask

FRAMES_PER_QUERY = 500


class TaskRows(SqlRoom):
    """`protocols.catalog.Tasks` over SQL."""

    def tasks(self, *, selection: ArtifactId | None = None, state: str = "") -> Sequence[LabelTask]:
        """Tasks by id."""
        statement = select(LABEL_TASK).order_by(LABEL_TASK.c.id)
        if selection is not None:
            statement = statement.where(LABEL_TASK.c.selection == selection)
        if state:
            statement = statement.where(LABEL_TASK.c.state == state)
        with self.reading() as db:
            rows = db.execute(statement).all()
        return [LabelTask(**row._asdict()) for row in rows]

    def head(self, frame: FrameId) -> AnnotationHead | None:
        """The current annotations of a frame, or None where it has none."""
        return self.heads([frame]).get(frame)

    def heads(self, frames: Iterable[FrameId]) -> Mapping[FrameId, AnnotationHead]:
        """The heads of many frames; frames without one are left out."""
        wanted = list(frames)
        found: dict[FrameId, AnnotationHead] = {}
        with self.reading() as db:
            for start in range(0, len(wanted), FRAMES_PER_QUERY):
                some = wanted[start : start + FRAMES_PER_QUERY]
                rows = db.execute(select(ANNOTATION_HEAD).where(ANNOTATION_HEAD.c.frame.in_(some)))
                found |= {row.frame: AnnotationHead(**row._asdict()) for row in rows}
        return found
