"""Bodies about names, merges, exports, cards and looks of dataset versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ringroad.domain.artifact import AliasMove
from ringroad.pipelines.datasets.looks import Look
from ringroad.service.schemas.bodies import Count, Given, Name, Told

Reason = Annotated[str, Field(min_length=1, max_length=1000)]
Side = Literal["ours", "theirs"]
Split = Literal["train", "val", "test"]
Cells = Annotated[Mapping[Name, str | float], Field(min_length=1, max_length=10)]


class BranchDataset(Given):
    """Begin another dataset at a version."""

    name: Name
    at: Name | None = Field(None, description="A version; the current one without.")


class TagDataset(Given):
    """Give a version a name that stays."""

    tag: Name
    at: Name | None = Field(None, description="A version; the current one without.")
    move: bool = Field(False, description="From another version, where it stands for one.")
    reason: Annotated[str, Field(max_length=1000)] = ""


class RevertDataset(Given):
    """Bring the rows of an earlier version back."""

    version: Name
    reason: Reason


class LockDataset(Given):
    """Why test rows are locked, or unlocked."""

    reason: Reason


class NamedTold(Told):
    """A name of a dataset version."""

    name: str
    dataset: str


class EditedTold(Told):
    """What an edit came to."""

    dataset: str
    parent: str
    changed: bool


class DatasetNamesTold(Told):
    """A dataset's name and its tags, and where they pointed."""

    names: Mapping[str, str] = Field(description="Name or tag -> the version it points at now.")
    moves: Sequence[AliasMove] = Field(description="Oldest first.")


class LooksTold(Told):
    """Looks at test rows."""

    locked: bool
    test: str = Field(description="Identity of the test rows as they are; empty without any.")
    looks: Sequence[Look]


class MergePreview(Told):
    """What merging another version into a dataset would do. Nothing is written."""

    ours: str
    theirs: str
    base: Sequence[str] = Field(description="Common versions; several where histories crossed.")
    already: bool = Field(description="The dataset holds the other version already.")
    forward: bool = Field(description="The other continues this one: the name moves on.")
    put: Count = Field(description="Rows that come over by themselves.")
    removed: Count = Field(description="Frames that go by themselves.")
    conflicts: Count
    rows: Sequence[Mapping[str, Any]] = Field(description="Conflicts, up to 1,000 of them.")
    header: Sequence[Mapping[str, Any]] = Field(description="Claims that are in conflict.")
    hindrance: str = Field(description="Why it would be refused whatever is decided; or empty.")


class MergeDatasets(Given):
    """Merge another dataset or version; every conflict takes a side, cells, or goes."""

    other: Name
    unrelated: bool = Field(False, description="Though they have no version in common.")
    take: Side | None = Field(None, description="Of conflicts that are not decided one by one.")
    rows: Annotated[
        Mapping[Name, Literal["ours", "theirs", "remove"] | Cells], Field(max_length=100_000)
    ] = Field({}, description="Frame -> the side, `remove`, or cells with their values.")
    header: Annotated[Mapping[Name, Side], Field(max_length=10)] = {}


class ExportDataset(Given):
    """Write a version as files, to be fetched once the operation is done."""

    format: Name = Field("folder", description="Of `/label-formats`, or `folder`.")
    width: Annotated[int, Field(ge=16, le=8192)] | None = Field(
        None, description="Of the pictures of `folder`, with `height`; as decoded without."
    )
    height: Annotated[int, Field(ge=16, le=8192)] | None = None
    splits: Annotated[tuple[Split, ...], Field(min_length=1, max_length=3)] = Field(
        ("train", "val", "test"), description="Taking test frames out is a look at them."
    )


class LossItem(BaseModel):
    """One kind of thing that a format cannot hold."""

    what: str
    count: Count
    why: str
    becomes: str = Field(description="What stands in its place; empty where nothing does.")
    examples: Sequence[str]


class LossesTold(Told):
    """What an export would write, and lose."""

    format: str
    annotations: Count
    pictures: Count
    losses: Sequence[LossItem]


class FormatItem(BaseModel):
    """A format that dataset versions are written in."""

    name: str
    title: str
    shapes: Sequence[str] = Field(description="That it holds as they are.")
    fields: Sequence[str]
    verified: str = Field(description="What it was checked against; empty for nothing.")


class FormatsTold(Told):
    """Formats to export to."""

    formats: Sequence[FormatItem]


class CardTold(Told):
    """The data card as plain values."""

    card: Mapping[str, Any]


class FrameMarks(BaseModel):
    """A frame with what stands on it."""

    frame: str
    picture: str
    width: Count = Field(description="As recorded, in pixels, as are all boxes.")
    height: Count
    row: Mapping[str, Any] | None = Field(description="Null where the version has no such frame.")
    marks: Sequence[Mapping[str, Any]] | None


class MarksTold(Told):
    """Frames of a version with their annotations."""

    dataset: str
    frames: Sequence[FrameMarks]
