"""Dataset versions: headers that travel, rows that are checked."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from ringroad.datasets.version import build, header_of
from ringroad.domain.dataset import DatasetHeader
from ringroad.domain.errors import DigestMismatch, InputError
from ringroad.domain.ids import ArtifactId
from ringroad.media.arrow import from_bytes, to_bytes
from ringroad.media.schemas import MANIFEST

HEADER = DatasetHeader(name="night", categories=("car", "light"), tasks=("boxes", "light_state"))
PARENT = ArtifactId("dataset:0")


def manifest(*frames: str, **columns: object) -> pa.Table:
    """Rows of frames `unit/number`, all in train unless said otherwise."""
    fixed: Mapping[str, object] = {
        "split": "train",
        "condition": "day",
        "annotations": "x",
        "weight": 1.0,
    }
    return pa.Table.from_pylist(
        [
            {**fixed, "frame_id": f, "recording_id": f[:1], "unit": f.split("/")[0], **columns}
            for f in frames
        ],
        schema=MANIFEST,
    )


def test_rows_are_ordered_and_the_header_travels() -> None:
    version = build(HEADER, manifest("b/1", "a/2", "a/1"))
    assert version["frame_id"].to_pylist() == ["a/1", "a/2", "b/1"]
    again = from_bytes(to_bytes(version))
    assert header_of(again) == HEADER
    assert to_bytes(build(HEADER, manifest("a/1", "a/2", "b/1"))) == to_bytes(version)


def test_a_table_without_a_header_is_no_version() -> None:
    with pytest.raises(DigestMismatch, match="no header"):
        header_of(manifest("a/1"))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (manifest("a/1", "a/1"), "a/1: 1 frames stand in the rows more than once"),
        (manifest("a/1", split="dev"), "unknown split 'dev'"),
        (
            pa.concat_tables([manifest("a/1"), manifest("a/2", split="test")]),
            "a: lies in more than one split: test, train",
        ),
        (manifest("a/1", weight=float("nan")), "a/1: a weight of nan"),
        (manifest("a/1", weight=-1.0), "a/1: a weight of -1.0"),
        (manifest(""), "names no frame"),
    ],
)
def test_contradictory_rows_are_refused(rows: pa.Table, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(HEADER, rows)


@pytest.mark.parametrize("fields", [{"categories": ()}, {"tasks": ("boxes", "depth")}])
def test_a_header_says_what_was_annotated(fields: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match=r"categories|depth"):
        DatasetHeader(**{"name": "x", "categories": ("car",), **fields})
