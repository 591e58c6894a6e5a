"""Queries by columns and by likeness; what an expression must not be able to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringroad.curate.query import more_like, query_frames
from ringroad.domain.errors import UnknownName, UsageError
from ringroad.domain.ids import FrameId
from ringroad.media.schemas import embeddings

FRAMES = pa.table(
    {
        "frame_id": ["d", "c", "b", "a"],
        "condition": ["night", "day", "night", None],
        "speed_mps": pa.array([3.0, 9.0, 12.0, 12.0], pa.float32()),
    }
)


def ids(table: pa.Table) -> list[str]:
    return table["frame_id"].to_pylist()


def test_columns_order_and_limit() -> None:
    assert ids(query_frames(FRAMES, "condition = 'night' AND speed_mps > 5")) == ["b"]
    assert ids(query_frames(FRAMES, "")) == ["a", "b", "c", "d"]
    assert ids(query_frames(FRAMES, "true", order="speed_mps DESC", limit=3)) == ["a", "b", "c"]
    assert query_frames(FRAMES, "speed_mps > 99").schema == FRAMES.schema


def test_other_tables_may_be_looked_into() -> None:
    wet = pa.table({"frame_id": ["b", "c"], "speed_mps": [12.0, 1.0]})
    beside = {"wet": wet}
    inside = "frame_id IN (SELECT frame_id FROM wet)"
    assert ids(query_frames(FRAMES, inside, beside=beside)) == ["b", "c"]
    same = "EXISTS (SELECT 1 FROM wet w WHERE w.frame_id = frames.frame_id AND w.speed_mps > 5)"
    assert ids(query_frames(FRAMES, same, beside=beside)) == ["b"]
    with pytest.raises(UsageError):
        query_frames(FRAMES, inside)


@pytest.mark.parametrize(
    "where",
    [
        "brihtness > 1",
        "speed_mps >",
        "true) UNION SELECT * FROM frames --",
        "true; DROP TABLE frames",
        "speed_mps = 'fast'",
        "sum(speed_mps) > 1",
    ],
)
def test_a_bad_expression_names_the_columns(where: str) -> None:
    with pytest.raises(UsageError, match="columns: frame_id, condition, speed_mps") as raised:
        query_frames(FRAMES, where)
    assert where in str(raised.value)


def test_a_bad_order_is_an_error() -> None:
    for order in ("nothing", "speed_mps; SELECT 1"):
        with pytest.raises(UsageError):
            query_frames(FRAMES, "true", order=order)


def test_an_expression_reaches_nothing_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("frame_id\na\n")
    hidden = pa.table({"frame_id": ["a"]})
    assert len(hidden) == 1
    for source in (
        f"read_csv('{secret}')",
        f"read_text('{secret}')",
        f"'{secret}'",
        "read_text('https://example.org/')",
        "hidden",
    ):
        with pytest.raises(UsageError):
            query_frames(FRAMES, f"frame_id IN (FROM {source})")
    assert len(query_frames(FRAMES, "frame_id IN (VALUES ('a'))")) == 1


def vectors_of(points: dict[str, list[float]]) -> pa.Table:
    size = len(next(iter(points.values())))
    return pa.table(
        {"frame_id": list(points), "vector": list(points.values())}, schema=embeddings(size)
    )


def test_nearest_first_without_the_example_itself() -> None:
    table = vectors_of({"a": [0, 0], "b": [3, 4], "c": [1, 0], "d": [0, 1]})
    found = more_like(table, FrameId("a"), limit=3)
    assert ids(found) == ["c", "d", "b"]
    assert found["distance"].to_pylist() == [1.0, 1.0, 25.0]
    assert ids(more_like(table, FrameId("a"), limit=3, among=[FrameId("b"), FrameId("x")])) == ["b"]
    assert ids(more_like(table, np.array([3, 4]), limit=1)) == ["b"]


def test_an_unknown_example() -> None:
    with pytest.raises(UnknownName, match="nowhere"):
        more_like(vectors_of({"a": [0, 0]}), FrameId("nowhere"), limit=1)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**32))
def test_exact_against_sorting_everything(count: int, seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    points = rng.integers(-5, 6, size=(count, 3)).astype(np.float32)
    table = vectors_of({f"{i:03d}": list(p) for i, p in enumerate(points)})
    target = rng.integers(-5, 6, size=3).astype(np.float32)
    expected = sorted(((p - target) ** 2).sum() for p in points)[:7]
    assert more_like(table, target, limit=7)["distance"].to_pylist() == expected
