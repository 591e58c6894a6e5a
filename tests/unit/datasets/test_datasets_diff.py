"""The difference of two versions."""

from __future__ import annotations

import pyarrow as pa

from ringroad.datasets.changes import differing
from ringroad.datasets.diff import DatasetDiff, Move, Shift, difference
from ringroad.datasets.manifest import version_from
from ringroad.datasets.version import build, header_of
from ringroad.domain.dataset import DatasetHeader
from ringroad.media.schemas import ANNOTATIONS, MANIFEST

HEADER = DatasetHeader(name="d", categories=("car",))


def version(*rows: tuple[str, str, str, str], header: DatasetHeader = HEADER) -> pa.Table:
    """Rows of frame, split, condition, annotations; each frame its own unit."""
    keys = ("frame_id", "split", "condition", "annotations")
    listed = [
        {**dict(zip(keys, row, strict=True)), "recording_id": "r", "unit": row[0], "weight": 1.0}
        for row in rows
    ]
    return build(header, pa.Table.from_pylist(listed, schema=MANIFEST))


def diff(before: pa.Table, after: pa.Table, boxes=None) -> DatasetDiff:
    """The difference of two versions that share nothing."""
    old, new = (version_from(header_of(part), part, ()) for part in (before, after))
    return difference(old, new, differing(before, after), boxes=boxes)


def boxes(**frames: int) -> pa.Table:
    fixed = {"x": 0, "y": 0, "w": 1, "h": 1, "light_state": "", "author": "", "source": "human"}
    return pa.Table.from_pylist(
        [
            {**fixed, "annotation_id": f"{f}{i}", "frame_id": f, "category": "car" if n else ""}
            for f, n in frames.items()
            for i in range(max(1, n))
        ],
        schema=ANNOTATIONS,
    )


BEFORE = version(("a", "train", "day", "1"), ("b", "train", "day", "2"), ("c", "val", "day", "3"))


def test_a_version_does_not_differ_from_itself() -> None:
    same = diff(BEFORE, BEFORE)
    assert same.empty
    assert same.frames == {
        "train": {"day": Shift(before=2, after=2)},
        "val": {"day": Shift(before=1, after=1)},
    }


def test_every_kind_of_change() -> None:
    after = version(
        ("b", "test", "day", "2"),
        ("c", "val", "dusk", "4"),
        ("d", "train", "night", "5"),
        header=DatasetHeader(name="d", categories=("car", "sign")),
    )
    found = diff(
        BEFORE,
        after,
        boxes=(boxes(a=2, b=1, c=0), boxes(b=1, c=3, d=0)),
    )
    assert not found.empty
    assert found.added == ("d",)
    assert found.removed == ("a",)
    assert found.moved == (Move(frame="b", before="train", after="test"),)
    assert found.reannotated == ("c",)
    assert found.regrouped == ("c",)
    assert found.frames["train"] == {
        "day": Shift(before=2, after=0),
        "night": Shift(before=0, after=1),
    }
    assert found.boxes == {
        "test": {"car": Shift(before=0, after=1)},
        "train": {"car": Shift(before=3, after=0)},
        "val": {"car": Shift(before=0, after=3)},
    }
    assert found.claims == {"categories": (("car",), ("car", "sign"))}


def test_boxes_are_counted_only_where_asked() -> None:
    after = version(("a", "train", "day", "9"), header=HEADER)
    assert diff(BEFORE, after).boxes == {}
