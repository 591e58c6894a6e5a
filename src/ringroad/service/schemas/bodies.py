"""What bodies are made of: what comes in, what goes out, pages, problems.

Nouns of `domain` stand in them as they are; pydantic models are in this folder alone. Integers
ending in `_ns` are 64 bits wide: JavaScript reads absolute times to within 256 ns. H3 cells are
text, because there every bit counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Long = Annotated[str, Field(max_length=10_000)]
Count = Annotated[int, Field(ge=0)]
Hidden = Annotated[
    str, Field(description="`blind` where a part is kept from who draws; empty where all is told.")
]


class Given(BaseModel):
    """A body that comes in: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(frozen=True)
    cli: str = Field(description="The command line for the same, or the nearest that there is.")


class PageOf(Told, Generic[T]):
    """Some items of a list that was pinned when its first page was asked for."""

    items: Sequence[T]
    count: Count = Field(description="Items in the whole list.")
    offset: Count = Field(description="Place of the first item in it.")
    version: str = Field(description="Equal for equal lists.")
    next: str | None = Field(description="Cursor of the next page; null at the end.")
    cursor: str = Field(description="Cursor of this page; with `offset`, any other place.")


class ProblemPlace(BaseModel):
    """A part of the request that breaks a rule."""

    place: str
    what: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable, see /api/v1/problems.")
    detail: str
    subject: str = ""
    place: str = ""
    hint: str = Field("", description="What to do.")
    instance: str = ""
    request_id: str
    errors: Sequence[ProblemPlace] = ()


class ProblemKind(BaseModel):
    """A code that problems may have."""

    code: str
    status: int
    title: str
