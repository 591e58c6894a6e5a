"""Shapes of shared. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict


class AliasMove(TypedDict):
    """One entry in the history of a movable name such as `detector:champion`."""

    name: str
    artifact: str
    moved_ns: int
    reason: str


class FramePage(TypedDict):
    """Camera frames by channel and sequence, as ingest wrote them."""

    cli: str
    items: Sequence[Mapping[str, Any]]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class Kpi(TypedDict):
    """A metric over a slice, with the interval from resampling a declared unit."""

    metric: str
    category: str
    slice: str
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    units: int
    unit: str
    truths: int
    frames: int


class Measurement(TypedDict):
    """A figure beside an artifact, never part of its bytes: a latency, a cost, a size."""

    artifact: str
    name: str
    value: float
    unit: str
    detail: NotRequired[Mapping[str, Any]]


class Operation(TypedDict):
    """One piece of long work."""

    id: str
    kind: str
    body: Mapping[str, Any]
    who: str
    state: str
    created_ns: int
    started_ns: int | None
    ended_ns: int | None
    progress: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None


class OperationTold(TypedDict):
    """Long work."""

    cli: str
    operation: Operation
    events: str
