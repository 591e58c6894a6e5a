"""Selections: made, combined, written, read."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringroad.curate.selection import (
    by_hand,
    by_query,
    from_bytes,
    identity,
    minus,
    to_bytes,
    union,
)
from ringroad.domain.errors import InputError
from ringroad.domain.ids import ArtifactId, FrameId
from ringroad.domain.selection import Selection

frame_ids = st.lists(st.text(min_size=1, max_size=5).map(FrameId), unique=True, max_size=8)


def hand(*frames: str) -> Selection:
    return by_hand([FrameId(frame) for frame in frames])


def test_by_hand_keeps_order_and_drops_repeats() -> None:
    assert hand("b", "a", "b").frames == ("b", "a")
    with pytest.raises(ValueError, match="once"):
        Selection(frames=(FrameId("a"), FrameId("a")))


def test_by_query_says_how() -> None:
    frames = pa.table({"frame_id": ["a", "b", "c"], "brightness": [0.5, 0.1, 0.2]})
    parent = ArtifactId("frames:0")
    found = by_query(frames, "brightness < 0.3", order="brightness", limit=5, parents=[parent])
    assert found.frames == ("b", "c")
    assert found.query == "brightness < 0.3 ORDER BY brightness LIMIT 5"
    assert found.parents == (parent,)


def test_union_and_minus_name_their_parents() -> None:
    first, second = hand("a", "b"), hand("c", "b")
    assert union(first, second).frames == ("a", "b", "c")
    assert minus(first, second).frames == ("a",)
    assert union(first, second).parents == (identity(first), identity(second))


@given(frame_ids, st.text(), st.text())
def test_bytes_and_back(frames: list[FrameId], query: str, reason: str) -> None:
    made = Selection(frames=tuple(frames), query=query, reason=reason)
    try:
        data = to_bytes(made)
    except UnicodeEncodeError:  # a lone surrogate is no text
        return
    assert from_bytes(data) == made
    assert to_bytes(from_bytes(data)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"frames":[1],"parents":[],"query":"","reason":""}',
        b"\xff",
        b"[" * 9999,
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not a selection"):
        from_bytes(data)
