"""Shapes of deploy. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from ringroad.client.shapes.shared import AliasMove


class AliasItem(TypedDict):
    """A movable name."""

    name: str
    artifact: str


class AliasTold(TypedDict):
    """A movable name and where it has been."""

    cli: str
    name: str
    artifact: str
    history: Sequence[AliasMove]


class DecidePromotion(TypedDict):
    """Agree or not."""

    agree: bool


class MoveAlias(TypedDict):
    """Where a name is to point; `If-Match` says where it is believed to point."""

    artifact: str
    reason: NotRequired[str]


class PageOfAliasItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[AliasItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfPromotion(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[Promotion]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class Promotion(TypedDict):
    """A model version that somebody wants to be champion."""

    id: str
    name: str
    artifact: str
    expected: str | None
    reason: str
    proposed_by: str
    proposed_ns: int
    state: str
    decided_by: str | None
    decided_ns: int | None


class ProposePromotion(TypedDict):
    """Propose where a champion's name is to point."""

    name: str
    artifact: str
    reason: str
