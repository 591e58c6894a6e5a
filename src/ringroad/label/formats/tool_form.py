"""How a labelling tool's API tells tasks: made of annotations, and read back in a format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringroad.label.formats.format import Format
from ringroad.label.formats.losses import LossCount
from ringroad.label.formats.outgoing.outgoing import Outgoing, Part
from ringroad.plugins import TOOL_FORMS

Choices = Mapping[str, Mapping[str, Sequence[str]]]
"""Category -> attribute -> the values it may have; none where it takes any text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a task is made with, besides its annotations.

    Attributes:
        choices: what a guideline lets people say of each category.
        pictures: stands before a picture's name so that the tool finds it.
        losses: counts what a task could not hold, beyond what the format says.
    """

    choices: Choices = field(default_factory=dict)
    pictures: str = ""
    losses: LossCount = field(default_factory=LossCount)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolForm:
    """One tool's way of telling.

    Attributes:
        format: what its tasks hold, and how answers are read.
        interface: of a project that shows all that an export holds.
        tasks: of some pictures, their annotations as pre-labels.
        answer: a task as the format reads it; None where nobody has answered yet.
        uploads: pictures are sent along; elsewhere tasks name where they lie.
        waits_for: when an answer counts, for people who wonder where theirs is.
    """

    format: Format
    interface: Callable[[Outgoing, Sending], Any]
    tasks: Callable[[Part, Sending], Iterable[dict[str, Any]]]
    answer: Callable[[dict[str, Any]], dict[str, Any] | None]
    uploads: bool
    waits_for: str


def tool_form(name: str) -> ToolForm:
    """A form by the name of its tool. Raises UnknownName, which lists the known ones."""
    found: ToolForm = TOOL_FORMS.load(name)
    return found
