"""Says what changed from one dataset version to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.datasets.changes import Changes, within
from ringroad.datasets.manifest import Version
from ringroad.domain.ids import FrameId


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
    """Split -> condition -> frames, of the whole versions."""
    boxes: Mapping[str, Mapping[str, Shift]]
    """Split -> category -> annotations on the frames that differ; empty where not counted."""
    claims: Mapping[str, tuple[object, object]]
    """Fields of the header that differ, before and after."""

    @property
    def empty(self) -> bool:
        """Whether the rows are the same."""
        changes = (self.added, self.removed, self.moved, self.reannotated)
        return not any((*changes, self.reweighted, self.regrouped))


def difference(
    before: Version,
    after: Version,
    found: Changes,
    *,
    boxes: tuple[pa.Table, pa.Table] | None = None,
) -> DatasetDiff:
    """Sort what changed.

    Args:
        before: a version.
        after: another one.
        found: the rows that differ.
        boxes: `frame_id` and `category` of the annotations of those rows, before and after.
    """
    old, new = (set(part["frame_id"].to_pylist()) for part in (found.before, found.after))
    left = within(found.before, found.after["frame_id"])
    right = within(found.after, found.before["frame_id"])
    moved = pc.not_equal(left["split"], right["split"])
    return DatasetDiff(
        added=tuple(sorted(new - old)),
        removed=tuple(sorted(old - new)),
        moved=tuple(
            Move(frame=frame, before=split, after=to)
            for frame, split, to in zip(
                *(part.filter(moved)[name].to_pylist() for part, name in (
                    (left, "frame_id"), (left, "split"), (right, "split"))),
                strict=True,
            )
        ),
        reannotated=_differ(left, right, "annotations"),
        reweighted=_differ(left, right, "weight"),
        regrouped=_differ(left, right, "unit", "condition", "recording_id"),
        frames=_shifts(_flat(before.counts), _flat(after.counts)),
        boxes=_shifts(
            *(
                (_count_boxes(found.before, boxes[0]), _count_boxes(found.after, boxes[1]))
                if boxes is not None
                else (Counter(), Counter())
            )
        ),
        claims=_claims(before, after),
    )  # fmt: skip


def _differ(left: pa.Table, right: pa.Table, *columns: str) -> tuple[FrameId, ...]:
    """Frames in which any of the columns differs, of two tables of the same frames."""
    mask = pc.not_equal(left[columns[0]], right[columns[0]])
    for name in columns[1:]:
        mask = pc.or_(mask, pc.not_equal(left[name], right[name]))
    return tuple(left.filter(mask)["frame_id"].to_pylist())


def _flat(counts: Mapping[str, Mapping[str, int]]) -> Counter[tuple[str, str]]:
    return Counter(
        {(split, name): count for split, parts in counts.items() for name, count in parts.items()}
    )


def _count_boxes(rows: pa.Table, marks: pa.Table) -> Counter[tuple[str, str]]:
    """(split, category) -> annotations; empty frames count nothing."""
    split = dict(zip(rows["frame_id"].to_pylist(), rows["split"].to_pylist(), strict=True))
    pairs = zip(marks["frame_id"].to_pylist(), marks["category"].to_pylist(), strict=True)
    return Counter((split[frame], name) for frame, name in pairs if name and frame in split)


def _shifts(
    before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]
) -> dict[str, dict[str, Shift]]:
    found: dict[str, dict[str, Shift]] = {}
    for split, what in sorted(before.keys() | after.keys()):
        shift = Shift(before=before[split, what], after=after[split, what])
        found.setdefault(split, {})[what] = shift
    return found


def _claims(before: Version, after: Version) -> dict[str, tuple[object, object]]:
    old, new = asdict(before.header), asdict(after.header)
    return {
        name: (old[name], new[name]) for name in old if name != "parents" and old[name] != new[name]
    }
