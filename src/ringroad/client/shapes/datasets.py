"""Shapes of datasets. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from ringroad.client.shapes.shared import AliasMove


class AppendDataset(TypedDict):
    """Labelled frames of a selection to put into a dataset, frames to take out of it."""

    selection: NotRequired[str | None]
    labels: NotRequired[Sequence[str]]
    split: NotRequired[Literal["train", "val", "test"]]
    remove: NotRequired[Sequence[str]]
    reason: NotRequired[str]
    categories: NotRequired[Sequence[str]]
    test_fraction: NotRequired[float]
    unit: NotRequired[Literal["recording", "block"]]
    block: NotRequired[int]
    gap: NotRequired[int]
    seed: NotRequired[int]


class BranchDataset(TypedDict):
    """Begin another dataset at a version."""

    name: str
    at: NotRequired[str | None]


class CardTold(TypedDict):
    """The data card as plain values."""

    cli: str
    card: Mapping[str, Any]


class DatasetDiffTold(TypedDict):
    """What changed between two versions."""

    cli: str
    before: str
    after: str
    counts: Mapping[str, int]
    frames: Mapping[str, Any]
    boxes: Mapping[str, Any]
    claims: Mapping[str, Any]
    added: Sequence[str]
    removed: Sequence[str]
    moved: Sequence[Mapping[str, str]]
    reannotated: Sequence[str]
    reweighted: Sequence[str]
    regrouped: Sequence[str]


class DatasetHeader(TypedDict):
    """What was annotated, where the frames come from, and what one unit is."""

    name: str
    categories: Sequence[str]
    tasks: NotRequired[Sequence[str]]
    unit: NotRequired[str]
    parents: NotRequired[Sequence[str]]
    query: NotRequired[str]
    synthetic: NotRequired[bool]
    locked: NotRequired[bool]


class DatasetItem(TypedDict):
    """A dataset version in a list."""

    id: str
    names: Sequence[str]
    header: DatasetHeader
    splits: Mapping[str, Mapping[str, int]]
    frames: int
    content: str
    parents: NotRequired[Sequence[str]]
    what: NotRequired[str]
    made_ns: NotRequired[int]


class DatasetLog(TypedDict):
    """Versions of a dataset as a graph, parents after their children."""

    cli: str
    versions: Sequence[Mapping[str, Any]]


class DatasetNamesTold(TypedDict):
    """A dataset's name and its tags, and where they pointed."""

    cli: str
    names: Mapping[str, str]
    moves: Sequence[AliasMove]


class DatasetTold(TypedDict):
    """One dataset version."""

    cli: str
    dataset: DatasetItem


class EditedTold(TypedDict):
    """What an edit came to."""

    cli: str
    dataset: str
    parent: str
    changed: bool


class ExportDataset(TypedDict):
    """Write a version as files, to be fetched once the operation is done."""

    format: NotRequired[str]
    width: NotRequired[int | None]
    height: NotRequired[int | None]
    splits: NotRequired[Sequence[Literal["train", "val", "test"]]]


class FormatItem(TypedDict):
    """A format that dataset versions are written in."""

    name: str
    title: str
    shapes: Sequence[str]
    fields: Sequence[str]
    verified: str


class FormatsTold(TypedDict):
    """Formats to export to."""

    cli: str
    formats: Sequence[FormatItem]


class FrameMarks(TypedDict):
    """A frame with what stands on it."""

    frame: str
    picture: str
    width: int
    height: int
    row: Mapping[str, Any] | None
    marks: Sequence[Mapping[str, Any]] | None


class LockDataset(TypedDict):
    """Why test rows are locked, or unlocked."""

    reason: str


class Look(TypedDict):
    """One look at the test rows of a version."""

    version: str
    at_ns: int
    who: str
    why: str
    frames: int
    test: str


class LooksTold(TypedDict):
    """Looks at test rows."""

    cli: str
    locked: bool
    test: str
    looks: Sequence[Look]


class LossItem(TypedDict):
    """One kind of thing that a format cannot hold."""

    what: str
    count: int
    why: str
    becomes: str
    examples: Sequence[str]


class LossesTold(TypedDict):
    """What an export would write, and lose."""

    cli: str
    format: str
    annotations: int
    pictures: int
    losses: Sequence[LossItem]


class MarksTold(TypedDict):
    """Frames of a version with their annotations."""

    cli: str
    dataset: str
    frames: Sequence[FrameMarks]


class MergeDatasets(TypedDict):
    """Merge another dataset or version; every conflict takes a side, cells, or goes."""

    other: str
    unrelated: NotRequired[bool]
    take: NotRequired[Literal["ours", "theirs"] | None]
    rows: NotRequired[Mapping[str, Any]]
    header: NotRequired[Mapping[str, Any]]


class MergePreview(TypedDict):
    """What merging another version into a dataset would do. Nothing is written."""

    cli: str
    ours: str
    theirs: str
    base: Sequence[str]
    already: bool
    forward: bool
    put: int
    removed: int
    conflicts: int
    rows: Sequence[Mapping[str, Any]]
    header: Sequence[Mapping[str, Any]]
    hindrance: str


class NamedTold(TypedDict):
    """A name of a dataset version."""

    cli: str
    name: str
    dataset: str


class PageOfDatasetItem(TypedDict):
    """A shape."""

    cli: str
    items: Sequence[DatasetItem]
    count: int
    offset: int
    version: str
    next: str | None
    cursor: str


class RevertDataset(TypedDict):
    """Bring the rows of an earlier version back."""

    version: str
    reason: str


class TagDataset(TypedDict):
    """Give a version a name that stays."""

    tag: str
    at: NotRequired[str | None]
    move: NotRequired[bool]
    reason: NotRequired[str]
