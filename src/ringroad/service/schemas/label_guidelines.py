"""Bodies about guidelines that are written over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from ringroad.domain.taxonomy import Guideline
from ringroad.pipelines.label.guidelines import CategoryTouched
from ringroad.service.problems import Declined
from ringroad.service.schemas.bodies import Count, Given, Name, Told

LONGEST_NAME = 200
Text = Annotated[str, Field(max_length=200_000)]
Words = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=1000)]


class GuidelineGiven(Given):
    """A guideline as the command line reads it from files."""

    toml: Annotated[str, Field(min_length=1, max_length=200_000)] = Field(
        description="As docs/labels.md has it: `name`, `categories`, `min_side_px`, maybe `text`."
    )
    text: Text | None = Field(
        None, description="Markdown that says how to draw; that of the TOML without."
    )
    map: Annotated[dict[Name, Words], Field(max_length=1000)] = Field(
        default_factory=dict,
        description="Old category -> new one, or nothing for what is drawn no more.",
    )
    unnamed: bool = Field(False, description="Annotations that name no guideline change as well.")
    reason: Reason = ""


class GuidelineWanted(Given):
    """A guideline that was stored and is to count under its name."""

    name: str
    version: str
    map: dict[str, str]
    unnamed: bool
    reason: str


class GuidelinePreviewed(Told):
    """What a guideline would be, and what it would change. Nothing of it has happened."""

    name: str
    before: str | None = Field(description="Version now; null where there is none of that name.")
    after: str = Field(description="Its version then; as before where nothing changes.")
    guideline: Guideline
    categories: Sequence[CategoryTouched] = Field(description="Those that get another name, or go.")
    frames: Count = Field(description="That get a new revision.")
    unrevised: Count = Field(description="Frames with such annotations that are left alone.")
    datasets: Sequence[str] = Field(description="Versions that stay as they are.")
    open_tasks: Count = Field(description="That go on under the version before.")


def check_name(name: str) -> None:
    """A name is short, of one line and printable. Raises Declined."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise Declined(
            "invalid-request",
            "is no name of a guideline",
            subject=name[:LONGEST_NAME],
            place="toml: name",
            remedy=f"one line of at most {LONGEST_NAME} characters, without spaces around it",
        )
