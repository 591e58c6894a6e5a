"""Bodies about annotations of frames: revisions, edits, tracks over neighbouring frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from ringroad.domain.revision import Revision
from ringroad.domain.taxonomy import Guideline
from ringroad.label.rows import Mark
from ringroad.pipelines.label.stretch import StretchFrame
from ringroad.service.schemas.bodies import Count, Given, Name, Told
from ringroad.service.schemas.labelling import MarkGiven

Frame = Annotated[str, Field(min_length=1, max_length=1000)]
Number = Annotated[int, Field(ge=0, le=2**53)]
Reason = Annotated[str, Field(max_length=1000)]
MOST_FRAMES = 1000


class RevisionList(Told):
    """All that was ever said of a frame, oldest first."""

    frame: str
    revisions: Sequence[Revision]


class AnnotationsTold(Told):
    """Annotations of a frame at one revision. Its ETag is what `If-Match` of an edit takes."""

    frame: str
    picture: str
    current: Count = Field(description="The newest revision; 0 where there is none.")
    revision: Revision | None
    guideline: Guideline | None
    marks: Sequence[Mark]


class AnnotationsGiven(Given):
    """All that a frame holds from now on."""

    marks: Annotated[tuple[MarkGiven, ...], Field(max_length=10_000)]
    guideline: Annotated[str, Field(max_length=200)] = ""
    reason: Reason = ""


class Edited(Told):
    """New revisions of frames."""

    revisions: Mapping[str, int]
    batch: str


class GoBack(Given):
    """The revision that shall count again."""

    revision: Annotated[int, Field(ge=1, le=2**53)]
    reason: Reason = ""


class RevisionTold(Told):
    """One revision."""

    revision: Revision


class StretchTold(Told):
    """Neighbouring frames of one camera with what they hold now."""

    recording: str
    channel: str
    frames: Sequence[StretchFrame]


class TrackKeys(Given):
    """A track on some frames of one camera, in order of time, and its key frames."""

    track: Name
    frames: Annotated[tuple[Frame, ...], Field(min_length=1, max_length=MOST_FRAMES)]
    keys: Annotated[dict[Frame, MarkGiven], Field(max_length=MOST_FRAMES)]


class TrackFilled(BaseModel):
    """Key frames, and what lies between them; frames on which the thing is outside are left out."""

    marks: Mapping[str, Mark]


class TrackGiven(Given):
    """Key frames to add, to change, or with null to take away; others stay."""

    track: Name
    frames: Annotated[tuple[Frame, ...], Field(min_length=1, max_length=MOST_FRAMES)]
    keys: Annotated[dict[Frame, MarkGiven | None], Field(min_length=1, max_length=MOST_FRAMES)]
    expected: Annotated[dict[Frame, Number], Field(max_length=MOST_FRAMES)] = Field(
        default_factory=dict
    )
    """Frame -> the revision that was seen; 412 where one has moved on."""
    guideline: Annotated[str, Field(max_length=200)] = ""
    reason: Reason = ""
