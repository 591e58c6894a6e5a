"""Shapes of workspace. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict


class About(TypedDict):
    """The server."""

    version: str
    workspace: str
    api: NotRequired[str]
    local: bool


class Funnel(TypedDict):
    """Raw, useful, labelled, used."""

    cli: str
    stages: Sequence[FunnelStage]
    missing: NotRequired[str]
    hidden: NotRequired[str]


class FunnelStage(TypedDict):
    """One stage: camera frames, and the bytes that they take in their recordings."""

    name: str
    frames: int
    size_bytes: int


class LoopTold(TypedDict):
    """The loop as it stands."""

    cli: str
    workspace: str
    stops: Sequence[Stop]
    next: Sequence[Mapping[str, str]]
    refused: int
    judged: bool
    hidden: NotRequired[str]


class Me(TypedDict):
    """Who asks, and what they may do."""

    who: str
    role: str
    scopes: Sequence[str]
    operations: Sequence[str]


class ProblemKind(TypedDict):
    """A code that problems may have."""

    code: str
    status: int
    title: str


class Status(TypedDict):
    """What a workspace holds."""

    cli: str
    workspace: str
    recordings: int
    refused: int
    artifacts: Mapping[str, int]
    aliases: Mapping[str, str]
    batches_not_indexed: Mapping[str, int]
    operations: Mapping[str, int]
    hidden: NotRequired[str]


class Stop(TypedDict):
    """A place of the loop: what is there, and what waits to go on from it."""

    name: str
    count: int
    unit: str
    waiting: int
    waits_for: str


class Storage(TypedDict):
    """Bytes of a workspace, by what they are."""

    cli: str
    kinds: Mapping[str, Mapping[str, int]]
    in_place_bytes: int
    free_bytes: int
    disk_bytes: int
    recorded_s: NotRequired[float]
    hidden: NotRequired[str]
