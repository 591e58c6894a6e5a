"""Guidelines that are written over HTTP: told first what a change touches, then made.

The text is what the command line reads from files. A guideline is made where there is
none of that name, and changed where the version is named that was seen.
"""

from __future__ import annotations

from typing import Any

from fastapi import Response

from ringroad.domain.errors import AliasMoved, UnknownName
from ringroad.domain.taxonomy import Guideline
from ringroad.label.guidelines import guideline_in, version_of
from ringroad.pipelines.label.guidelines import (
    ChangePreview,
    guideline_named,
    guideline_names,
    preview_change,
    stored,
)
from ringroad.service.accepted import ACCEPTED, accepted
from ringroad.service.conditions import IfMatch, IfNoneMatch, absent_only, seen
from ringroad.service.door import Who, command, router_of, say_cli
from ringroad.service.problems import Declined
from ringroad.service.schemas.label_guidelines import (
    GuidelineGiven,
    GuidelinePreviewed,
    GuidelineWanted,
    check_name,
)
from ringroad.service.state import Here, Service

router = router_of("label")
FILE, TEXT = "guideline.toml", "guideline.md"
"""What the texts of a request are called at the command line."""


@router.post("/labelling/guidelines:preview")
def preview_guideline(here: Here, response: Response, body: GuidelineGiven) -> GuidelinePreviewed:
    """What a guideline would be, and what it would change. Nothing is written."""
    found = _read(body)
    preview = _preview(here, found, body)
    before = preview.before if preview else None
    cli = command(*_words(found, body, change=preview is not None, by=""))
    return GuidelinePreviewed(
        name=found.name,
        before=before,
        after=version_of(found),
        guideline=found,
        categories=preview.categories if preview else (),
        frames=len(preview.frames) if preview else 0,
        unrevised=preview.unrevised if preview else 0,
        datasets=preview.datasets if preview else (),
        open_tasks=preview.open_tasks if preview else 0,
        cli=say_cli(response, f"{cli} --dry-run" if preview else cli),
    )


@router.post("/labelling/guidelines", status_code=202, responses=ACCEPTED)
def create_guideline(
    here: Here,
    who: Who,
    response: Response,
    body: GuidelineGiven,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """Make a guideline, or the next version of one: its annotations get new revisions under it.

    `If-Match` names the version that was seen, as the ETag of the guideline does: where it is
    another by now, 412 and nothing is written. With `If-None-Match: *` it is made.
    """
    found = _read(body)
    known = guideline_names(here.workspace).get(f"guideline:{found.name}")
    version, expected = known.partition(":")[2] if known else None, seen(if_match)
    if version is not None and expected is None and not absent_only(if_none_match):
        raise Declined(
            "bad-request",
            "there is a guideline of that name, and nobody said which version was seen",
            subject=found.name,
            remedy="send the ETag of the guideline as If-Match",
        )
    if version != expected:
        raise AliasMoved(
            f"is at {version or 'no version'}, not {expected or 'new'}",
            subject=f"guideline:{found.name}",
            place=version or "",
            remedy="look at what it would change again: POST /labelling/guidelines:preview",
        )
    _preview(here, found, body)
    with here.writing() as workspace:
        kept = stored(workspace, found)
    wanted = GuidelineWanted(
        name=found.name, version=kept.digest, map=body.map, unnamed=body.unnamed, reason=body.reason
    )
    cli = command(*_words(found, body, change=version is not None, by=who.who))
    more = {"by": who.who, "expected": expected}
    return accepted(here, who, response, "change-guideline", wanted, cli=cli, more=more)


def _read(body: GuidelineGiven) -> Guideline:
    """Raises InvalidConfig, Declined."""
    found = guideline_in(body.toml, text=body.text, subject=FILE)
    check_name(found.name)
    return found


def _preview(here: Service, found: Guideline, body: GuidelineGiven) -> ChangePreview | None:
    """What becomes of the guideline of that name; None where there is none yet."""
    try:
        guideline_named(here.workspace, f"guideline:{found.name}")
    except UnknownName:
        if body.map:
            raise
        return None
    return preview_change(here.workspace, found.name, found, body.map, unnamed=body.unnamed)


def _words(found: Guideline, body: GuidelineGiven, *, change: bool, by: str) -> list[str]:
    """Of the command line, which reads the same texts from files."""
    verb = ["change", found.name] if change else ["create"]
    words = ["labels", "guideline", *verb, FILE]
    words += ["--text", TEXT] if body.text is not None else []
    if change:
        words += [word for old, new in body.map.items() for word in ("--map", f"{old}={new}")]
        words += ["--unnamed"] if body.unnamed else []
        words += ["--by", by] if by else []
    return [*words, *(("--reason", body.reason) if body.reason else ())]
