"""Shapes of curate. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict


class AddFrames(TypedDict):
    """Frames to add by hand."""

    frames: Sequence[str]
    reason: NotRequired[str]


class Compared(TypedDict):
    """Two selections side by side."""

    cli: str
    names: Sequence[str]
    frames: Sequence[int]
    recordings: Sequence[int]
    shared_frames: int
    shared_recordings: int
    composition: Mapping[str, Mapping[str, Sequence[int]]]
    cells: Sequence[Mapping[str, Any]]
    likeness: NotRequired[Mapping[str, Any] | None]


class CoverageTold(TypedDict):
    """What frames cover of the operational domain, and what is missing."""

    cli: str
    what: str
    frames: int
    recordings: int
    unit: str
    unknown: Mapping[str, float]
    attributes: Sequence[Mapping[str, Any]]
    cells: Sequence[Mapping[str, Any]]
    single: Mapping[str, int]
    pairs: Mapping[str, int]
    gaps: Sequence[Mapping[str, Any]]
    against: NotRequired[str]
    holes: NotRequired[Sequence[Mapping[str, Any]]]
    campaign: str
    no_trigger_for: Sequence[str]


class MapTold(TypedDict):
    """Frames on a plane; all lists are in one order."""

    cli: str
    space: str
    matched: int
    embedded: int
    shares: Sequence[float]
    colour: str
    names: Sequence[str]
    codes: Sequence[int]
    x: Sequence[float]
    y: Sequence[float]
    stems: Sequence[str]
    stem: Sequence[int]
    sequence: Sequence[int]


class PageOfSelectionItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[SelectionItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class SaveSelection(TypedDict):
    """Keep what a query finds."""

    name: str
    query: NotRequired[str]
    like: NotRequired[str]
    text: NotRequired[str]
    limit: NotRequired[int | None]
    living: NotRequired[bool]


class SearchPage(TypedDict):
    """Frames that a search found."""

    cli: str
    items: Sequence[Mapping[str, Any]]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str
    query: str
    matched: int
    searched: int
    notes: Sequence[str]
    explain: Mapping[str, Any] | None


class SelectionItem(TypedDict):
    """A selection in a list."""

    name: str
    living: bool
    frames: int | None
    query: str
    id: str


class SelectionTold(TypedDict):
    """One selection, with some of its frames."""

    cli: str
    items: Sequence[str]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str
    id: str
    living: bool
    query: str
    parents: Sequence[str]
    reason: str


class SuggestionItem(TypedDict):
    """A word that may stand at the cursor."""

    text: str
    kind: str
    says: str
    start: int
    end: int


class Suggestions(TypedDict):
    """Words that may stand at the cursor."""

    cli: str
    suggestions: Sequence[SuggestionItem]


class ThinSelection(TypedDict):
    """Leave near-duplicates out of a selection; the earliest of each stays."""

    name: str
    save: str
    radius: NotRequired[float]
    within_recording: NotRequired[bool]
    against: NotRequired[str]
