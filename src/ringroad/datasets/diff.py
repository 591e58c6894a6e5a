"""Says what changed from one dataset version to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from ringroad.datasets.version import header_of
from ringroad.domain.canonical import canonical_json
from ringroad.domain.ids import FrameId

_Rows = Mapping[FrameId, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A frame that changed its split."""

    frame: FrameId
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A count before and after."""

    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetDiff:
    """All differences at manifest level, frames in ascending order."""

    added: tuple[FrameId, ...]
    removed: tuple[FrameId, ...]
    moved: tuple[Move, ...]
    reannotated: tuple[FrameId, ...]
    """In both, with another batch of annotations."""
    reweighted: tuple[FrameId, ...]
    regrouped: tuple[FrameId, ...]
    """In both, with another unit or another condition."""
    frames: Mapping[str, Mapping[str, Shift]]
    """Split -> condition -> frames."""
    boxes: Mapping[str, Mapping[str, Shift]]
    """Split -> category -> boxes; empty where no annotations were handed in."""
    claims: Mapping[str, tuple[object, object]]
    """Fields of the header that differ, before and after."""

    @property
    def empty(self) -> bool:
        """Whether the rows are the same."""
        changes = (self.added, self.removed, self.moved, self.reannotated)
        return not any((*changes, self.reweighted, self.regrouped))


def diff(
    before: pa.Table,
    after: pa.Table,
    *,
    annotations_before: pa.Table | None = None,
    annotations_after: pa.Table | None = None,
) -> DatasetDiff:
    """Compare two dataset versions.

    Args:
        before: a version.
        after: another one.
        annotations_before: rows of `schemas.ANNOTATIONS` of the first, to count boxes.
        annotations_after: of the second; boxes are counted where both are handed in.
    """
    old, new = _by_frame(before), _by_frame(after)
    both = sorted(old.keys() & new.keys())
    return DatasetDiff(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        moved=tuple(
            Move(frame=f, before=old[f]["split"], after=new[f]["split"])
            for f in both
            if old[f]["split"] != new[f]["split"]
        ),
        reannotated=_changed(old, new, "annotations"),
        reweighted=_changed(old, new, "weight"),
        regrouped=_changed(old, new, "unit", "condition"),
        frames=_shifts(_count_frames(old), _count_frames(new)),
        boxes=_shifts(
            *(
                (_count_boxes(old, annotations_before), _count_boxes(new, annotations_after))
                if annotations_before is not None and annotations_after is not None
                else (Counter(), Counter())
            )
        ),
        claims=_claims(before, after),
    )


def to_json(difference: DatasetDiff) -> bytes:
    """Canonical JSON."""
    return canonical_json(difference)


def _by_frame(version: pa.Table) -> _Rows:
    return {row["frame_id"]: row for row in version.to_pylist()}


def _changed(old: _Rows, new: _Rows, *columns: str) -> tuple[FrameId, ...]:
    """Frames of both in which any of the columns differs."""
    both = sorted(old.keys() & new.keys())
    return tuple(f for f in both if any(old[f][c] != new[f][c] for c in columns))


def _count_frames(rows: _Rows) -> Counter[tuple[str, str]]:
    return Counter((row["split"], row["condition"]) for row in rows.values())


def _count_boxes(rows: _Rows, annotations: pa.Table | None) -> Counter[tuple[str, str]]:
    """(split, category) -> boxes of frames of the version; empty frames count nothing."""
    counts: Counter[tuple[str, str]] = Counter()
    if annotations is None:
        return counts
    for frame, category in zip(
        annotations["frame_id"].to_pylist(), annotations["category"].to_pylist(), strict=True
    ):
        if category and frame in rows:
            counts[rows[frame]["split"], category] += 1
    return counts


def _shifts(
    before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]
) -> dict[str, dict[str, Shift]]:
    found: dict[str, dict[str, Shift]] = {}
    for split, what in sorted(before.keys() | after.keys()):
        shift = Shift(before=before[split, what], after=after[split, what])
        found.setdefault(split, {})[what] = shift
    return found


def _claims(before: pa.Table, after: pa.Table) -> dict[str, tuple[object, object]]:
    old, new = header_of(before), header_of(after)
    names = [name for name in type(old).__dataclass_fields__ if name != "parents"]
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
