"""`If-Match` and `If-None-Match` of writes: what the caller believes to be there."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from ringroad.service.problems import Declined

IfMatch = Annotated[
    str | None,
    Header(max_length=500, description="ETag of what the caller saw; 412 where it has moved on."),
]
IfNoneMatch = Annotated[
    str | None, Header(max_length=500, description="`*`: only where there is none yet.")
]


def seen(if_match: str | None) -> str | None:
    """The one id that `If-Match` names; None where it is left out. Raises Declined."""
    if if_match is None:
        return None
    bare = if_match.strip().removeprefix("W/")
    if len(bare) > 2 and bare[0] == bare[-1] == '"' and "," not in bare:
        return bare[1:-1]
    raise Declined(
        "bad-request",
        "If-Match names one ETag, in quotes",
        subject=if_match[:100],
        remedy='send the ETag that came with it, such as "dataset:1f0c..."',
    )


def absent_only(if_none_match: str | None) -> bool:
    """Whether something is to be made only where there is none. Raises Declined."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    raise Declined(
        "bad-request", "If-None-Match of a write is *", subject=if_none_match[:100],
        remedy="send `If-None-Match: *` to create, `If-Match` to change",
    )  # fmt: skip


def quoted(id: str) -> str:
    """An id as an ETag."""
    return f'"{id}"'
