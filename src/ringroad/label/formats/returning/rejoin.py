"""Finds annotations again that left in a format and come back: what did not change stays as it was.

A format may not hold all of an annotation, and a tool may round. So an annotation that comes back
is compared in what the format can say; the rest is taken from the one that left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ringroad.domain.annotation import BOX, CUBOID, MASK, POINT
from ringroad.label.formats.outgoing.outgoing import Holds
from ringroad.label.formats.returning.unchanged import SAID, UNMOVED_PX, unchanged
from ringroad.label.rows import EMPTY
from ringroad.media.schemas import ANNOTATIONS

_UNMOVED = 1e-4
"""Points nearer than this are the same, in metres and radians; pixels have `UNMOVED_PX`."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejoined:
    """Rows of all frames that came back.

    Attributes:
        rows: what holds now; annotations that did not change are byte for byte what they were.
        changed: frames in which anything changed.
        kept: annotations that could not travel, and stay for that reason.
    """

    rows: pa.Table
    changed: tuple[str, ...]
    kept: int


def rejoin(came: pa.Table, before: pa.Table, holds: Holds) -> Rejoined:
    """Join what came back with what there was.

    An annotation is found by its id, else by its track, else by category and box. Those that are
    not found were removed, unless the format cannot hold them.

    Args:
        came: rows of a file.
        before: the current rows of the same frames, perhaps of fewer.
        holds: what the format of the file can say.
    """
    whole = unchanged(came, before, holds)
    still = pc.is_in(came["frame_id"], value_set=whole.frames)
    old = pc.is_in(before["frame_id"], value_set=whole.frames)
    left = frame_by_frame(came.filter(pc.invert(still)), before.filter(pc.invert(old)), holds)
    rows = pa.concat_tables([left.rows, before.filter(old)])
    return Rejoined(
        rows=rows.take(pc.sort_indices(rows["frame_id"])),  # rows of one frame keep their order
        changed=left.changed,
        kept=left.kept + whole.kept,
    )


def frame_by_frame(came: pa.Table, before: pa.Table, holds: Holds) -> Rejoined:
    """The same, however much changed; `rejoin` asks for the frames that did."""
    known = _by_frame(before)
    found: list[Row] = []
    changed: list[str] = []
    kept = 0
    for frame, rows in sorted(_by_frame(came).items()):
        if frame not in known:
            found += rows
            changed.append(frame)
            continue
        joined, same, stayed = _frame(rows, known[frame], holds)
        kept += stayed
        found += joined
        if not same:
            changed.append(frame)
    return Rejoined(
        rows=pa.Table.from_pylist(found, schema=ANNOTATIONS), changed=tuple(changed), kept=kept
    )


def _by_frame(rows: pa.Table) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows.to_pylist():
        found.setdefault(row["frame_id"], []).append(row)
    return found


def _frame(came: Sequence[Row], before: Sequence[Row], holds: Holds) -> tuple[list[Row], bool, int]:
    """Rows of one frame, whether they are as before, and how many stayed that could not travel."""
    marks = [row for row in came if row["category"] != EMPTY]
    old = {row["annotation_id"]: row for row in before if row["category"] != EMPTY}
    travels = {name: row for name, row in old.items() if _travels(row, holds)}
    pairs = _paired(marks, travels)
    rows = [_settled(row, mate, holds) for row, mate in pairs]
    staying = [row for name, row in old.items() if name not in travels]
    joined = [*rows, *staying]
    same = len(joined) == len(old) and all(
        row is mate for row, (_, mate) in zip(rows, pairs, strict=True)
    )
    if same:
        return list(before), True, len(staying)
    return joined or list(came), False, len(staying)


def _travels(row: Row, holds: Holds) -> bool:
    """Whether an export in the format would hold it."""
    elsewhere = bool(holds.spaces) and row["space"] not in {"", *holds.spaces}
    return row["shape"] in holds.shapes and not elsewhere


def _paired(came: Sequence[Row], before: dict[str, Row]) -> list[tuple[Row, Row | None]]:
    """Each row with the one that it was; the surest first, so that none takes another's."""
    left = dict(before)
    mates = [left.pop(row["annotation_id"], None) for row in came]
    for same in (_same_track, _alike):
        for place, row in enumerate(came):
            if mates[place] is None:
                name = next((name for name, old in left.items() if same(row, old)), "")
                mates[place] = left.pop(name, None)
    return list(zip(came, mates, strict=True))


def _same_track(row: Row, old: Row) -> bool:
    return bool(row["track_id"]) and row["track_id"] == old["track_id"]


def _alike(row: Row, old: Row) -> bool:
    if row["category"] != old["category"] or (row["shape"] == CUBOID) != (old["shape"] == CUBOID):
        return False
    points = row["shape"] != CUBOID or _near(row["points"], old["points"], _UNMOVED)
    return points and _same_box(row, old)


def _settled(row: Row, old: Row | None, holds: Holds) -> Row:
    """The old row where nothing changed; else the new one with what could not travel."""
    if old is None:
        return row
    if (
        row["category"] == old["category"]
        and _same_shape(row, old, holds)
        and _same_said(row, old, holds)
    ):
        return old
    settled = {**row, "annotation_id": old["annotation_id"]}
    for name in SAID:
        if name not in holds.fields:
            settled[name] = old[name]
    return settled


def _same_shape(row: Row, old: Row, holds: Holds) -> bool:
    if not _same_box(row, old):
        return False
    if row["shape"] != old["shape"]:
        return row["shape"] == BOX and holds.shapes.get(old["shape"]) != ""
    if row["shape"] == MASK:
        return bool(row["mask"] == old["mask"])
    near = _UNMOVED if row["shape"] == CUBOID else UNMOVED_PX
    if "parts" in holds.fields and row["parts"] != old["parts"]:
        return False
    return _near(row["points"], old["points"], near)


def _same_said(row: Row, old: Row, holds: Holds) -> bool:
    return all(row[name] == old[name] for name in SAID if name in holds.fields)


def _same_box(row: Row, old: Row) -> bool:
    if row["shape"] in {CUBOID, POINT} or old["shape"] in {CUBOID, POINT}:
        return True  # their points say it
    return all(abs(row[name] - old[name]) <= UNMOVED_PX for name in "xywh")


def _near(a: Sequence[float], b: Sequence[float], apart: float) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= apart for x, y in zip(a, b, strict=True))
