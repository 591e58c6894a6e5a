"""Verbs of datasets. Written by tools/openapi.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ringroad.client.shapes.datasets import (
    CardTold,
    DatasetDiffTold,
    DatasetLog,
    DatasetNamesTold,
    DatasetTold,
    EditedTold,
    FormatsTold,
    LooksTold,
    LossesTold,
    MarksTold,
    MergePreview,
    NamedTold,
    PageOfDatasetItem,
)
from ringroad.client.shapes.shared import FramePage, OperationTold
from ringroad.client.wire import Wire

if TYPE_CHECKING:
    import pyarrow as pa


class Datasets(Wire):
    """Verbs of datasets."""

    def list_datasets(
        self, *, limit: int | None = None, cursor: str | None = None, offset: int | None = None
    ) -> PageOfDatasetItem:
        """All versions, newest first, and the names that point at them."""
        found: PageOfDatasetItem = self._json(
            "GET", "/datasets", query={"limit": limit, "cursor": cursor, "offset": offset}
        )
        return found

    def show_dataset(self, id: str) -> DatasetTold:
        """What one version claims and holds; its ETag is what `If-Match` of an append takes."""
        found: DatasetTold = self._json("GET", "/datasets/{id}", path={"id": id})
        return found

    def append_dataset(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
        selection: str | None = None,
        labels: Sequence[str] | None = None,
        split: Literal["train", "val", "test"] | None = None,
        remove: Sequence[str] | None = None,
        reason: str | None = None,
        categories: Sequence[str] | None = None,
        test_fraction: float | None = None,
        unit: Literal["recording", "block"] | None = None,
        block: int | None = None,
        gap: int | None = None,
        seed: int | None = None,
    ) -> OperationTold:
        """Append a version: labelled frames of a selection, frames to take out."""
        found: OperationTold = self._json(
            "POST",
            "/datasets/{id}",
            path={"id": id},
            header={
                "if-match": if_match,
                "if-none-match": if_none_match,
                "Idempotency-Key": idempotency_key,
            },
            body={
                "selection": selection,
                "labels": labels,
                "split": split,
                "remove": remove,
                "reason": reason,
                "categories": categories,
                "test_fraction": test_fraction,
                "unit": unit,
                "block": block,
                "gap": gap,
                "seed": seed,
            },
        )
        return found

    def show_card(
        self, id: str, *, form: Literal["json", "html", "markdown"] | None = None
    ) -> CardTold:
        """The data card of a version: as values, as a page, or as Markdown."""
        found: CardTold = self._json(
            "GET", "/datasets/{id}/card", path={"id": id}, query={"form": form}
        )
        return found

    def diff_datasets(self, id: str, *, to: str) -> DatasetDiffTold:
        """What changed from this version to another."""
        found: DatasetDiffTold = self._json(
            "GET", "/datasets/{id}/diff", path={"id": id}, query={"to": to}
        )
        return found

    def show_dataset_log(self, id: str) -> DatasetLog:
        """A version and all that it descends from: a graph, parents after their children."""
        found: DatasetLog = self._json("GET", "/datasets/{id}/log", path={"id": id})
        return found

    def list_looks(self, id: str) -> LooksTold:
        """Every look at the test rows of a version: who, when, why; those of earlier versions too."""
        found: LooksTold = self._json("GET", "/datasets/{id}/looks", path={"id": id})
        return found

    def list_losses(
        self,
        id: str,
        *,
        format: str,
        split: Sequence[Literal["train", "val", "test"]] | None = None,
    ) -> LossesTold:
        """What an export to a format would write, and what that format cannot hold."""
        found: LossesTold = self._json(
            "GET",
            "/datasets/{id}/losses",
            path={"id": id},
            query={"format": format, "split": split},
        )
        return found

    def list_marks(self, id: str, *, frame: Sequence[str]) -> MarksTold:
        """Frames of a version with their row and their annotations, to be drawn on the picture."""
        found: MarksTold = self._json(
            "GET", "/datasets/{id}/marks", path={"id": id}, query={"frame": frame}
        )
        return found

    def show_merge(self, id: str, *, other: str, unrelated: bool | None = None) -> MergePreview:
        """What merging another dataset or version into this one would do, with its conflicts."""
        found: MergePreview = self._json(
            "GET",
            "/datasets/{id}/merge",
            path={"id": id},
            query={"other": other, "unrelated": unrelated},
        )
        return found

    def list_dataset_names(self, id: str) -> DatasetNamesTold:
        """A dataset's name and its tags: where they point, and where they pointed when."""
        found: DatasetNamesTold = self._json("GET", "/datasets/{id}/names", path={"id": id})
        return found

    def list_dataset_rows(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        offset: int | None = None,
    ) -> FramePage:
        """Frames of a version with split, unit, weight and annotations, by frame id."""
        found: FramePage = self._json(
            "GET",
            "/datasets/{id}/rows",
            path={"id": id},
            query={"limit": limit, "cursor": cursor, "offset": offset},
        )
        return found

    def list_dataset_rows_table(self, id: str) -> pa.Table:
        """Frames of a version with split, unit, weight and annotations, by frame id."""
        return self._table("GET", "/datasets/{id}/rows", path={"id": id})

    def branch_dataset(
        self,
        id: str,
        *,
        name: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
        at: str | None = None,
    ) -> NamedTold:
        """Begin another dataset at a version of this one; nothing is copied."""
        found: NamedTold = self._json(
            "POST",
            "/datasets/{id}:branch",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"name": name, "at": at},
        )
        return found

    def export_dataset(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
        format: str | None = None,
        width: int | None = None,
        height: int | None = None,
        splits: Sequence[Literal["train", "val", "test"]] | None = None,
    ) -> OperationTold:
        """Write a version as files in one archive; with test rows a look at them, by who asks."""
        found: OperationTold = self._json(
            "POST",
            "/datasets/{id}:export",
            path={"id": id},
            header={"Idempotency-Key": idempotency_key},
            body={"format": format, "width": width, "height": height, "splits": splits},
        )
        return found

    def lock_dataset(
        self,
        id: str,
        *,
        reason: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> EditedTold:
        """Lock the test rows: nothing changes them until `unlock`."""
        found: EditedTold = self._json(
            "POST",
            "/datasets/{id}:lock",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"reason": reason},
        )
        return found

    def merge_datasets(
        self,
        id: str,
        *,
        other: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
        unrelated: bool | None = None,
        take: Literal["ours", "theirs"] | None = None,
        rows: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
    ) -> OperationTold:
        """Merge another dataset or version into this one; nothing where a conflict is undecided."""
        found: OperationTold = self._json(
            "POST",
            "/datasets/{id}:merge",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={
                "other": other,
                "unrelated": unrelated,
                "take": take,
                "rows": rows,
                "header": header,
            },
        )
        return found

    def revert_dataset(
        self,
        id: str,
        *,
        version: str,
        reason: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> OperationTold:
        """Bring the rows of an earlier version back, as a new version; history stays."""
        found: OperationTold = self._json(
            "POST",
            "/datasets/{id}:revert",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"version": version, "reason": reason},
        )
        return found

    def tag_dataset(
        self,
        id: str,
        *,
        tag: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
        at: str | None = None,
        move: bool | None = None,
        reason: str | None = None,
    ) -> NamedTold:
        """Give a version of a dataset a name that stays: NAME@TAG."""
        found: NamedTold = self._json(
            "POST",
            "/datasets/{id}:tag",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"tag": tag, "at": at, "move": move, "reason": reason},
        )
        return found

    def unlock_dataset(
        self,
        id: str,
        *,
        reason: str,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> EditedTold:
        """Unlock the test rows; that it was done, and why, stays in the history."""
        found: EditedTold = self._json(
            "POST",
            "/datasets/{id}:unlock",
            path={"id": id},
            header={"if-match": if_match, "Idempotency-Key": idempotency_key},
            body={"reason": reason},
        )
        return found

    def list_formats(self) -> FormatsTold:
        """Formats that dataset versions are written in."""
        found: FormatsTold = self._json("GET", "/label-formats")
        return found

    def download_file(self, id: str) -> bytes:
        """The archive that an export wrote, with its list of losses; kept for seven days."""
        return self._bytes("GET", "/operations/{id}/file", path={"id": id})
