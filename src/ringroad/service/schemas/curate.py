"""Bodies about searches, selections and datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ringroad.domain.dataset import DatasetHeader
from ringroad.service.schemas.bodies import Count, Given, Long, Name, PageOf, Told


class SearchPage(PageOf[Mapping[str, Any]]):
    """Frames that a search found."""

    query: str = Field(description="In canonical words.")
    matched: Count = Field(description="Frames that hold the query; a ranking may end before.")
    searched: Count
    notes: Sequence[str]
    explain: Mapping[str, Any] | None


class SuggestionItem(BaseModel):
    """A word that may stand at the cursor."""

    text: str
    kind: str
    says: str
    start: int
    end: int


class Suggestions(Told):
    """Words that may stand at the cursor."""

    suggestions: Sequence[SuggestionItem]


class SelectionItem(BaseModel):
    """A selection in a list."""

    name: str
    living: bool
    frames: int | None = Field(description="Null where it is what a query finds.")
    query: str
    id: str


class SelectionTold(PageOf[str]):
    """One selection, with some of its frames."""

    id: str
    living: bool
    query: str
    parents: Sequence[str]
    reason: str


class SaveSelection(Given):
    """Keep what a query finds."""

    name: Name
    query: Long = ""
    like: Annotated[str, Field(max_length=500)] = ""
    text: Annotated[str, Field(max_length=500)] = ""
    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    living: bool = Field(False, description="Keep the query, not its answer.")


class AddFrames(Given):
    """Frames to add by hand."""

    frames: Annotated[tuple[Name, ...], Field(min_length=1, max_length=10_000)]
    reason: Annotated[str, Field(max_length=1000)] = ""


class DatasetItem(BaseModel):
    """A dataset version in a list."""

    id: str
    names: Sequence[str]
    header: DatasetHeader
    splits: Mapping[str, Mapping[str, int]] = Field(description="Split -> condition -> frames.")
    frames: Count
    content: str = Field(description="Equal for equal rows, whatever their history.")
    parents: Sequence[str] = Field((), description="Versions that it continues.")
    what: str = Field("", description="What was done: create, append, merge, revert ...")
    made_ns: int = Field(0, description="0 where the catalog does not know.")


class DatasetTold(Told):
    """One dataset version."""

    dataset: DatasetItem


class DatasetLog(Told):
    """Versions of a dataset as a graph, parents after their children."""

    versions: Sequence[Mapping[str, Any]]


class DatasetDiffTold(Told):
    """What changed between two versions."""

    before: str
    after: str
    counts: Mapping[str, int]
    frames: Mapping[str, Any] = Field(description="Split -> condition -> before and after.")
    boxes: Mapping[str, Any] = Field(description="Split -> category -> before and after.")
    claims: Mapping[str, Any]
    added: Sequence[str] = Field(description="Up to 1,000 of them; `counts` counts all.")
    removed: Sequence[str]
    moved: Sequence[Mapping[str, str]] = Field(description="Frame, with its split before, after.")
    reannotated: Sequence[str] = Field(description="In both, with other annotations.")
    reweighted: Sequence[str]
    regrouped: Sequence[str] = Field(description="In both, of another unit or condition.")


class AppendDataset(Given):
    """Labelled frames of a selection to put into a dataset, frames to take out of it."""

    selection: Name | None = Field(None, description="A selection, a recording, or `all`.")
    labels: Annotated[tuple[Name, ...], Field(max_length=100)] = Field(
        (), description="Batches of annotations; the current ones of each frame without."
    )
    split: Literal["train", "val", "test"] = Field("train", description="Of new units.")
    remove: Annotated[tuple[Name, ...], Field(max_length=100_000)] = ()
    reason: Annotated[str, Field(max_length=1000)] = ""
    categories: Annotated[tuple[Name, ...], Field(max_length=100)] = Field(
        (), description="Of a new dataset: what was looked for."
    )
    test_fraction: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.2, description="Of a new dataset: share of its units that are kept for the test."
    )
    unit: Literal["recording", "block"] = Field("recording", description="Of a new dataset.")
    block: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    gap: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
