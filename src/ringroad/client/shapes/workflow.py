"""Shapes of workflow. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from ringroad.client.shapes.shared import Operation


class ExecutionItem(TypedDict):
    """One completed run of a step."""

    id: str
    step: str
    seed: int
    started_ns: int
    seconds: float
    host: str
    attempts: int
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


class ExecutionTold(TypedDict):
    """One execution with its key."""

    cli: str
    execution: ExecutionItem
    parameters: Mapping[str, Any]
    environment: Mapping[str, str]
    code: Mapping[str, str]


class LineageTold(TypedDict):
    """All that something was made from, or made into."""

    cli: str
    start: str
    direction: str
    artifacts: Sequence[Mapping[str, Any]]
    executions: Sequence[Mapping[str, Any]]
    edges: Sequence[Mapping[str, Any]]


class PageOfExecutionItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[ExecutionItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class PageOfOperation(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[Operation]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str
