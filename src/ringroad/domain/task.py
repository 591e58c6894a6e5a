"""A labelling task: one frame, to be marked by one annotator, blind to the others."""

from __future__ import annotations

from dataclasses import dataclass

from ringroad.domain.ids import ArtifactId, FrameId

OPEN = "open"
DONE = "done"
ADJUDICATED = "adjudicated"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTask:
    """One annotator's look at one frame."""

    id: str
    selection: ArtifactId
    frame: FrameId
    annotator: str
    state: str
    answer: ArtifactId | None = None
    """The annotations batch that holds the answer, once there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationHead:
    """The current annotations of one frame. Moved by compare-and-set on `revision`."""

    frame: FrameId
    batch: ArtifactId
    revision: int
