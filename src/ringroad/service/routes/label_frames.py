"""Annotations of a frame outside the queue: their history, and edits as new revisions."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Response

from ringroad.domain.errors import StaleRevision
from ringroad.domain.ids import FrameId
from ringroad.pipelines.label.guidelines import guideline_named
from ringroad.pipelines.label.records import guideline_of
from ringroad.pipelines.label.revisions import (
    revert,
    revision,
    revision_marks,
    revisions,
    unrevised_marks,
)
from ringroad.pipelines.label.tracks import edit_frames
from ringroad.pipelines.recordings.held_rows import recording_of
from ringroad.service.conditions import IfMatch, quoted, seen
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.problems import Declined
from ringroad.service.schemas.label_frames import (
    AnnotationsGiven,
    AnnotationsTold,
    Edited,
    GoBack,
    RevisionList,
    RevisionTold,
)
from ringroad.service.state import Here, Service

router = router_of("label")
Id = Annotated[str, Path(max_length=1000)]
MOST_DIGITS = 15


@router.get("/labelling/revisions/{id:path}")
def list_revisions(here: Here, response: Response, id: Id) -> RevisionList:
    """All that was ever said of a frame, oldest first. For reviewers: it names who drew."""
    frame = _frame(here, id)
    return RevisionList(
        frame=frame,
        revisions=revisions(here.workspace, frame),
        cli=say_cli(response, command("labels", "revisions", frame)),
    )


@router.post("/labelling/revisions/{id:path}")
def revert_annotations(
    here: Here, who: Who, response: Response, id: Id, body: GoBack, if_match: IfMatch = None
) -> RevisionTold:
    """Make earlier annotations of a frame count again, as a new revision."""
    frame = _frame(here, id)
    made = revert(
        here.workspace,
        frame,
        body.revision,
        by=who.who,
        reason=body.reason,
        expected=_expected(here, frame, if_match),
    )
    words = ("labels", "revert", frame, "--to", str(body.revision), "--by", who.who)
    return RevisionTold(revision=made, cli=say_cli(response, command(*words)))


@router.get("/labelling/annotations/{id:path}")
def show_annotations(
    here: Here,
    response: Response,
    id: Id,
    number: Annotated[
        int | None, Query(alias="revision", ge=1, le=2**53, description="The newest without.")
    ] = None,
) -> AnnotationsTold:
    """What a frame holds now, or held at a revision. The ETag is the newest revision, or 0."""
    frame = _frame(here, id)
    head = here.workspace.catalog.head(frame)
    known = number is not None or head is not None
    found = revision(here.workspace, frame, number) if known else None
    current = 0 if head is None else head.number
    response.headers["etag"] = quoted(str(current))
    response.headers["cache-control"] = "private, no-cache"
    marks = (
        revision_marks(here.workspace, frame, found.number)
        if found
        else unrevised_marks(here.workspace, [frame]).get(frame, [])
    )
    words = ("--show", str(found.number)) if found else ()
    return AnnotationsTold(
        frame=frame,
        picture=f"/api/v1/pictures/{quote(frame)}",
        current=current,
        revision=found,
        guideline=guideline_of(here.workspace, found.guideline) if found else None,
        marks=marks,
        cli=say_cli(response, command("labels", "revisions", frame, *words)),
    )


@router.post("/labelling/annotations/{id:path}")
def edit_annotations(
    here: Here,
    who: Who,
    response: Response,
    id: Id,
    body: AnnotationsGiven,
    if_match: IfMatch = None,
) -> Edited:
    """Write the next revision of a frame; of changed tracks what lies between key frames too.

    `If-Match` names the revision that was edited, `"0"` where there was none: where somebody was
    first, 412 says who and nothing is written.
    """
    frame = _frame(here, id)
    version = guideline_named(here.workspace, body.guideline)[1].digest if body.guideline else ""
    done = edit_frames(
        here.workspace,
        {frame: [mark.mark() for mark in body.marks]},
        expected={frame: _expected(here, frame, if_match)},
        author=who.who,
        guideline=version,
        reason=body.reason,
    )
    return Edited(
        revisions={str(at): number for at, number in done.numbers.items()},
        batch=done.batch.id,
        cli=say_cli(response, command("labels", "revisions", frame)),
    )


def _frame(here: Service, id: str) -> FrameId:
    """A frame of a recording that there is. Raises UnknownName."""
    recording_of(here.workspace, id)
    return FrameId(id)


def _expected(here: Service, frame: FrameId, if_match: str | None) -> int:
    """The revision that was seen. Raises Declined, StaleRevision."""
    given = seen(if_match)
    if given is None or not given.isdecimal() or len(given) > MOST_DIGITS:
        raise Declined(
            "bad-request",
            "nobody said which revision was edited",
            subject=frame,
            remedy="send the ETag of its annotations as If-Match",
        )
    head = here.workspace.catalog.head(frame)
    now = 0 if head is None else head.number
    if int(given) != now:
        by = f" by {head.author or 'somebody'}" if head else ""
        raise StaleRevision(
            f"its annotations are at revision {now}{by}, not {given}",
            subject=frame,
            place=f"revision {now}",
            remedy="look at them, and edit what is there now",
        )
    return now
