"""Pages of lists for routes: what is asked, and the fields that every page has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from ringroad.service.pages import MOST, USUAL, Page, Pinned
from ringroad.service.state import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which page."""

    limit: int
    cursor: str
    offset: int | None


def asked(
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many items.")] = USUAL,
    cursor: Annotated[
        str, Query(max_length=500, description="Of a page before; empty for the list as of now.")
    ] = "",
    offset: Annotated[
        int | None, Query(ge=0, le=2**53, description="A place of the list, to jump to.")
    ] = None,
) -> Asked:
    """The parameters of every list."""
    return Asked(limit=limit, cursor=cursor, offset=offset)


Paging = Annotated[Asked, Depends(asked)]


def page(
    service: Service, bound: Mapping[str, Any], asked: Asked, make: Callable[[], Pinned]
) -> Page:
    """One page of a list."""
    return service.lists.page(
        bound, make, limit=asked.limit, cursor=asked.cursor, offset=asked.offset
    )


def fields(page: Page) -> dict[str, Any]:
    """What every page tells beside its items."""
    return {
        "items": page.items,
        "count": page.count,
        "offset": page.offset,
        "version": page.version,
        "next": page.next,
        "cursor": page.cursor,
    }
