"""Shapes of label_given. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict


class AnnotationsGiven(TypedDict):
    """All that a frame holds from now on."""

    marks: Sequence[MarkGiven]
    guideline: NotRequired[str]
    reason: NotRequired[str]


class Beat(TypedDict):
    """A sign of life."""

    token: int


class Because(TypedDict):
    """Why."""

    reason: str


class GoBack(TypedDict):
    """The revision that shall count again."""

    revision: int
    reason: NotRequired[str]


class GuidelineGiven(TypedDict):
    """A guideline as the command line reads it from files."""

    toml: str
    text: NotRequired[str | None]
    map: NotRequired[Mapping[str, Any]]
    unnamed: NotRequired[bool]
    reason: NotRequired[str]


class Lots(TypedDict):
    """Frames that are accepted together, and how they are inspected."""

    size: int
    aql: NotRequired[float]
    ltpd: NotRequired[float]


class MarkGiven(TypedDict):
    """A `Mark` as it comes in."""

    category: str
    x: float
    y: float
    w: float
    h: float
    light_state: NotRequired[str]
    shape: NotRequired[
        Literal["box", "rotated-box", "polygon", "polyline", "point", "mask", "cuboid"]
    ]
    points: NotRequired[Sequence[float]]
    parts: NotRequired[Sequence[int]]
    mask: NotRequired[str]
    space: NotRequired[str]
    attributes: NotRequired[Mapping[str, Any]]
    track: NotRequired[str]
    key: NotRequired[bool]
    guideline: NotRequired[str]
    id: NotRequired[str]


class OrderAsked(TypedDict):
    """The same, to be told what it costs."""

    name: str
    selection: str
    guideline: NotRequired[str]
    looks: NotRequired[str]
    looks_options: NotRequired[Mapping[str, Any]]
    consensus: NotRequired[str]
    model: NotRequired[str]
    min_score: NotRequired[float]
    prelabels: NotRequired[str]
    priority: NotRequired[str]
    lots: NotRequired[Lots | None]
    review_share: NotRequired[float]
    honeypot_share: NotRequired[float]
    annotators: NotRequired[Sequence[str]]
    reviewers: NotRequired[Sequence[str]]
    in_turns: NotRequired[bool]
    seed: NotRequired[int]
    reason: NotRequired[str]
    per_hour: NotRequired[float | None]


class OrderGiven(TypedDict):
    """What is to be labelled, by names."""

    name: str
    selection: str
    guideline: NotRequired[str]
    looks: NotRequired[str]
    looks_options: NotRequired[Mapping[str, Any]]
    consensus: NotRequired[str]
    model: NotRequired[str]
    min_score: NotRequired[float]
    prelabels: NotRequired[str]
    priority: NotRequired[str]
    lots: NotRequired[Lots | None]
    review_share: NotRequired[float]
    honeypot_share: NotRequired[float]
    annotators: NotRequired[Sequence[str]]
    reviewers: NotRequired[Sequence[str]]
    in_turns: NotRequired[bool]
    seed: NotRequired[int]
    reason: NotRequired[str]


class OrderTurned(TypedDict):
    """Hand out tasks, not for now, or not any more."""

    state: Literal["active", "paused", "closed"]


class ReviewGiven(TypedDict):
    """Accept annotations, or send them back with comments."""

    token: int
    accept: bool
    comments: NotRequired[Sequence[str]]


class Skip(TypedDict):
    """Why it is given back."""

    reason: str
    token: int


class Submit(TypedDict):
    """What was drawn; no marks where the frame holds nothing."""

    token: int
    marks: Sequence[MarkGiven]


class TakeTurn(TypedDict):
    """Which tasks; those that the role may have without."""

    kinds: NotRequired[Sequence[Literal["draw", "honeypot", "adjudicate", "review", "rework"]]]
    order: NotRequired[str]


class TaskAssigned(TypedDict):
    """Who alone may take a task; anybody where it is empty."""

    to: NotRequired[str]


class TrackGiven(TypedDict):
    """Key frames to add, to change, or with null to take away; others stay."""

    track: str
    frames: Sequence[str]
    keys: Mapping[str, MarkGiven | None]
    expected: NotRequired[Mapping[str, int]]
    guideline: NotRequired[str]
    reason: NotRequired[str]


class TrackKeys(TypedDict):
    """A track on some frames of one camera, in order of time, and its key frames."""

    track: str
    frames: Sequence[str]
    keys: Mapping[str, MarkGiven]
